import type { JobHead } from "../../shared/jobs/job";
import { rateOf } from "../../shared/jobs/limits";
import { decimal, duration, moment, whole } from "../text/format";
import { textTable } from "../text/table";

/** Jobs as a table, in the order they come. `now`: milliseconds since the epoch. */
export function renderList(jobs: readonly JobHead[], now: number): string {
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

function row(job: JobHead, now: number): string[] {
  const { id, state, deleting, work, units, unitsDone, unitsFailed, createdAt, endedAt } = job;
  return [
    id,
    deleting ? `${state}, partly deleted` : state,
    work.operation,
    work.index === undefined ? work.table : `${work.table}/${work.index}`,
    `${whole(unitsDone)}/${whole(units)}`,
    whole(unitsFailed),
    decimal(rateOf(job, "read")),
    moment(createdAt),
    duration(((endedAt ?? now) - createdAt) / 1000),
  ];
}
