/** Keeps the reason of a call that is retried until its time is over, and notes one that has been failing for long. */
import type { Clock } from "../clock";
import { SluiceError } from "../errors";

/**
 * A call that has been failing for this long is noted in the unit's record, and again after each such time, milliseconds.
 */
const NOTE_EVERY_MS = 5_000;

export type Retry = <T>(call: () => Promise<T>) => Promise<T>;

export interface Trouble {
  readonly error: unknown;
  /** When the call first failed, milliseconds since the epoch. */
  readonly since: number;
}

/**
 * A retry that remembers the call's last failure. When time runs out, it throws that failure, which goes into the unit's record
 * as the reason. If the limiter allows no further attempt before its deadline, the error `capacity.deadline` has the last
 * failure as its cause.
 *
 * @param note is called once a call has been failing for five seconds, and every five seconds after.
 */
export function keepingReason(retry: Retry, clock: Pick<Clock, "now">, note: (trouble: Trouble) => void): Retry {
  return async (call) => {
    let last: { readonly error: unknown } | undefined;
    let since: number | undefined;
    let notedAt: number | undefined;
    const attempt = async () => {
      try {
        return await call();
      } catch (error) {
        if (hasCode(error, "capacity.deadline")) throw last === undefined ? error : withCause(error, last.error);
        const now = clock.now();
        last = { error };
        since ??= now;
        if (now - (notedAt ?? since) >= NOTE_EVERY_MS) {
          notedAt = now;
          note({ error, since });
        }
        throw error;
      }
    };
    try {
      return await retry(attempt);
    } catch (error) {
      throw hasCode(error, "OUT_OF_TIME") && error.cause !== undefined ? error.cause : error;
    }
  };
}

function hasCode(error: unknown, code: string): error is SluiceError {
  return error instanceof SluiceError && error.code === code;
}

function withCause({ code, message, value, retryable }: SluiceError, cause: unknown): SluiceError {
  return new SluiceError(code, message, { value, retryable, cause });
}
