/** The usage of a whole job, by driver: its start, its workers and its end. Pure. */
import type { Chains } from "./chains";
import { CHAINS_PER_REQUEST, END, SPARK, START, WORKFLOW_ROUND } from "./model";
import { addUsage, type Usage } from "./usage";

const MEGABYTES_PER_GIGABYTE = 1024;

export function queueUsage({ workers, usage }: Chains): Usage {
  const messages = { queueRequests: Math.ceil(workers / CHAINS_PER_REQUEST) };
  return rounded(addUsage(invoked(START), messages, END, usage));
}

/** State transitions are added separately. */
export function workflowUsage({ usage }: Chains): Usage {
  return rounded(addUsage(invoked(START), invoked(WORKFLOW_ROUND), END, usage));
}

/** @param requests of the tasks, whose time is Glue's. */
export function sparkUsage(requests: Usage): Usage {
  return rounded(addUsage(invoked(START), invoked(SPARK.end), END, requests));
}

/** Usage of functions, from their seconds and their memory. */
function invoked(of: { readonly seconds: number; readonly memoryMegabytes: number } & Partial<Usage>): Partial<Usage> {
  const { seconds, memoryMegabytes, ...rest } = of;
  return { ...rest, billedMs: 1000 * seconds, gigabyteSeconds: (seconds * memoryMegabytes) / MEGABYTES_PER_GIGABYTE };
}

/** Fractions of a request would pretend to a precision that the model doesn't have. */
function rounded({ gigabyteSeconds, ...counts }: Usage): Usage {
  const whole = Object.entries(counts).map(([name, count]) => [name, Math.round(count)]);
  return { ...(Object.fromEntries(whole) as typeof counts), gigabyteSeconds: Math.round(100 * gigabyteSeconds) / 100 };
}
