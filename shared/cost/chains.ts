/** The chains of invocations that read a job's pages: how many, for how long, and what they use. Pure. */
import type { JobPlan } from "./jobPlan";
import * as model from "./model";
import type { Pages } from "./pages";
import { addUsage, type Usage } from "./usage";

export interface Chains {
  /** Workers that run at once. */
  readonly workers: number;
  /** From the request to the end of the job. */
  readonly seconds: number;
  /** Share of the billed time in which workers wait for capacity, 0 to 1. */
  readonly waiting: number;
  readonly usage: Usage;
}

const MEGABYTES_PER_GIGABYTE = 1024;

/** As many chains as the rate feeds; by `pages` they read, at most `rcuPerSecond` together. */
export function chainsOf(plan: JobPlan, pages: Pages, rcuPerSecond: number): Chains {
  const workers = workersFor(plan, rcuPerSecond);
  const speed = Math.min(rcuPerSecond, workers * model.WORKER_RCU_PER_SECOND);
  const reading = pages.rcu / speed;
  const apart = (workers * reading) / pages.count > model.LONGEST_WAIT_SECONDS;
  const turns = apart ? pages.count : workers * Math.ceil(reading / workSeconds(plan));
  const billed = apart ? pages.count * model.SHORT_INVOCATION_SECONDS : workers * reading;
  const checkpoints = apart ? 0 : Math.min(pages.count, model.CHECKPOINTS_PER_SECOND * billed);
  const visits = apart ? 0 : model.LEDGER_WRITES_PER_SECOND * billed;
  const usage = addUsage(
    {
      invocations: turns,
      billedMs: 1000 * billed,
      gigabyteSeconds: (billed * plan.workers.memoryMegabytes) / MEGABYTES_PER_GIGABYTE,
      queueRequests: turns * model.TURN.queueRequests,
      writeUnits: turns * model.TURN.writeUnits + checkpoints + visits,
      readUnits: turns * model.TURN.readUnits,
    },
    plan.work.operation === "export" ? exportUsage(plan, apart ? pages.count : Math.min(pages.count, billed)) : {},
  );
  const working = pages.rcu / model.WORKER_RCU_PER_SECOND;
  // A worker that hands on with a delay does not wait.
  const waiting = apart || billed === 0 ? 0 : Math.max(0, 1 - working / billed);
  return { workers, seconds: model.START_SECONDS + reading, waiting, usage };
}

/** Workers that a rate feeds, as far as there are units and concurrency allows. */
export function workersFor({ units, workers }: Pick<JobPlan, "units" | "workers">, rcuPerSecond: number): number {
  return Math.min(units, workers.maximumConcurrency, Math.ceil(rcuPerSecond / model.WORKER_RCU_PER_SECOND));
}

/** Of an invocation, seconds in which pages are read. */
function workSeconds({ workers }: JobPlan): number {
  return Math.max(1, workers.timeoutSeconds - model.WIND_UP_SECONDS);
}

/** @param flushes how often an open object is put */
function exportUsage({ bytes, units }: JobPlan, flushes: number): Partial<Usage> {
  const parts = (bytes * model.DEFLATED_SHARE) / model.PART_BYTES;
  const objects = Math.max(bytes > 0 ? Math.min(units, 1) : 0, Math.ceil(bytes / model.OBJECT_BYTES));
  const puts = model.PUTS_PER_SECOND * flushes + parts + objects * model.OBJECT_PUTS + model.MANIFEST_PUTS;
  return { puts, writeUnits: objects, readUnits: objects };
}
