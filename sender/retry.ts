import { classify } from "./classify";
import type { Clock } from "./clock";
import { describe, perhapsArrived, SenderError } from "./errors";

/** How long and how often one request is tried. */
export interface RetryPolicy {
  /** Tries in all, the first included; 1 to 100. Default 5. */
  attempts: number;
  /** Upper bound of the first pause, in milliseconds; each further one is double. Default 100 (500 when throttled). */
  baseDelayMs: number;
  /** Upper bound of any pause, in milliseconds. Default 5,000. */
  maxDelayMs: number;
  /** One try may take this long, in milliseconds. Default 15,000. */
  attemptTimeoutMs: number;
  /** All tries and pauses together may take this long, in milliseconds. Default 45,000. */
  totalTimeoutMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 5,
  baseDelayMs: 100,
  maxDelayMs: 5_000,
  attemptTimeoutMs: 15_000,
  totalTimeoutMs: 45_000,
};

export interface RetryContext {
  policy: RetryPolicy;
  clock: Clock;
  /** 0 ≤ value < 1. */
  random: () => number;
  signal?: AbortSignal | undefined;
}

/** Throttling is answered with longer pauses, as the SDKs of AWS do. */
const THROTTLED_BASE_MS = 500;

/**
 * Runs `attempt` until it succeeds, fails for good, or the policy's attempts or time are used up.
 * Pauses have full jitter: evenly between 0 and `min(maxDelayMs, baseDelayMs × 2^(n-1))`
 * (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog).
 *
 * @param attempt gets a signal that aborts when the try has taken too long or the caller aborts
 * @throws SenderError the last failure, classified; `ABORTED` if the caller's signal aborted. It is marked `mayHaveArrived` if the
 *   outcome of any try is unknown.
 */
export async function withRetry<T>(attempt: (signal: AbortSignal) => Promise<T>, context: RetryContext): Promise<T> {
  const { policy, clock, random, signal } = context;
  const deadline = clock.now() + policy.totalTimeoutMs;
  let unknown = false;
  const marked = (failure: SenderError) => (unknown ? perhapsArrived(failure) : failure);
  for (let tries = 1; ; tries++) {
    if (signal?.aborted) throw marked(aborted(signal));
    try {
      return await within(attempt, Math.min(policy.attemptTimeoutMs, deadline - clock.now()), clock, signal);
    } catch (error) {
      const failure = classify(error);
      unknown ||= failure.mayHaveArrived || signal?.aborted === true;
      if (signal?.aborted) throw marked(aborted(signal));
      const pause = random() * pauseBound(policy, tries, failure.code === "THROTTLED");
      const outOfTime = clock.now() + pause >= deadline;
      if (!failure.retryable || tries >= policy.attempts || outOfTime) throw marked(failure);
      await clock.sleep(pause, signal).catch((reason) => {
        throw signal?.aborted ? marked(aborted(signal)) : reason;
      });
    }
  }
}

/** Upper bound of the pause after the `tries`-th try, in milliseconds. */
export function pauseBound(policy: RetryPolicy, tries: number, throttled: boolean): number {
  const base = throttled ? Math.max(policy.baseDelayMs, THROTTLED_BASE_MS) : policy.baseDelayMs;
  return Math.min(policy.maxDelayMs, base * 2 ** (tries - 1));
}

/** Runs one try; rejects with `TIMEOUT` after `ms`, or as soon as the caller aborts, even if the try does not listen. */
async function within<T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  ms: number,
  clock: Clock,
  outer: AbortSignal | undefined,
): Promise<T> {
  const inner = new AbortController();
  const timer = new AbortController();
  const forward = () => timer.abort();
  outer?.addEventListener("abort", forward);
  const limit = clock.sleep(ms, timer.signal).then(() => {
    throw new SenderError("TIMEOUT", `No answer within ${Math.round(ms)} ms.`, {
      value: ms,
      retryable: true,
      mayHaveArrived: true,
    });
  });
  limit.catch(() => {}); // the loser of the race
  const work = attempt(inner.signal);
  work.catch(() => {});
  try {
    return await Promise.race([work, limit]);
  } finally {
    outer?.removeEventListener("abort", forward);
    timer.abort();
    inner.abort();
  }
}

function aborted({ reason }: AbortSignal): SenderError {
  const why = reason === undefined ? "" : `: ${describe(reason)}`;
  return new SenderError("ABORTED", `Sending was aborted${why}`, { cause: reason, retryable: true });
}
