/** The state of all units of a job: done, failed, free, or due later. Pure. */
import type { Job } from "../jobs/job";
import type { UnitSummary } from "../jobs/stores";
import { firstTurn } from "./turns";

/**
 * The state of a unit for the workers of an epoch. `until`: the end of its holder's lease, or when its next attempt is
 * due, milliseconds since the epoch.
 */
export type Standing =
  | { readonly is: "done" | "failed" | "free" | "of a later epoch" }
  | { readonly is: "held" | "due later"; readonly until: number };

export interface Tally {
  /** Units that are done, and units that failed for good in this epoch. */
  readonly done: number;
  readonly failed: number;
  /** Numbers of units that any worker may take now. */
  readonly free: readonly number[];
  /** When the first unit that waits for its next attempt is due, milliseconds since the epoch. Undefined: none waits. */
  readonly dueAt: number | undefined;
}

/**
 * @param units all units that a worker has taken at least once; the others are free.
 * @param now milliseconds since the epoch.
 */
export function tallyOf(units: readonly UnitSummary[], job: Pick<Job, "units" | "epoch">, now: number): Tally {
  const seen = new Uint8Array(job.units);
  const free: number[] = [];
  let [done, failed, dueAt]: [number, number, number | undefined] = [0, 0, undefined];
  for (const unit of units) {
    seen[unit.number] = 1;
    const standing = standingOf(unit, job, now);
    if (standing.is === "done") done++;
    else if (standing.is === "failed") failed++;
    else if (standing.is === "due later") dueAt = Math.min(dueAt ?? standing.until, standing.until);
    else if (standing.is === "free") free.push(unit.number);
  }
  for (let number = 0; number < job.units; number++) if (seen[number] === 0) free.push(number);
  return { done, failed, free, dueAt };
}

/** @param unit a unit that a worker has taken at least once; any other is free. @param now milliseconds since the epoch. */
export function standingOf(unit: UnitSummary, job: Pick<Job, "epoch">, now: number): Standing {
  const { state, turn, leaseUntil, retryAt } = unit;
  if (state === "done") return { is: "done" };
  if (state === "failed") return { is: turn >= firstTurn(job.epoch) ? "failed" : "free" };
  // A unit taken in a later epoch than the worker knows is not for this worker.
  if (turn > firstTurn(job.epoch)) return { is: "of a later epoch" };
  if (isHeld(unit, now)) return { is: "held", until: leaseUntil! };
  return isDueLater(unit, job, now) ? { is: "due later", until: retryAt! } : { is: "free" };
}

/** Whether every unit has ended. */
export function hasEnded({ done, failed }: Pick<Tally, "done" | "failed">, { units }: Pick<Job, "units">): boolean {
  return done + failed >= units;
}

/** Whether the unit waits for its next attempt. After a resume the next attempt is due at once. */
function isDueLater({ turn, retryAt = 0 }: UnitSummary, { epoch }: Pick<Job, "epoch">, now: number): boolean {
  return turn >= firstTurn(epoch) && retryAt > now;
}

function isHeld({ owner, leaseUntil = 0 }: UnitSummary, now: number): boolean {
  return owner !== undefined && leaseUntil >= now;
}
