/** The limits of a job: one for each direction and table that it uses. */
import { type Direction, type Purpose, purposeOf } from "../capacity/metering/direction";
import { lowestLimit } from "../capacity/metering/limits";
import type { JobHead, JobLimit } from "./job";

/** The limit that stands for its direction: that of the lookups only if the job reads nothing else. */
export function limitIn({ limits }: Pick<JobHead, "limits">, direction: Direction): JobLimit | undefined {
  const own = limits.filter((limit) => limit.direction === direction);
  return own.find(({ purpose }) => purpose === undefined) ?? own[0];
}

/** The limit of a purpose; undefined: the job consumes nothing for it. */
export function limitOf({ limits }: Pick<JobHead, "limits">, purpose: Purpose): JobLimit | undefined {
  return limits.find((limit) => purposeOf(limit) === purpose);
}

/** The rate as it was given: capacity units per second, or a percentage. */
export function givenRate({ percentage, limits }: JobLimit): number | string {
  return percentage ?? limits.table;
}

/** The part of a limit that keeps a percentage. */
export function percentageOf(rate: number | string | undefined): Pick<JobLimit, "percentage"> {
  return typeof rate === "string" ? { percentage: rate } : {};
}

/** Capacity units per second that a job may consume for a purpose, as last set; 0 if it consumes nothing for it. */
export function rateOf(job: Pick<JobHead, "limits">, purpose: Purpose): number {
  return limitOf(job, purpose)?.limits.table ?? 0;
}

/** The least that a job may consume under any of its limits, capacity units per second. */
export function lowestRate({ limits }: Pick<JobHead, "limits">): number {
  return Math.min(...limits.map(({ limits }) => lowestLimit(limits)));
}

/** The owner of the ledgers that a job reserves from: the job itself, or its group. No job's id has a `/` in it. */
export function ledgerOwner({ id, limitGroup }: Pick<JobHead, "id" | "limitGroup">): string {
  return limitGroup === undefined ? id : `group/${limitGroup}`;
}
