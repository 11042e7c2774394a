/** Failed executions of the workflow driver, as the state machine and EventBridge report them. Pure. */

import { namedReason } from "../../describeError";
import type { Job } from "../../jobs/job";
import { isPlainObject } from "../../json";
import type { BadEnd } from "../driver";
import { executionName, laterName } from "./executionName";
import { jobIdOf } from "./jobIdOf";
import { KILLED_ERRORS } from "./killedErrors";
import { epochTask } from "./tasks";

/** Longest reason that a job's record keeps, characters. */
const LONGEST_REASON = 1_000;

/**
 * The state machine's report before it fails: `{ job, epoch, failure: { error: { Error, Cause }, numbers? } }`. Undefined: the
 * input is another one.
 * @throws SluiceError BAD_TASK
 */
export function recordedFailure(given: unknown): BadEnd | undefined {
  if (!isPlainObject(given) || !isPlainObject(given.failure)) return undefined;
  const { job: id, epoch } = epochTask(given);
  const { error, numbers } = given.failure;
  const thrown = isPlainObject(error) ? error : {};
  const isLane = Array.isArray(numbers);
  const where = isLane ? `The state machine's lane of ${unitsOf(numbers)}` : "The state machine";
  const wasKilled = KILLED_ERRORS.some((name) => name === thrown.Error);
  return {
    candidates: [id],
    concerns: (job) => job.epoch === epoch,
    reason: cut(`${where} failed: ${namedReason(thrown.Error, messageIn(thrown.Cause))}`),
    ...(isLane && wasKilled && { killedAt: numbers.filter((number) => typeof number === "number") }),
  };
}

/**
 * EventBridge's event about an execution that failed, timed out or was stopped:
 * https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html. Undefined: the input is another one.
 */
export function statusChange(given: unknown): BadEnd | undefined {
  if (!isPlainObject(given) || given.source !== "aws.states" || !isPlainObject(given.detail)) return undefined;
  const { executionArn: execution, name, status, input, error, cause } = given.detail;
  if (typeof execution !== "string" || typeof name !== "string") return undefined;
  const ids = [name.replace(/-\d+$/, ""), jobIdOf(execution), idIn(input)];
  const why = namedReason(error, messageIn(cause));
  return {
    candidates: [...new Set(ids.filter((id) => id !== undefined))],
    // Until its ARN is recorded, an execution can be recognized only by its name.
    concerns: (job) =>
      job.driver === "workflow" && (job.execution === execution || (job.state === "starting" && isNameOf(name, job))),
    reason: cut(`Its execution ${name} ${ENDS[String(status)] ?? `is ${status}`}${why === "" ? "" : `: ${why}`}.`),
  };
}

function isNameOf(name: string, { id, epoch, createdAt }: Job): boolean {
  const task = { job: id, epoch };
  return name === executionName(task) || name === laterName(task, createdAt);
}

const ENDS: Readonly<Record<string, string>> = {
  FAILED: "failed",
  TIMED_OUT: "timed out",
  ABORTED: "was stopped",
};

/** The id in an execution's input, an epoch or a start request; EventBridge leaves out one that is long. */
function idIn(input: unknown): string | undefined {
  try {
    const request: unknown = JSON.parse(String(input));
    const { job, jobId = job } = isPlainObject(request) ? request : {};
    return typeof jobId === "string" ? jobId : undefined;
  } catch {
    return undefined;
  }
}

/** A function's error comes as JSON with its message. */
function messageIn(cause: unknown): unknown {
  try {
    const error: unknown = JSON.parse(String(cause));
    return isPlainObject(error) && typeof error.errorMessage === "string" ? error.errorMessage : cause;
  } catch {
    return cause;
  }
}

function unitsOf(numbers: readonly unknown[]): string {
  return `${numbers.length === 1 ? "unit" : "units"} ${numbers.join(", ")}`;
}

function cut(reason: string): string {
  return reason.length > LONGEST_REASON ? `${reason.slice(0, LONGEST_REASON)}…` : reason;
}
