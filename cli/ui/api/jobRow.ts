/** A job as a row of the list. Pure. */
import { finalStates, type JobHead } from "../../../shared/jobs/job";
import type { JobProgress } from "../../../shared/jobs/progress";
import type { JobRow } from "../contract";

/** From the head alone: the share is that of the units that are done, and what is consumed now is not known. */
export function rowOfHead(head: JobHead): JobRow {
  const { id, state, work, createdAt, endedAt, units, unitsDone, unitsFailed, limits } = head;
  return {
    id,
    state,
    operation: work.operation,
    place: placeOf(head),
    createdAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...{ units, unitsDone, unitsFailed },
    share: state === "completed" ? 1 : unitsDone / units,
    rates: limits.map(({ direction, table, limits }) => ({ direction, table, limit: limits.table })),
  };
}

/** With what its units report. */
export function rowOf(head: JobHead, progress: JobProgress, dollars: number | undefined): JobRow {
  const row = rowOfHead(head);
  const { share, secondsLeft, units, rcuPerSecond, writing } = progress;
  const now = { read: rcuPerSecond, write: writing?.wcuPerSecond ?? 0 };
  return {
    ...row,
    ...{ share, unitsDone: units.done, unitsFailed: units.failed },
    rates: finalStates.includes(head.state)
      ? row.rates
      : row.rates.map((rate) => ({ ...rate, now: now[rate.direction] })),
    ...(secondsLeft === undefined ? {} : { secondsLeft }),
    ...(dollars === undefined ? {} : { dollars }),
  };
}

function placeOf({ work: { table, index, to } }: JobHead): string {
  const place = index === undefined ? table : `${table}/${index}`;
  return to === undefined ? place : `${place} to ${to}`;
}
