import { setTimeout as sleep } from "node:timers/promises";
import { finalStates, type Job } from "../../shared/jobs/job";
import type { Unit } from "../../shared/jobs/unit";
import type { Scanner } from "./scanner";

/** How long it goes on, milliseconds by `performance.now()`, and what ends it before. */
export interface Patience {
  deadline: number;
  signal: AbortSignal;
}

/** Where a job stands. */
export interface Standing {
  job: Job;
  units: Unit[];
  /** Items read and checkpointed. */
  items: number;
}

const LOOK_EVERY_MS = 1_000;

/**
 * Looks at a job once a second until `enough` says so, the job has ended, or patience has.
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

/** Waits until nothing of the driver is under way. @returns how many are left then, or at the deadline. */
export async function drained(scanner: Scanner, { deadline, signal }: Patience): Promise<number> {
  for (;;) {
    const left = await scanner.backlog();
    if (left === 0 || performance.now() > deadline) return left;
    await sleep(LOOK_EVERY_MS / 2, undefined, { signal });
  }
}
