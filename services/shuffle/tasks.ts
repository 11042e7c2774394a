/** Tasks of the definition: each invokes one function, with time-out, retries and a catch. Pure. */
import { KILLED_ERRORS } from "../../shared/drivers/workflow/killedErrors";
import type { Json } from "../../shared/json";
import type { Catcher, Retrier, Task } from "./states";

/** Errors of Lambda itself, and throttles. */
export const TRANSIENT_ERRORS = [
  "Lambda.ClientExecutionTimeoutException",
  "Lambda.ServiceException",
  "Lambda.AWSLambdaException",
  "Lambda.SdkClientException",
  "Lambda.TooManyRequestsException",
] as const;

const BACKOFF = { IntervalSeconds: 2, BackoffRate: 2, MaxDelaySeconds: 60, JitterStrategy: "FULL" } as const;
/** Nothing is overloaded: the next worker continues with the units that the killed one doesn't hold. */
const SHORT_BACKOFF = { ...BACKOFF, IntervalSeconds: 1, MaxDelaySeconds: 5 } as const;

/** Each retrier counts its own retries. A function throws only transient errors; it answers with everything else. */
export const RETRY: readonly Retrier[] = [
  { ErrorEquals: TRANSIENT_ERRORS, MaxAttempts: 6, ...BACKOFF },
  { ErrorEquals: KILLED_ERRORS, MaxAttempts: 8, ...SHORT_BACKOFF },
  { ErrorEquals: ["States.TaskFailed"], MaxAttempts: 3, ...BACKOFF },
];

/** Retries of one visit to a task, with all retriers together. */
export const MOST_RETRIES = RETRY.reduce((sum, { MaxAttempts }) => sum + MaxAttempts, 0);

/** Margin between a function's own time-out and that of its task, seconds: for its start and the network. */
const MARGIN_SECONDS = 30;

export interface Invocation {
  /** The function's ARN, or the path of a field that has it. */
  readonly function: string;
  /** Time-out of the function, seconds. */
  readonly timeoutSeconds: number;
  readonly payload: { readonly [name: string]: Json };
  /** Field for the answer: `<field>.answer`. Null: the answer is dropped. */
  readonly into: string | null;
  readonly next: string;
  /** State that an error leads to once all retries have failed. */
  readonly caught: string;
  /** Field for that error. Default `error`. */
  readonly errorInto?: string;
}

/**
 * The integration of Lambda has as many events (five) and transitions (one) as a function's ARN as resource, and can take the
 * function from a field: https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
 */
export function invoke({ timeoutSeconds, payload, into, next, caught, errorInto, ...target }: Invocation): Task {
  const name = target.function.startsWith("$") ? "FunctionName.$" : "FunctionName";
  return {
    Type: "Task",
    Resource: "arn:aws:states:::lambda:invoke",
    Parameters: { [name]: target.function, Payload: payload },
    ...(into === null ? {} : { ResultSelector: { "answer.$": "$.Payload" } }),
    ResultPath: into === null ? null : `$.${into}`,
    TimeoutSeconds: timeoutSeconds + MARGIN_SECONDS,
    Retry: RETRY,
    Catch: caughtBy(caught, errorInto),
    Next: next,
  };
}

/** Any error; it becomes the field `into`: `{ Error, Cause? }`. */
export function caughtBy(next: string, into = "error"): readonly Catcher[] {
  return [{ ErrorEquals: ["States.ALL"], ResultPath: `$.${into}`, Next: next }];
}
