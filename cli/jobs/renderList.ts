import type { Job } from "../../shared/jobs/job";
import { rateOf } from "../../shared/jobs/rate";
import { decimal, duration, moment, whole } from "../text/format";
import { textTable } from "../text/table";

/** Jobs as a table, in the order they come. `now`: milliseconds since the epoch. */
export function renderList(jobs: readonly Job[], now: number): string {
  if (jobs.length === 0) return "No job has been started yet.";
  const columns = [
    { head: "JOB" },
    { head: "STATE" },
    { head: "OPERATION" },
    { head: "TABLE" },
    { head: "UNITS DONE", align: "right" },
    { head: "FAILED", align: "right" },
    { head: "RCU/S", align: "right" },
    { head: "STARTED" },
    { head: "TOOK", align: "right" },
  ] as const;
  return textTable(
    columns,
    jobs.map((job) => row(job, now)),
  );
}

function row(job: Job, now: number): string[] {
  const { id, state, operation, source, units, unitsDone, unitsFailed, limits, createdAt, endedAt } = job;
  return [
    id,
    state,
    operation.name,
    source.index === undefined ? source.table : `${source.table}/${source.index}`,
    `${whole(unitsDone)}/${whole(units)}`,
    whole(unitsFailed),
    decimal(rateOf(limits)),
    moment(createdAt),
    duration(((endedAt ?? now) - createdAt) / 1000),
  ];
}
