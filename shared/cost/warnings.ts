/** Warnings for an operator before a job starts, a sentence each. Pure. */
import { RCU_PER_WORKER } from "../capacity/metering/workerSpeed";
import { dollarsOf } from "./bill";
import type { Estimate } from "./estimate";
import type { JobPlan, WorkerSettings } from "./jobPlan";
import { RETENTION_DAYS } from "./model";
import { tasksOf } from "./spark";

type Figures = Pick<
  Estimate,
  "rcuPerSecond" | "rcu" | "seconds" | "workers" | "waiting" | "waitingDollars" | "bill" | "writing"
>;

/** A job that takes less time need not be faster. */
const WORTHWHILE_SECONDS = 10;
const SECONDS_PER_DAY = 86_400;
/** Operations whose use is known; those of users are estimated as a count. */
const KNOWN = ["count", "export", "update", "delete", "copy"];

export function warningsOf(plan: JobPlan, figures: Figures, settings: WorkerSettings): string[] {
  return [
    plan.bytes === 0 ? sizeWarning(plan) : waitWarning(figures),
    speedWarning(plan, figures, settings),
    idleWarning(plan, figures),
    ...timeWarnings(plan, figures),
  ].filter((warning) => warning !== undefined);
}

function sizeWarning({ work, source, items }: JobPlan): string | undefined {
  // An export's manifest has its exact size.
  if (source === "export" || items > 0) return undefined;
  if (source === "keys") return "The number of keys on the list is not known, so the figures assume an empty list.";
  const place = work.index === undefined ? `table ${work.table}` : `index ${work.index}`;
  return (
    `The size of ${place} is not known: DynamoDB counts it about every six hours, and reports 0 until then. ` +
    "The figures assume that it is empty."
  );
}

/** Waiting costs more than reading. */
function waitWarning({ seconds, waiting, waitingDollars, bill, writing }: Figures): string | undefined {
  if (seconds < WORTHWHILE_SECONDS) return undefined;
  const capacity = dollarsOf(bill, "capacity");
  if (waitingDollars === null || capacity === null || waitingDollars <= capacity || capacity === 0) return undefined;
  return (
    `Waiting workers dominate the bill: they wait for capacity during ${Math.floor(100 * waiting)} % of the time that Lambda ` +
    `bills, and this costs more than the capacity itself. A higher --${writing?.binds ?? "read"}-rate costs less.`
  );
}

/** For the spark driver, whose run has all its workers from beginning to end. */
function idleWarning({ driver, spark }: JobPlan, { workers, seconds }: Figures): string | undefined {
  if (driver !== "spark" || spark === undefined || seconds < WORTHWHILE_SECONDS) return undefined;
  const tasks = tasksOf(spark);
  if (workers > tasks / 2) return undefined;
  return (
    `At this rate, ${workers} of the ${tasks} tasks of a Glue run find work. The others wait, but Glue bills them too: ` +
    "fewer workers cost less (config glueWorkers)."
  );
}

function speedWarning(
  { units, driver, spark }: JobPlan,
  { rcuPerSecond, seconds, writing }: Figures,
  workers: WorkerSettings,
): string | undefined {
  const isSparks = driver === "spark" && spark !== undefined;
  const maximumConcurrency = isSparks ? tasksOf(spark) : workers.maximumConcurrency;
  // Writing workers process so much that their number rarely binds.
  if (writing !== undefined) return undefined;
  const most = RCU_PER_WORKER * Math.min(units, maximumConcurrency);
  if (rcuPerSecond <= most || seconds < WORTHWHILE_SECONDS) return undefined;
  const bound =
    units < maximumConcurrency
      ? `${units} segment${units === 1 ? " is" : "s are"} read by as many workers (--segments)`
      : isSparks
        ? `${maximumConcurrency} tasks run at most (config glueWorkers)`
        : `${maximumConcurrency} workers run at most (config scannerMaximumConcurrency)`;
  return `The rate can't be reached: ${bound}, and each reads about ${RCU_PER_WORKER} RCU/s, ${most} of ${rcuPerSecond} RCU/s.`;
}

function timeWarnings(plan: JobPlan, { rcuPerSecond, seconds }: Figures): (string | undefined)[] {
  const { capacity } = plan;
  return [
    plan.driver === "spark" ? timeoutWarning(plan, seconds) : retentionWarning(seconds),
    capacity === undefined || rcuPerSecond <= capacity.perSecond
      ? undefined
      : `The rate is above what the table or index serves now, ${capacity.perSecond} RCU/s: DynamoDB may throttle the job and others.`,
  ];
}

function retentionWarning(seconds: number): string | undefined {
  const days = seconds / SECONDS_PER_DAY;
  if (days <= RETENTION_DAYS) return undefined;
  return (
    `The job takes about ${Math.ceil(days)} days, and the queue keeps a message for ${RETENTION_DAYS}: a paused or delayed ` +
    "job may have to be resumed."
  );
}

function timeoutWarning({ spark }: JobPlan, seconds: number): string | undefined {
  if (spark === undefined || seconds <= 60 * spark.timeoutMinutes) return undefined;
  return (
    `The job takes about ${Math.ceil(seconds / 3_600)} hours, and a Glue run ends after ${spark.timeoutMinutes} minutes ` +
    "(config glueTimeoutMinutes): the job has to be resumed then."
  );
}

export function notesOn({ work, filtered, capacity, changes }: JobPlan): string[] {
  const notes: string[] = [];
  if (changes !== undefined && !changes.dryRun) {
    notes.push(
      `The figures assume that every item is written, at the average size of an item, rounded up to 1 KB. Writes to the indexes of table ${changes.table} ` +
        "come on top: start the job with --dry-run for exact figures.",
    );
  }
  if (!KNOWN.includes(work.operation) && changes === undefined) {
    notes.push(
      `${work.operation} is an operation of your own: it is estimated as a count, and its own requests come on top.`,
    );
  }
  if (filtered && work.operation === "export") {
    notes.push("With the filter or projection there is less to write than the figures assume; reading costs the same.");
  }
  if (capacity?.paidBy === "hour") {
    notes.push(
      "AWS bills the provisioned capacity that the job reads by the hour, whether it is used or not. The figures show what the job's " +
        "capacity would cost on demand.",
    );
  }
  return notes;
}
