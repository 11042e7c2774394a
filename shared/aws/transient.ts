import { isServerError, isThrottlingError, isTransientError } from "@smithy/core/retry";
import pRetry from "p-retry";
import { describeError } from "../describeError";
import { SluiceError } from "../errors";

/** Codes that the SDK does not retry, although the same call may succeed a moment later. */
const RETRY_CODES = new Set([
  "ConditionalRequestConflict", // S3: another write of the same key is in progress
  "OperationAborted", // S3: the same, of the bucket
  "TransactionConflictException",
  "TransactionInProgressException",
]);
/** Transient reasons for which DynamoDB cancels a transaction: the SDK sees only the cancellation. */
const RETRY_REASONS = new Set(["TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"]);
const NETWORK_CODES = new Set(["ECONNRESET", "ECONNREFUSED", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN"]);

const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 2_000;

type SdkError = Parameters<typeof isTransientError>[0];
type AwsError = Error & { code?: string; CancellationReasons?: { Code?: string }[] };

/** Whether the same call may succeed later: throttles, 5xx, time-outs, broken connections, conflicting transactions. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { name, code, CancellationReasons: reasons } = error as AwsError;
  if (name === "TransactionCanceledException") return (reasons ?? []).some(({ Code }) => RETRY_REASONS.has(Code ?? ""));
  if (RETRY_CODES.has(name) || NETWORK_CODES.has(code ?? "")) return true;
  const sdkError = error as SdkError;
  return isThrottlingError(sdkError) || isTransientError(sdkError) || isServerError(sdkError);
}

/**
 * Repeats a call that fails for a transient reason, after 50 ms, 100 ms, … 2 s with jitter, until the signal aborts.
 * The only layer of retries: the SDK's own are off (see clients.ts).
 *
 * @throws the last error. If the signal aborts first: OUT_OF_TIME (retryable), with the last error, if there was one, as
 *   its cause.
 */
export async function retryTransient<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  let last: unknown;
  const attempt = async () => {
    try {
      return await call();
    } catch (error) {
      // The error of an attempt that the signal itself aborted has no new information.
      if (!signal.aborted) last = error;
      throw error;
    }
  };
  try {
    return await pRetry(attempt, {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: FIRST_RETRY_MS,
      maxTimeout: LONGEST_RETRY_MS,
      randomize: true,
      signal,
      shouldRetry: ({ error }) => isTransient(error),
    });
  } catch (error) {
    throw signal.aborted ? outOfTime(last) : error;
  }
}

/** An attempt that the signal aborted is not a cause: it failed only because the time was over. */
function outOfTime(cause: unknown): SluiceError {
  const failed = cause !== undefined;
  const what = failed ? `a call was retried that failed with ${describeError(cause)}` : "a call was under way";
  const message = `The time was over while ${what}.`;
  return new SluiceError("OUT_OF_TIME", message, { retryable: true, ...(failed ? { cause } : {}) });
}
