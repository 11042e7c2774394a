/** The two ways in: an invocation, which is answered, and a message, whose refusal is told to the event bus. */
import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { SqsUnitQueue } from "../../shared/drivers/queue/unitQueue";
import { SluiceError } from "../../shared/errors";
import { putJobEvent, refusalEvent } from "../../shared/jobs/jobEvents";
import type { StartAnswer, StartRefusal } from "../../shared/jobs/startFunction";
import { checkedResume } from "./request";
import { resumeJob, type StartJobOptions, startJob } from "./startJob";

export interface StartParts extends Omit<StartJobOptions, "queue"> {
  readonly sqs: SQSClient;
  readonly events: EventBridgeClient;
  readonly segmentQueueUrl: string;
  readonly eventBus: string;
  /** A job id that nobody has. */
  readonly newId: () => string;
  readonly retryTransient: <T>(call: () => Promise<T>, signal: AbortSignal) => Promise<T>;
  readonly onRefused: (refusal: StartRefusal) => void;
}

/** Answers an invocation: a StartRequest, or `{ resume: "<job>" }`. Throws only what may pass by itself. */
export async function answerStart(
  event: unknown,
  parts: StartParts,
  signal: AbortSignal,
): Promise<StartAnswer | StartRefusal> {
  try {
    return await start(event, parts.newId(), parts, signal);
  } catch (error) {
    const refusal = refusalOf(error);
    parts.onRefused(refusal);
    return refusal;
  }
}

/**
 * Starts what a message asks for. Its id makes the job's, so that a message that comes twice starts one job. One that can
 * never be started is told as event `Job refused` and done with.
 */
export async function startFromMessage(
  body: string,
  messageId: string,
  parts: StartParts,
  signal: AbortSignal,
): Promise<void> {
  try {
    await start(parsed(body), messageId, parts, signal);
  } catch (error) {
    const refusal = refusalOf(error);
    parts.onRefused(refusal);
    const detail = refusalEvent(messageId, refusal, parts.jobsTable);
    await parts.retryTransient(() => putJobEvent(parts.events, parts.eventBus, "Job refused", detail), signal);
  }
}

async function start(event: unknown, newId: string, parts: StartParts, signal: AbortSignal): Promise<StartAnswer> {
  const retry = <T>(call: () => Promise<T>) => parts.retryTransient(call, signal);
  const queue = new SqsUnitQueue({ sqs: parts.sqs, queueUrl: parts.segmentQueueUrl, retry });
  const options = { ...parts, queue };
  return isResume(event) ? resumeJob(checkedResume(event), options) : startJob(event, newId, options);
}

function isResume(event: unknown): boolean {
  return typeof event === "object" && event !== null && "resume" in event;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    const problem = "The message must be a start request in JSON.";
    throw new SluiceError("INVALID_REQUEST", problem, { value: [problem] });
  }
}

/** @throws the error itself unless it is the caller's. */
function refusalOf(error: unknown): StartRefusal {
  if (!(error instanceof SluiceError) || error.retryable) throw error;
  const problems = error.code === "INVALID_REQUEST" ? (error.value as string[]) : [error.message];
  return { code: error.code, problems };
}
