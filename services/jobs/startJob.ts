/** Starts and resumes jobs: everything is checked before anything is sent. */
import { isDeepStrictEqual } from "node:util";
import { type DynamoDBClient, ScanCommand, type TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { shuffled } from "../../shared/drivers/shuffle";
import { firstTurn } from "../../shared/engine/protocol";
import { SluiceError } from "../../shared/errors";
import { JobControl } from "../../shared/jobs/control";
import type { Job } from "../../shared/jobs/job";
import { answerOf, type StartAnswer } from "../../shared/jobs/startFunction";
import { fromAttributes, toAttributes } from "../../shared/jobs/storage/jobsTable";
import { readUnits } from "../../shared/jobs/storage/reading";
import type { UnitQueue } from "../../shared/jobs/stores";
import { operationNamed, operationNames } from "../../shared/operations/registry";
import { describeTable } from "../../shared/sources/table/facts";
import { scanInput } from "../../shared/sources/table/tableScan";
import { planJob } from "./plan";
import { invalidRequest, startForm } from "./request";

export interface StartJobOptions {
  readonly dynamodb: DynamoDBClient;
  readonly jobsTable: string;
  readonly queue: UnitQueue;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/**
 * Starts a job, or answers with the one that was started under the same id before. Called again after a crash it goes on.
 *
 * @param given a StartRequest, as it came.
 * @param newId the id where the request brings none.
 * @throws SluiceError INVALID_REQUEST (`value`: all problems, a sentence each), JOB_EXISTS
 */
export async function startJob(given: unknown, newId: string, options: StartJobOptions): Promise<StartAnswer> {
  const { dynamodb, jobsTable, now } = options;
  const form = startForm(given);
  const { table, operation, jobId: id = newId } = form.sound;
  const planned = planJob({
    form,
    facts: table === undefined ? undefined : await describeTable(dynamodb, table),
    operation: operation === undefined ? undefined : operationNamed(operation),
    operations: operationNames(),
    id,
    now: now(),
  });
  await probe(dynamodb, planned);
  const control = new JobControl(dynamodb, jobsTable, now);
  const created = await create(control, planned);
  const job = created ? planned : sameJob(await control.read(id), planned);
  if (job.state !== "starting") return { ...answerOf(job), startedBefore: true };
  return send(job, allUnits(job), control, options);
}

/**
 * Resumes a job: all its unfinished units get new messages, failed ones too.
 * @throws SluiceError NO_SUCH_JOB, WRONG_STATE
 */
export async function resumeJob(id: string, options: StartJobOptions): Promise<StartAnswer> {
  const { dynamodb, jobsTable, now } = options;
  const control = new JobControl(dynamodb, jobsTable, now);
  const job = await control.resume(id);
  const done = new Set<number>();
  for await (const { number, state } of readUnits(dynamodb, jobsTable, id, { ConsistentRead: true })) {
    if (state === "done") done.add(number);
  }
  const missing = allUnits(job).filter((unit) => !done.has(unit));
  // Where all is done but the end, one message is enough to bring that about.
  return send(job, missing.length > 0 ? missing : [0], control, options);
}

async function send(job: Job, units: number[], control: JobControl, options: StartJobOptions): Promise<StartAnswer> {
  const turn = firstTurn(job.epoch);
  await options.queue.send(shuffled(units, options.random).map((unit) => ({ job: job.id, unit, turn })));
  const running = await control.started(job);
  // Somebody paused or resumed it meanwhile, or another call of the same id was quicker.
  return answerOf(running ? { ...job, state: "running" } : await control.read(job.id));
}

function allUnits({ units }: Job): number[] {
  return Array.from({ length: units }, (_, unit) => unit);
}

type CancelledOrNot = Error & Partial<Pick<TransactionCanceledException, "CancellationReasons">>;

/** What no rule of ours foresaw DynamoDB finds in the record itself: params too large or too deep, names that are empty. */
async function create(control: JobControl, planned: Job): Promise<boolean> {
  try {
    return await control.create(planned);
  } catch (error) {
    const { name, message, CancellationReasons: reasons = [] } = error as CancelledOrNot;
    if (name !== "ValidationException" && !reasons.some(({ Code }) => Code === "ValidationError")) throw error;
    throw invalidRequest([`The request cannot be kept as the job's record: ${message}.`]);
  }
}

/** The same id for other work is a mistake. Compared as it lies in the table, where the keys of maps have another order. */
function sameJob(found: Job, planned: Job): Job {
  const { source, operation } = planned;
  const work = fromAttributes<Pick<Job, "source" | "operation">>(toAttributes({ source, operation }));
  if (isDeepStrictEqual(work, { source: found.source, operation: found.operation })) return found;
  const message = `jobId must be new or name the same work, job "${found.id}" is another.`;
  throw new SluiceError("JOB_EXISTS", message, { value: found.id });
}

/** Lets DynamoDB itself judge the expressions. Costs the read of one item. */
async function probe(dynamodb: DynamoDBClient, { source }: Job): Promise<void> {
  if (source.filter === undefined && source.projection === undefined) return;
  try {
    await dynamodb.send(new ScanCommand({ ...scanInput(source), Limit: 1 }));
  } catch (error) {
    if ((error as Error).name !== "ValidationException") throw error;
    throw invalidRequest([`filter, projection, names and values must fit together: ${(error as Error).message}.`]);
  }
}
