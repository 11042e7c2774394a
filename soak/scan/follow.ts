import { setTimeout as sleep } from "node:timers/promises";
import { finalStates, type Job } from "../../shared/jobs/job";
import type { Unit } from "../../shared/jobs/unit";
import type { Scanner } from "./scanner";

/** The deadline, milliseconds by `performance.now()`, and a signal that ends it earlier. */
export interface Patience {
  deadline: number;
  signal: AbortSignal;
}

/** The progress of a job. */
export interface Standing {
  job: Job;
  units: Unit[];
  /** Items read and checkpointed. */
  items: number;
}

const LOOK_EVERY_MS = 1_000;

/**
 * Checks a job once a second until `enough` returns true, the job has ended, or the time is over.
 * @throws the signal's reason.
 */
export async function follow(
  scanner: Scanner,
  id: string,
  { deadline, signal }: Patience,
  enough: (standing: Standing) => boolean | Promise<boolean>,
): Promise<Standing> {
  for (;;) {
    const [job, units] = await Promise.all([scanner.job(id), scanner.units(id)]);
    const standing = { job, units, items: units.reduce((sum, { counts }) => sum + counts.scannedItems, 0) };
    if (await enough(standing)) return standing;
    if (finalStates.includes(job.state) || performance.now() > deadline) return standing;
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

/** Waits until none of the driver's work is under way. @returns how much is left then, or at the deadline. */
export async function drained(scanner: Scanner, { deadline, signal }: Patience): Promise<number> {
  for (;;) {
    const left = await scanner.backlog();
    if (left === 0 || performance.now() > deadline) return left;
    await sleep(LOOK_EVERY_MS / 2, undefined, { signal });
  }
}
