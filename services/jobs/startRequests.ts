/** The two ways in: an invocation, which is answered, and a message, whose refusal is published as an event. */
import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { SparkSettings, WorkerSettings } from "../../shared/cost/jobPlan";
import type { EpochDriver } from "../../shared/drivers/driver";
import { SqsUnitQueue } from "../../shared/drivers/queue/unitQueue";
import { SluiceError } from "../../shared/errors";
import { type Initiator, PROGRAM } from "../../shared/jobs/audit";
import { putJobEvent, refusalEvent } from "../../shared/jobs/jobEvents";
import type { ExecutionAnswer, PlanAnswer, StartAnswer, StartRefusal } from "../../shared/jobs/startFunction";
import {
  checkedDispatch,
  checkedEstimate,
  checkedResume,
  type DispatchRequest,
  InvalidRequest,
  invalidRequest,
} from "../../shared/jobs/startRequest";
import { isPlainObject, lostNumber } from "../../shared/json";
import { isWriting } from "../../shared/operations/registry";
import { planRequest } from "./planRequest";
import { startInExecution } from "./startInExecution";
import { continueDispatch, resumeJob, type StartJobOptions, startJob } from "./startJob";

/** Workers of one kind. */
export interface Workers {
  /** Where they get their messages. */
  readonly queueUrl: string;
  readonly settings: WorkerSettings;
}

/** The spark driver of a stack. */
export interface SparkParts {
  /** Begins epochs as runs of the stack's Glue job. */
  readonly runs: (retry: Retry) => EpochDriver;
  readonly settings: SparkSettings;
  /** Names of the operations of a user's own that have a twin in Python. */
  readonly operations: readonly string[];
}

type Retry = <T>(call: () => Promise<T>) => Promise<T>;

export interface StartParts
  extends Omit<
    StartJobOptions,
    "initiator" | "driver" | "continueLater" | "mostWorkers" | "hasWorkflow" | "sparkOperations"
  > {
  readonly sqs: SQSClient;
  readonly events: EventBridgeClient;
  readonly readers: Workers;
  /** Undefined: the stack has no tables that may be changed. */
  readonly writers: Workers | undefined;
  /** Begins epochs as executions of the stack's state machine. Undefined: it has none. */
  readonly executions: ((retry: Retry) => EpochDriver) | undefined;
  /** Undefined: the stack has no Glue job. */
  readonly spark: SparkParts | undefined;
  readonly startQueueUrl: string;
  readonly eventBus: string;
  /** A job id that nobody has. */
  readonly newId: () => string;
  readonly retryTransient: <T>(call: () => Promise<T>, signal: AbortSignal) => Promise<T>;
  readonly onRefused: (refusal: StartRefusal) => void;
}

/**
 * Answers an invocation: a StartRequest, `{ resume: "<job>" }`, `{ estimate: <StartRequest> }`, which starts nothing, or a state
 * machine's `{ start: <StartRequest>, execution: "<ARN>" }`.
 * Throws only errors that may pass by themselves.
 */
export async function answerStart(
  event: unknown,
  initiator: Initiator,
  parts: StartParts,
  /** Aborts when time is over. */
  signal: AbortSignal,
): Promise<StartAnswer | ExecutionAnswer | PlanAnswer | StartRefusal> {
  try {
    if (isPlainObject(event) && "estimate" in event)
      return await planRequest(checkedEstimate(event), parts.newId(), estimateOptions(parts));
    // An execution whose history is full asks for the next one.
    const isOwn = isPlainObject(event) && "epoch" in event;
    const options = optionsOf(isOwn ? { caller: PROGRAM } : initiator, parts, signal);
    if (isPlainObject(event) && "execution" in event) return await startInExecution(event, options);
    return await start(event, parts.newId(), options);
  } catch (error) {
    const refusal = refusalOf(error);
    parts.onRefused(refusal);
    return refusal;
  }
}

/**
 * Does what a message asks for: start, resume, or dispatch. The job's id is made from the message's id, so a message that
 * comes twice starts one job. A message that can never be handled is published as event `Job refused` and acknowledged.
 */
export async function startFromMessage(
  body: string,
  messageId: string,
  initiator: Initiator,
  parts: StartParts,
  /** Aborts when time is over. */
  signal: AbortSignal,
): Promise<void> {
  const options = optionsOf(initiator, parts, signal);
  try {
    const event = parsed(body);
    if (isPlainObject(event) && "dispatch" in event) await continueDispatch(checkedDispatch(event), options);
    else await start(event, messageId, options);
  } catch (error) {
    const refusal = refusalOf(error);
    parts.onRefused(refusal);
    const detail = refusalEvent(messageId, refusal, parts.jobsTable);
    const put = () => putJobEvent(parts.events, parts.eventBus, "Job refused", detail);
    await parts.retryTransient(put, signal);
  }
}

async function start(event: unknown, newId: string, options: StartJobOptions): Promise<StartAnswer> {
  if (!isPlainObject(event) || !("resume" in event)) return startJob(event, newId, options);
  const { resume, epoch } = checkedResume(event);
  return resumeJob(resume, options, epoch);
}

function optionsOf(initiator: Initiator, parts: StartParts, signal: AbortSignal): StartJobOptions {
  const { sqs, startQueueUrl, retryTransient } = parts;
  const retry = <T>(call: () => Promise<T>) => retryTransient(call, signal);
  const driver: StartJobOptions["driver"] = ({ id, work, driver }) => {
    const epochs = driver === "workflow" ? parts.executions : parts.spark?.runs;
    if (driver === undefined)
      return new SqsUnitQueue({ sqs, queueUrl: workersFor(work.operation, parts)!.queueUrl, retry });
    if (epochs !== undefined) return epochs(retry);
    throw new SluiceError("NO_DRIVER", `Job ${id} needs the ${driver} driver, which the stack no longer has.`, {
      value: driver,
    });
  };
  const continueLater = async (request: DispatchRequest, DelaySeconds: number) => {
    const message = { QueueUrl: startQueueUrl, MessageBody: JSON.stringify(request), DelaySeconds };
    await retry(() => sqs.send(new SendMessageCommand(message)));
  };
  return { ...parts, ...abilities(parts), initiator, driver, continueLater };
}

function estimateOptions(parts: StartParts) {
  return {
    ...parts,
    ...abilities(parts),
    workerSettings: (operation: string) => workersFor(operation, parts)!.settings,
    sparkSettings: parts.spark?.settings,
  };
}

/** What the stack has for jobs. */
function abilities(parts: StartParts): Pick<StartJobOptions, "hasWorkflow" | "sparkOperations" | "mostWorkers"> {
  return {
    hasWorkflow: parts.executions !== undefined,
    sparkOperations: parts.spark?.operations,
    mostWorkers: (operation) => mostWorkers(operation, parts),
  };
}

function workersFor(operation: string, { readers, writers }: StartParts): Workers | undefined {
  return isWriting(operation) ? writers : readers;
}

function mostWorkers(operation = "", parts: StartParts): number {
  return workersFor(operation, parts)?.settings.maximumConcurrency ?? 0;
}

function parsed(body: string): unknown {
  const lost = lostNumber(body);
  if (lost !== undefined) {
    throw invalidRequest([
      `The message must have no number with more digits than JSON keeps, got ${lost}; use typedValues.`,
    ]);
  }
  try {
    return JSON.parse(body);
  } catch {
    throw invalidRequest(["The message must be a start request in JSON."]);
  }
}

/** @throws the error itself, unless the caller caused it. */
function refusalOf(error: unknown): StartRefusal {
  if (!(error instanceof SluiceError) || error.retryable) throw error;
  if (!(error instanceof InvalidRequest)) return { code: error.code, problems: [error.message] };
  const { code, value, tables } = error;
  return { code, problems: value as string[], ...(tables.length > 0 && { tables }) };
}
