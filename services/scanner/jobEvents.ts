/** Tells the event bus how jobs end. Events may come twice; `detail.job` and `detail.epoch` tell them apart. */
import { type EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import type { Job } from "../../shared/jobs/job";

/** What rules match on. */
export const EVENT_SOURCE = "sluice.jobs";

/** An event carries 256 KB in all; a larger result is left to the job's record. */
const RESULT_BYTES_MAX = 100_000;

export type JobEventType = "Job completed" | "Job failed" | "Job refused";

/** @throws whatever the bus says when it does not take the event. */
export async function putJobEvent(
  client: EventBridgeClient,
  bus: string,
  type: JobEventType,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  const entry = { EventBusName: bus, Source: EVENT_SOURCE, DetailType: type, Detail: JSON.stringify(detail) };
  const { Entries = [], FailedEntryCount = 0 } = await client.send(new PutEventsCommand({ Entries: [entry] }));
  if (FailedEntryCount === 0) return;
  const { ErrorCode, ErrorMessage } = Entries[0] ?? {};
  throw Object.assign(new Error(`The event bus did not take the event: ${ErrorMessage}`), { name: ErrorCode });
}

/** What the event of a job's end says. `jobsTable` lets rules tell the jobs of one stack from those of another. */
export function endOf(job: Job, jobsTable: string): { type: JobEventType; detail: Record<string, unknown> } {
  const { id, epoch, source, operation, state, units, unitsFailed, createdAt, endedAt, result } = job;
  const small = JSON.stringify(result ?? null).length <= RESULT_BYTES_MAX;
  const detail = {
    jobsTable,
    job: id,
    epoch,
    state,
    table: source.table,
    operation: operation.name,
    units,
    unitsFailed,
    seconds: Math.round(((endedAt ?? createdAt) - createdAt) / 1000),
    ...(small && result !== undefined ? { result } : {}),
  };
  return { type: state === "completed" ? "Job completed" : "Job failed", detail };
}
