/** Starts and resumes jobs: everything is checked before anything is dispatched. */
import type { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { firstChains } from "../../shared/capacity/metering/workerSpeed";
import type { Usage } from "../../shared/cost/usage";
import type { Driver, EpochDriver } from "../../shared/drivers/driver";
import { SluiceError } from "../../shared/errors";
import type { Initiator } from "../../shared/jobs/audit";
import { JobControl } from "../../shared/jobs/control";
import type { Job, JobHead } from "../../shared/jobs/job";
import { lowestRate } from "../../shared/jobs/limits";
import { answerOf, type StartAnswer } from "../../shared/jobs/startFunction";
import { type DispatchRequest, invalidRequest } from "../../shared/jobs/startRequest";
import { readHead, unlessGone } from "../../shared/jobs/storage/reading";
import { sourceProblem } from "../../shared/sources/identity";
import { sourceKind } from "../../shared/sources/registry";
import { targetProblem } from "../../shared/tables/targetProblem";
import { type CheckOptions, checkRequest } from "./checkRequest";
import { dispatchChains } from "./dispatchChains";
import { refuseFormerValues } from "./formerValues";
import { otherTerms, otherWork } from "./inForce";
import { competitionWarnings } from "./otherJobs";
import { protectionWarnings } from "./protection";

export interface StartJobOptions extends CheckOptions {
  /** Who asks, for the audit list. */
  readonly initiator: Initiator;
  /** The job's driver, with the workers that know its operation. @throws SluiceError NO_DRIVER: the stack doesn't have this driver. */
  readonly driver: (job: Pick<JobHead, "id" | "work" | "driver">) => Driver | EpochDriver;
  /** Name of the bucket for results. */
  readonly resultsBucket: string;
  /** Puts a message into the start queue. It is not delivered before `delaySeconds` have passed. */
  readonly continueLater: (request: DispatchRequest, delaySeconds: number) => Promise<void>;
  /** The invocation's usage so far; called once. Default: usage isn't recorded. */
  readonly used?: () => Usage;
  /** Longest run of an invocation, seconds. */
  readonly timeoutSeconds: number;
}

/**
 * Starts a job, or answers with the one that was started under the same id before. Called again after a crash, it
 * continues.
 *
 * @param given a StartRequest, as it came.
 * @param newId the id if the request has none.
 * @throws SluiceError INVALID_REQUEST (`value`: all problems, a sentence each), JOB_EXISTS, RECORDS_LEFT
 */
export async function startJob(given: unknown, newId: string, options: StartJobOptions): Promise<StartAnswer> {
  const { job: planned, others, protection } = await checkRequest(given, newId, options);
  const control = controlOf(options);
  const { dynamodb, s3, jobsTable, resultsBucket: bucket } = options;
  const exists = async () => (await readHead(dynamodb, jobsTable, planned.id)) !== undefined;
  await refuseFormerValues(planned, { s3, bucket }, exists);
  await watch(planned, options);
  const created = await create(control, planned, others, options.initiator.origin);
  const job = created ? planned : sameJob(await control.read(planned.id), planned);
  const terms = created ? [] : otherTerms(job, planned);
  const inForce = terms.length === 0 ? [] : [`Job ${job.id} keeps its settings: ${terms.join("; ")}.`];
  if (job.state !== "starting") {
    return { ...answerOf(job), startedBefore: true, ...(inForce.length > 0 && { warnings: inForce }) };
  }
  const warnings = [...inForce, ...competitionWarnings(job, others), ...protectionWarnings(job, protection)];
  const begun = await dispatchIfRoom(job, control, options);
  const all = [...warnings, ...begun.warnings];
  return { ...answerOf(begun.job), ...(all.length > 0 && { warnings: all }) };
}

/**
 * Resumes a job: dispatches its chains again. They work on all units that aren't done, failed ones too.
 * @throws SluiceError NO_SUCH_JOB, WRONG_STATE, SOURCE_CHANGED, NO_DRIVER
 */
export async function resumeJob(
  id: string,
  options: StartJobOptions,
  /** Does nothing if the job was resumed since this epoch. Default: it is resumed in any case. */
  epoch?: number,
): Promise<StartAnswer> {
  const { driver, mostWorkers } = options;
  const control = controlOf(options);
  const before = await control.read(id);
  if (epoch !== undefined && before.epoch > epoch) return { ...answerOf(before), startedBefore: true };
  control.permit(before, "resume");
  // A stack without it can't go on with the job.
  driver(before);
  await checkTables(before, options);
  await watch({ id, epoch: before.epoch + 1 }, options);
  const { operation } = before.work;
  const chains = firstChains(lowestRate(before), before.units, mostWorkers(operation));
  const { job, warnings } = await dispatchIfRoom(await control.resume(id, chains), control, options);
  return { ...answerOf(job), ...(warnings.length > 0 && { warnings }) };
}

function controlOf({ dynamodb, jobsTable, clock, initiator }: StartJobOptions): JobControl {
  return new JobControl(
    dynamodb,
    jobsTable,
    () => clock.now(),
    async () => initiator.caller,
  );
}

/** Dispatches the job's chains. If its driver has no room, the job stays `starting`, and the message to itself begins it later. */
async function dispatchIfRoom(
  job: Job,
  control: JobControl,
  { driver, used }: StartJobOptions,
): Promise<{ readonly job: Job; readonly warnings: readonly string[] }> {
  try {
    return { job: await dispatchChains(job, control, driver(job), used), warnings: [] };
  } catch (error) {
    if (!isNoRoom(error)) throw error;
    await control.waits(job, `${error.message} The job begins by itself once there is room.`);
    return {
      job,
      warnings: [`${error.message} Job ${job.id} stays starting, and begins by itself once there is room.`],
    };
  }
}

function isNoRoom(error: unknown): error is SluiceError {
  return error instanceof SluiceError && error.code === "NO_ROOM";
}

/**
 * Dispatches a job's chains if an earlier invocation was killed before that, or its driver had no room. Does nothing if the job is
 * no longer starting.
 */
export async function continueDispatch(
  { dispatch: id, epoch }: DispatchRequest,
  options: StartJobOptions,
): Promise<void> {
  const { driver, used } = options;
  const control = controlOf(options);
  const job = await unlessGone(control.read(id));
  // If two resumptions happen at a time, one opens a later epoch than its message has.
  if (job?.state !== "starting" || job.epoch < epoch) return;
  try {
    await dispatchChains(job, control, driver(job), used);
  } catch (error) {
    if (!isNoRoom(error)) throw error;
    // A new message, because this one would be a dead letter after some tries.
    await watch(job, options);
  }
}

/**
 * Sends a message that dispatches the chains if this invocation is killed. Called before the job is made or resumed, so no
 * job is ever `starting` without such a message.
 */
function watch(
  { id, epoch }: Pick<Job, "id" | "epoch">,
  { continueLater, timeoutSeconds }: StartJobOptions,
): Promise<void> {
  return continueLater({ dispatch: id, epoch }, timeoutSeconds);
}

/** Makes sure that the job's tables and its index are still the ones the job began with, and not others of the same names. */
async function checkTables(job: Job, { dynamodb }: StartJobOptions): Promise<void> {
  const { id, source } = job;
  const problem = (await sourceProblem(sourceKind(source), job, dynamodb)) ?? (await targetProblem(job, dynamodb));
  if (problem === undefined) return;
  throw new SluiceError("SOURCE_CHANGED", `Job ${id} cannot be resumed: ${problem} Start a new job.`, { value: id });
}

type CancelledOrNot = Error & Partial<Pick<TransactionCanceledException, "CancellationReasons">>;

/** DynamoDB rejects some records that pass our checks: params that are too large or too deep, empty names. */
async function create(
  control: JobControl,
  planned: Job,
  others: readonly JobHead[],
  origin: Initiator["origin"],
): Promise<boolean> {
  const alone = !others.some(({ limitGroup }) => limitGroup === planned.limitGroup);
  try {
    return await control.create(planned, { setRates: planned.limitGroup === undefined || alone, origin });
  } catch (error) {
    const { name, message, CancellationReasons: reasons = [] } = error as CancelledOrNot;
    if (name !== "ValidationException" && !reasons.some(({ Code }) => Code === "ValidationError")) throw error;
    throw invalidRequest([`The request cannot be kept as the job's record: ${message}.`]);
  }
}

/** The same id for other work is a mistake. */
function sameJob(found: Job, planned: Job): Job {
  const others = otherWork(found, planned);
  if (others.length === 0) return found;
  const message = `jobId must be new or name the same work, but job "${found.id}" does other work: ${others.join("; ")}.`;
  throw new SluiceError("JOB_EXISTS", message, { value: found.id });
}
