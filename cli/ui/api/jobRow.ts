/** A job as a row of the list. Pure. */
import { purposeOf } from "../../../shared/capacity/metering/direction";
import { finalStates, type JobHead, type JobLimit } from "../../../shared/jobs/job";
import { limitIn } from "../../../shared/jobs/limits";
import type { JobProgress } from "../../../shared/jobs/progress";
import { shareOfHead } from "../../jobs/listJobs";
import type { JobRow, Sample } from "../contract";

/** From the head alone: the share counts finished units only, and the present consumption is unknown. */
export function rowOfHead(head: JobHead): JobRow {
  const { id, state, work, createdAt, endedAt, units, unitsDone, unitsFailed } = head;
  return {
    id,
    state,
    operation: work.operation,
    place: placeOf(head),
    createdAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...{ units, unitsDone, unitsFailed },
    share: shareOfHead(head),
    rates: limitsIn(head).map(({ direction, table, limits }) => ({ direction, table, limit: limits.table })),
  };
}

/** One for each direction, because operators change the rate of a direction. */
function limitsIn(head: JobHead): JobLimit[] {
  const all = [limitIn(head, "read"), limitIn(head, "write")];
  return all.filter((limit) => limit !== undefined);
}

/** The row with what the job's units report. @param sample the newest one. Undefined: the job consumes nothing any more. */
export function rowOf(
  head: JobHead,
  progress: JobProgress,
  { dollars, sample }: { readonly dollars: number | undefined; readonly sample: Sample | undefined },
): JobRow {
  const row = rowOfHead(head);
  const { share, secondsLeft, units } = progress;
  return {
    ...row,
    ...{ share, unitsDone: units.done, unitsFailed: units.failed },
    rates: finalStates.includes(head.state)
      ? row.rates
      : limitsIn(head).map((limit, at) => ({ ...row.rates[at]!, now: sample?.consumed[purposeOf(limit)] ?? 0 })),
    ...(secondsLeft === undefined ? {} : { secondsLeft }),
    ...(dollars === undefined ? {} : { dollars }),
  };
}

function placeOf({ work: { table, index, to } }: JobHead): string {
  const place = index === undefined ? table : `${table}/${index}`;
  return to === undefined ? place : `${place} to ${to}`;
}
