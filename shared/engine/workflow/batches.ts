/** A turn at a batch of numbers: a step for each, one after the other, by one worker. See numbers.ts. */
import type { BatchStep, BatchTask } from "../../drivers/driver";
import type { ChainWorkOptions } from "../heldChain";
import { tablesCheck } from "../tablesCheck";
import { handleNumber } from "./numbers";

export interface BatchOptions extends ChainWorkOptions {
  /** No further unit is begun after it, milliseconds since the epoch. */
  readonly stopAt: number;
}

/** A number that is not done, and when its next step is due, milliseconds since the epoch. */
interface Left {
  readonly number: number;
  readonly state: "continued" | "held";
  readonly at: number;
}

/**
 * Takes a step for each number. A number that has to wait doesn't delay the others. If the turn is repeated, the records show which
 * units have ended.
 *
 * The steps share one session of the job's limits, which is closed after the last chain is released. If the job is deleted in between,
 * its ledger is gone, and no new one is created.
 *
 * @throws what `handleNumber` throws.
 */
export async function handleBatch({ numbers, ...task }: BatchTask, options: BatchOptions): Promise<BatchStep> {
  const { clock, stopAt, rest } = options;
  const open = { ...options, rest: async () => undefined };
  const check = tablesCheck(options.ending);
  const left: Left[] = [];
  const leave = (index: number): Left[] => [
    ...left,
    ...numbers.slice(index).map((number) => ({ number, state: "continued", at: clock.now() }) as const),
  ];
  try {
    for (const [index, number] of numbers.entries()) {
      if (index > 0 && clock.now() >= stopAt) return stepOf(leave(index));
      const step = await handleNumber({ ...task, number }, open, { check, late: index > 0 });
      if (step.state === "parked" || step.state === "stale") return { state: step.state };
      if (!("at" in step)) continue;
      left.push({ number, state: step.state === "held" ? "held" : "continued", at: step.at });
      // The worker has no time or no capacity left, for any number.
      if (step.state === "continued") return { state: "continued", at: step.at, numbers: numbersOf(leave(index + 1)) };
    }
    return stepOf(left);
  } finally {
    await rest();
  }
}

/** The step of the number that is due first. */
function stepOf(left: readonly Left[]): BatchStep {
  if (left.length === 0) return { state: "done" };
  const { state, at } = left.reduce((first, next) => (next.at < first.at ? next : first));
  return { state, at, numbers: numbersOf(left) };
}

function numbersOf(left: readonly Left[]): number[] {
  return left.map(({ number }) => number);
}
