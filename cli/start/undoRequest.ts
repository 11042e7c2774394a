/** The request for a job that undoes another job's changes. */
import { retryTransient } from "../../shared/aws/transient";
import type { Clock } from "../../shared/clock";
import { SluiceError } from "../../shared/errors";
import { isActive, type Job } from "../../shared/jobs/job";
import type { StartRequest } from "../../shared/jobs/startRequest";
import { workersLeft } from "../../shared/jobs/workersLeft";
import type { WritingResult } from "../../shared/operations/changeItems";
import { ownPrefix } from "../../shared/operations/ownPrefix";
import { operationNamed } from "../../shared/operations/registry";
import { listUnitObjects, putBeforeManifest } from "../../shared/writing/before/manifest";
import type { Operator } from "../operator";
import type { IdentifiedRequest } from "./request";

/** How long a call that fails for a transient reason is repeated, milliseconds. */
const RETRY_MS = 60_000;
/** How long to wait for the workers of a job that was just paused, and how often to check, milliseconds. */
const WORKERS_MS = 20_000;
const LOOK_MS = 1_000;

/** Name of the table that undoing the job changes. */
export function undoneTable({ work }: Job): string {
  return work.to ?? work.table;
}

/**
 * Waits until no worker may write for the job any more, and returns the place of its former values.
 *
 * @param given the undo without its source. @throws SluiceError WORKERS_LEFT, NOT_UNDOABLE
 */
export async function undoRequest(
  operator: Operator,
  job: Job,
  given: IdentifiedRequest,
  clock: Clock,
): Promise<StartRequest> {
  await untilWorkersAreGone(operator, job, clock);
  const source = await formerValues(operator, job, undoneTable(job));
  // The spark driver can't undo, but the queue driver can undo its jobs.
  const driver = job.driver === "spark" ? undefined : job.driver;
  return { ...given, source, ...(driver && { driver }) };
}

/** Checks that the job can be undone now. @throws SluiceError NOT_UNDOABLE, WRONG_STATE */
export function checkUndo(job: Job): void {
  const { id, state, operation } = job;
  if (job.target === undefined || operation.params.dryRun === true) {
    throw refused("NOT_UNDOABLE", `Job ${id} changed nothing, so there is nothing to undo.`, id);
  }
  if (operation.params.keepBefore !== true) {
    const how = "it was started without --keep-before";
    throw refused("NOT_UNDOABLE", `Job ${id} cannot be undone: ${how}, so the former values were not kept.`, id);
  }
  if (isActive(job))
    throw refused("WRONG_STATE", `Job ${id} is ${state}: pause or cancel it before it is undone.`, state);
}

function refused(code: string, message: string, value: unknown): SluiceError {
  return new SluiceError(code, message, { value });
}

/** @throws SluiceError WORKERS_LEFT */
async function untilWorkersAreGone(operator: Operator, job: Job, clock: Clock): Promise<void> {
  const { dynamodb: client, jobsTable: table } = operator;
  const options = { client, table, retry, now: () => clock.now() };
  for (const until = clock.now() + WORKERS_MS; ; await clock.sleep(LOOK_MS)) {
    const left = await workersLeft(job, options, "undone");
    if (left === undefined) return;
    if (clock.now() >= until) throw left;
  }
}

/** The place of the former values, as a source. @throws SluiceError NOT_UNDOABLE: there are none. */
async function formerValues(operator: Operator, job: Job, table: string): Promise<string> {
  const { resultsBucket: bucket } = operator;
  const key = job.state === "completed" ? manifestIn(job) : await putManifest(operator, job, table);
  if (key === undefined)
    throw refused("NOT_UNDOABLE", `Job ${job.id} changed nothing, so there is nothing to undo.`, job.id);
  return `records:s3://${bucket}/${key}`;
}

/** The manifest that the job's end has written. */
function manifestIn({ result }: Job): string | undefined {
  return (result as WritingResult | undefined)?.beforeManifest?.key;
}

/** A job that did not reach its end has no manifest, and may have objects that no checkpoint counts. */
async function putManifest({ s3, resultsBucket }: Operator, job: Job, table: string): Promise<string | undefined> {
  const store = { s3, bucket: resultsBucket, retry, signal: AbortSignal.timeout(RETRY_MS) };
  const { id, operation } = job;
  const prefix = ownPrefix(operation.name, id);
  const units = await listUnitObjects(store, prefix);
  if (units.length === 0) return undefined;
  const reads = operationNamed(operation.name)?.puts ?? false;
  return putBeforeManifest(store, prefix, { job: id, table, reads, units });
}

function retry<T>(call: () => Promise<T>): Promise<T> {
  return retryTransient(call, AbortSignal.timeout(RETRY_MS));
}
