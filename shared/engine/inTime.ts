/** Holds an operation's `finish` to the time of an invocation. */
import type { Clock } from "../clock";
import { SluiceError } from "../errors";

/** Work that cannot finish within this share of an invocation will never finish. */
const NEARLY_ALL = 0.75;

/** When an invocation began, and when work in it has to end, milliseconds since the epoch. */
export interface TimeForWork {
  readonly startedAt: number;
  readonly stopAt: number;
}

/**
 * The work's result, if it comes before the time for work is over.
 *
 * @throws SluiceError FINISH_INTERRUPTED (retryable) if another invocation has more time for it, else FINISH_TOO_SLOW.
 */
export async function inTime<T>(work: () => Promise<T>, { startedAt, stopAt }: TimeForWork, clock: Clock): Promise<T> {
  const begunAt = clock.now();
  const ended = new AbortController();
  const late = async (): Promise<never> => {
    await clock.sleep(Math.max(0, stopAt - begunAt), ended.signal);
    throw lateError(begunAt, startedAt, stopAt);
  };
  try {
    return await Promise.race([work(), late()]);
  } finally {
    ended.abort();
  }
}

function lateError(begunAt: number, startedAt: number, stopAt: number): SluiceError {
  if (stopAt - begunAt < NEARLY_ALL * (stopAt - startedAt)) {
    return new SluiceError("FINISH_INTERRUPTED", "finish is begun again, with more time", { retryable: true });
  }
  const seconds = Math.round((stopAt - startedAt) / 1000);
  const message = `finish must end within ${seconds} s, the time of a worker, but did not: raise scannerTimeoutSeconds.`;
  return new SluiceError("FINISH_TOO_SLOW", message, { value: seconds });
}
