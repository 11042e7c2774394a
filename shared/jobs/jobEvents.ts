/** Publishes how jobs end. Events may come twice; `detail.job` and `detail.epoch` identify them. */
import { type EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import type { Job } from "./job";
import type { StartRefusal } from "./startFunction";

/** The values that event rules match on. */
export const EVENT_SOURCE = "sluice.jobs";

/** An event may have 256 KB in all; a larger result is only in the job's record. */
const RESULT_BYTES_MAX = 100_000;
/** Characters of the sentence; it goes into an e-mail. */
const SUMMARY_MAX = 2_000;
/** Publish at most this many problems of a refusal, and this many characters of each. */
const PROBLEMS_MAX = 100;
const PROBLEM_MAX = 500;
/** The transient reasons why an entry is not accepted: PutEventsResultEntry. */
const PASSING = new Set(["InternalFailure", "InternalException"]);

export type JobEventType = "Job completed" | "Job failed" | "Job refused";

/** Each event has `jobsTable`, by which rules distinguish the jobs of several stacks, and one sentence for people. */
export interface EventDetail extends Readonly<Record<string, unknown>> {
  readonly jobsTable: string;
  readonly summary: string;
}

/** @throws the bus's error if it does not accept the event. */
export async function putJobEvent(
  client: EventBridgeClient,
  bus: string,
  type: JobEventType,
  detail: EventDetail,
): Promise<void> {
  const entry = { EventBusName: bus, Source: EVENT_SOURCE, DetailType: type, Detail: JSON.stringify(detail) };
  const { Entries = [], FailedEntryCount = 0 } = await client.send(new PutEventsCommand({ Entries: [entry] }));
  if (FailedEntryCount === 0) return;
  const { ErrorCode = "NotTaken", ErrorMessage } = Entries[0] ?? {};
  const error = new Error(`The event bus did not accept the event: ${ErrorMessage ?? ErrorCode}`);
  const passes = PASSING.has(ErrorCode) ? { $retryable: { throttling: false } } : {};
  throw Object.assign(error, { name: ErrorCode, ...passes });
}

/** Type and detail of the event of a job's end. */
export function endOf(job: Job, jobsTable: string): { type: JobEventType; detail: EventDetail } {
  const { id, epoch, work, state, units, unitsFailed, result } = job;
  const small = Buffer.byteLength(JSON.stringify(result ?? null)) <= RESULT_BYTES_MAX;
  const detail = {
    jobsTable,
    job: id,
    epoch,
    state,
    table: work.table,
    operation: work.operation,
    units,
    unitsFailed,
    seconds: secondsOf(job),
    summary: summaryOf(job),
    ...(small && result !== undefined ? { result } : {}),
  };
  return { type: state === "completed" ? "Job completed" : "Job failed", detail };
}

/** Detail of the event of a message that can never start a job. */
export function refusalEvent(messageId: string, { code, problems }: StartRefusal, jobsTable: string): EventDetail {
  const told = problems.slice(0, PROBLEMS_MAX).map((problem) => problem.slice(0, PROBLEM_MAX));
  if (problems.length > told.length) told.push(`${problems.length - told.length} more problems.`);
  const summary = sentence(`Message ${messageId} started no job: ${told.join(" ")}`);
  return { jobsTable, messageId, code, problems: told, summary };
}

function summaryOf(job: Job): string {
  const { id, work, state, units, unitsFailed, reason } = job;
  const place = `${work.index === undefined ? "" : `index ${work.index} of `}table ${work.table}`;
  const all = units === 1 ? "1 unit" : `${units} units`;
  const failed = unitsFailed > 0 ? `${unitsFailed} of ${all} failed` : all;
  const why = reason === undefined ? "" : ` ${reason}`;
  return sentence(`Job ${id} ${state}: ${work.operation} over ${place}, ${failed} in ${secondsOf(job)} s.${why}`);
}

function secondsOf({ createdAt, endedAt }: Job): number {
  return Math.round(((endedAt ?? createdAt) - createdAt) / 1000);
}

/** EventBridge's templates would put escaped quotes into the text. */
function sentence(text: string): string {
  return (text.length > SUMMARY_MAX ? `${text.slice(0, SUMMARY_MAX)}…` : text)
    .replaceAll('"', "'")
    .replaceAll(/\s+/g, " ");
}
