import type { Faults } from "./faults";
import { draw, shuffled } from "./random";

/** A batch and how long it is held back. */
export interface DelayedBatch<T> {
  messages: T[];
  afterMs: number;
}

/**
 * The deliveries that an event source mapping makes of a batch: the batch itself, shuffled or with some messages left for
 * later, and further batches of the messages that are delivered twice or late.
 */
export function deliveries<T>(faults: Faults, queueUrl: string, batch: T[]): DelayedBatch<T>[] {
  const occasion = { service: "eventSourceMapping", resource: queueUrl, byRole: true, inside: true } as const;
  const onTime: T[] = [];
  const extra: DelayedBatch<T>[] = [];
  for (const message of batch) {
    const struck = faults.strike({ ...occasion, action: "Deliver" });
    const late = struck.find(({ fault }) => fault.kind === "late");
    if (late?.fault.kind === "late") extra.push({ messages: [message], afterMs: draw(late.fault.ms, late.random) });
    else onTime.push(message);
    if (struck.some(({ fault }) => fault.kind === "duplicate")) extra.push({ messages: [message], afterMs: 0 });
  }
  const reorder = faults.strike({ ...occasion, action: "Batch" }).find(({ fault }) => fault.kind === "reorder");
  const messages = reorder ? shuffled(onTime, reorder.random) : onTime;
  return [...(messages.length > 0 ? [{ messages, afterMs: 0 }] : []), ...extra];
}
