/** The workflow driver's tasks as a state machine carries them: their input, and their answers with timestamps. Pure. */
import { SluiceError } from "../../errors";
import { isPlainObject } from "../../json";
import type { BatchStep, BatchTask, EpochTask, Stopped, Summary } from "../driver";

/** Added to the end of a lease for the difference between the clocks of workers and Step Functions, milliseconds. */
const CLOCKS_MS = 1_000;

/** An answer of a task: `at` is a timestamp for a Wait state's `TimestampPath`. */
export type Answer<Outcome> = Outcome extends { readonly at: number }
  ? Omit<Outcome, "at"> & { readonly at: string }
  : Outcome;

/** @throws SluiceError BAD_TASK */
export function batchTask(given: unknown): BatchTask {
  const { job, epoch, numbers } = isPlainObject(given) ? given : {};
  if (isName(job) && isCount(epoch) && Array.isArray(numbers) && numbers.length > 0 && numbers.every(isCount)) {
    return { job, epoch, numbers };
  }
  throw badTask("{ job, epoch, numbers }", given);
}

/** @throws SluiceError BAD_TASK */
export function epochTask(given: unknown): EpochTask {
  const { job, epoch } = isPlainObject(given) ? given : {};
  if (isName(job) && isCount(epoch)) return { job, epoch };
  throw badTask("{ job, epoch }", given);
}

/** The outcome as JSON. `at` is never too early: at that time the lease is over, or the attempt is due. */
export function answerOf<Outcome extends BatchStep | Summary | Stopped>(outcome: Outcome): Answer<Outcome> {
  if (!("at" in outcome)) return outcome as Answer<Outcome>;
  const { state, at } = outcome;
  return { ...outcome, at: timestamp(state === "continued" ? at : at + CLOCKS_MS) } as unknown as Answer<Outcome>;
}

/**
 * RFC 3339 in whole seconds, rounded up: a Wait state cuts off milliseconds.
 * See https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html
 */
function timestamp(at: number): string {
  return new Date(1_000 * Math.ceil(at / 1_000)).toISOString().replace(".000Z", "Z");
}

function badTask(wanted: string, given: unknown): SluiceError {
  return new SluiceError("BAD_TASK", `The input of the task must be ${wanted}.`, { value: given });
}

function isName(given: unknown): given is string {
  return typeof given === "string" && given !== "";
}

function isCount(given: unknown): given is number {
  return Number.isInteger(given) && (given as number) >= 0;
}
