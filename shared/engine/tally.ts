/** The state of all units of a job: done, failed, free, or due later. Pure. */
import type { Job } from "../jobs/job";
import type { UnitSummary } from "../jobs/stores";
import { firstTurn } from "./turns";

export interface Tally {
  /** Units that are done, and units that failed for good in this epoch. */
  readonly done: number;
  readonly failed: number;
  /** Numbers of units that anybody may take now. */
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
    if (unit.state === "done") done++;
    else if (unit.state === "failed" && unit.turn >= firstTurn(job.epoch)) failed++;
    // A unit taken in a later epoch than the worker knows is not for this worker.
    else if (isHeld(unit, now) || (unit.state === "active" && unit.turn > firstTurn(job.epoch))) continue;
    else if (isDueLater(unit, job, now)) dueAt = Math.min(dueAt ?? unit.retryAt!, unit.retryAt!);
    else free.push(unit.number);
  }
  for (let number = 0; number < job.units; number++) if (seen[number] === 0) free.push(number);
  return { done, failed, free, dueAt };
}

/** Whether every unit has ended. */
export function hasEnded({ done, failed }: Pick<Tally, "done" | "failed">, { units }: Pick<Job, "units">): boolean {
  return done + failed >= units;
}

/** Whether it waits for its next attempt. Whoever resumes the job wants that at once. */
function isDueLater({ state, turn, retryAt = 0 }: UnitSummary, { epoch }: Pick<Job, "epoch">, now: number): boolean {
  return state === "active" && turn >= firstTurn(epoch) && retryAt > now;
}

function isHeld({ state, owner, leaseUntil = 0 }: UnitSummary, now: number): boolean {
  return state === "active" && owner !== undefined && leaseUntil >= now;
}
