/** The limits of a job: one for each direction and table that it uses. */
import type { Direction } from "../capacity/metering/direction";
import { lowestLimit } from "../capacity/metering/limits";
import type { JobHead, JobLimit } from "./job";

/** The limit of a direction; undefined: the job does not use it. */
export function limitOf({ limits }: Pick<JobHead, "limits">, direction: Direction): JobLimit | undefined {
  return limits.find((limit) => limit.direction === direction);
}

/** Capacity units per second that a job may consume in a direction, as last set; 0 if it does not use that direction. */
export function rateOf(job: Pick<JobHead, "limits">, direction: Direction): number {
  return limitOf(job, direction)?.limits.table ?? 0;
}

/** The least that a job may consume under any of its limits, capacity units per second. */
export function lowestRate({ limits }: Pick<JobHead, "limits">): number {
  return Math.min(...limits.map(({ limits }) => lowestLimit(limits)));
}

/** The owner of the ledgers that a job reserves from: the job itself, or its group. No job's id has a `/` in it. */
export function ledgerOwner({ id, limitGroup }: Pick<JobHead, "id" | "limitGroup">): string {
  return limitGroup === undefined ? id : `group/${limitGroup}`;
}
