/** `jobs delete`: asks, deletes, and reports what was deleted and what stays. */
import { retryTransient } from "../../shared/aws/transient";
import { SluiceError } from "../../shared/errors";
import { type DeletedJob, type DeleteJobOptions, deleteJob, losesResults } from "../../shared/jobs/deleteJob";
import { inputPrefixes } from "../../shared/jobs/inputs";
import type { Job } from "../../shared/jobs/job";
import { readJob } from "../../shared/jobs/storage/reading";
import { prefixesOf } from "../../shared/operations/prefixes";
import { checkAskable } from "../askable";
import type { Operator } from "../operator";
import type { Session } from "../session";
import { counted } from "../text/format";
import { toJson } from "../text/json";
import { describeWork } from "./describe";

export interface DeleteFlags {
  withResults?: boolean;
  yes?: boolean;
}

/** How long a call that fails for a transient reason is repeated, milliseconds. */
const RETRY_MS = 60_000;
/** How long to wait for workers, and how often to check whether they are gone, milliseconds. */
const WORKERS_MS = 20_000;
const LOOK_MS = 1_000;

/**
 * @returns 0, or 1 if the answer was no.
 * @throws SluiceError USAGE if nobody can be asked, and those of `deleteJob`
 */
export async function deleteCommand(session: Session, id: string, flags: DeleteFlags): Promise<number> {
  const problem = "Add --yes: without a terminal, nobody can confirm the deletion.";
  await session.read(() => checkAskable(session.io, flags.yes === true, problem));
  const operator = await session.operator();
  if (!(await agreed(session, operator, id, flags))) {
    session.print(toJson({ job: id, deleted: false }, 2), "Nothing was deleted.");
    return 1;
  }
  const deleted = await deleteWhenIdle(session, operator, id, flags);
  const { records, objects, kept } = deleted;
  const places = kept.map((prefix) => `s3://${operator.resultsBucket}/${prefix}`);
  session.print(
    toJson({ job: id, deleted: true, records, objects, kept: places }, 2),
    renderDeleted(id, deleted, places),
  );
  return 0;
}

/**
 * Deletes a job without asking. Waits some seconds for the workers of a job that was just cancelled.
 * @throws as deleteJob
 */
export function deleteWhenIdle(
  session: Session,
  operator: Operator,
  id: string,
  flags: Pick<DeleteFlags, "withResults">,
): Promise<DeletedJob> {
  return whenWorkersAreGone(session, () => deleteJob(id, optionsOf(session, operator, flags)));
}

function optionsOf(
  { io: { clock } }: Session,
  operator: Operator,
  { withResults }: Pick<DeleteFlags, "withResults">,
): DeleteJobOptions {
  return {
    client: operator.dynamodb,
    table: operator.jobsTable,
    s3: operator.s3,
    bucket: operator.resultsBucket,
    now: () => clock.now(),
    caller: operator.caller,
    prefixes: (job) => prefixesOfJob(job, operator.resultsBucket),
    withResults: withResults ?? false,
    retry: (call) => retryTransient(call, AbortSignal.timeout(RETRY_MS)),
  };
}

/** Waits for the workers of a job that was just cancelled: they put their chains down within seconds. */
async function whenWorkersAreGone<T>({ io: { clock } }: Session, work: () => Promise<T>): Promise<T> {
  for (const until = clock.now() + WORKERS_MS; ; ) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof SluiceError) || error.code !== "WORKERS_LEFT" || clock.now() >= until) throw error;
      await clock.sleep(LOOK_MS);
    }
  }
}

/** Whether the operator wants it, by --yes or by answering. */
async function agreed({ io }: Session, operator: Operator, id: string, flags: DeleteFlags): Promise<boolean> {
  if (flags.yes) return true;
  const { control, dynamodb, jobsTable, resultsBucket } = operator;
  const job = await readJob(dynamodb, jobsTable, id);
  // Leftovers of a job that no longer exists are deleted without asking.
  if (job === undefined) return true;
  control.permit(job, "delete");
  const answer = await io.ask!(`${question(job, resultsBucket, flags)} [y/N] `);
  return /^y(es)?$/i.test(answer.trim());
}

function question(job: Job, bucket: string, { withResults }: DeleteFlags): string {
  const places = prefixesOfJob(job, bucket).map((prefix) => `s3://${bucket}/${prefix}`);
  const objects = losesResults(job, withResults)
    ? `and all objects below ${places.join(" and ")}`
    : "but not its results";
  return `Delete all records of job ${job.id} (${describeWork(job)}, ${job.state}) ${objects}?`;
}

/** After an interrupted deletion the head of a job may be left without the rest. */
function prefixesOfJob(job: Job, bucket: string): string[] {
  const { id, work, operation } = job;
  return [...prefixesOf(work.operation, { id, params: operation?.params ?? {} }), ...inputPrefixes(job, bucket)];
}

function renderDeleted(id: string, { records, objects }: DeletedJob, places: readonly string[]): string {
  const stays = places.length === 0 ? "" : ` Its objects below ${places.join(" and ")} stay.`;
  return `Job ${id} is deleted: ${counted(records, "record")}, ${counted(objects, "object")}.${stays}`;
}
