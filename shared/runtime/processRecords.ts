import pLimit from "p-limit";
import { SluiceError } from "../errors";

export interface ProcessOptions {
  /** Records in work at once, 1 or more. */
  concurrency: number;
  /** When to stop: nothing is started after it aborts, and what is still in work counts as failed. */
  signal: AbortSignal;
}

/**
 * Works on the records of a batch, at most `concurrency` at once, until the signal aborts. A record that is not done by
 * then counts as failed and goes back to the queue, so its work has to be such that doing it again has no effect.
 * @returns one settled result a record, in order, for @middy/sqs-partial-batch-failure. Never rejects.
 */
export function processRecords<T, R>(
  records: readonly T[],
  work: (record: T, signal: AbortSignal) => Promise<R>,
  { concurrency, signal }: ProcessOptions,
): Promise<PromiseSettledResult<R>[]> {
  const limit = pLimit(concurrency);
  const timeIsUp = new Promise<never>((_, reject) => {
    const abort = () => reject(new SluiceError("OUT_OF_TIME", "The invocation's time is over.", { retryable: true }));
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
  timeIsUp.catch(() => undefined);
  return Promise.allSettled(
    records.map((record) => {
      const done = limit(() => (signal.aborted ? timeIsUp : work(record, signal)));
      return Promise.race([done, timeIsUp]);
    }),
  );
}
