import type { Direction } from "../../shared/capacity/metering/direction";
import { driverOf, type JobHead } from "../../shared/jobs/job";
import { limitIn, limitOf } from "../../shared/jobs/limits";
import { decimal, duration, moment, percent, whole } from "../text/format";
import { textTable } from "../text/table";
import type { ListedJob } from "./listJobs";

/** Jobs as a table, in the order they come. `now`: milliseconds since the epoch. `width`: columns of the terminal. */
export function renderList(jobs: readonly ListedJob[], now: number, width?: number): string {
  const writes = jobs.some((job) => limitOf(job, "write") !== undefined);
  const drivers = jobs.some((job) => driverOf(job) !== "queue");
  const columns = [
    { head: "JOB" },
    { head: "STATE" },
    { head: "OPERATION" },
    { head: "TABLE" },
    ...(drivers ? [{ head: "DRIVER" } as const] : []),
    { head: "DONE", align: "right" },
    { head: "UNITS DONE", align: "right" },
    { head: "FAILED", align: "right" },
    { head: "RCU/S", align: "right" },
    ...(writes ? [{ head: "WCU/S", align: "right" } as const] : []),
    { head: "STARTED" },
    { head: "TOOK", align: "right" },
  ] as const;
  return textTable(
    columns,
    jobs.map((job) => row(job, { writes, drivers }, now)),
    width,
  );
}

/** Whether there are columns for write rates and for drivers. */
interface Columns {
  readonly writes: boolean;
  readonly drivers: boolean;
}

function row(job: ListedJob, { writes, drivers }: Columns, now: number): string[] {
  const { id, state, deleting, share, work, units, unitsDone, unitsFailed, createdAt, endedAt } = job;
  return [
    id,
    deleting ? `${state}, partly deleted` : state,
    work.operation,
    placeOf(job),
    ...(drivers ? [driverOf(job)] : []),
    percent(share),
    `${whole(unitsDone)}/${whole(units)}`,
    whole(unitsFailed),
    rate(job, "read"),
    ...(writes ? [rate(job, "write")] : []),
    moment(createdAt),
    duration(((endedAt ?? now) - createdAt) / 1000),
  ];
}

/** Empty where the job has no such limit. */
function rate(job: JobHead, direction: Direction): string {
  const limit = limitIn(job, direction);
  return limit === undefined ? "" : decimal(limit.limits.table);
}

function placeOf({ work: { table, index, to } }: JobHead): string {
  const place = index === undefined ? table : `${table}/${index}`;
  return to === undefined ? place : `${place} to ${to}`;
}
