import { SluiceError } from "../errors";

export interface ProcessOptions {
  /** Records in work at once, 1 or more. */
  concurrency: number;
  /** Aborts when the time is over: no further record is started, and records still in work count as failed. */
  signal: AbortSignal;
}

/**
 * Works on the records of a batch, at most `concurrency` at once, until the signal aborts. A record that is not done by
 * then counts as failed and goes back to the queue, so its work has to be idempotent.
 * @returns one settled result for each record, in order, for @middy/sqs-partial-batch-failure. Never rejects.
 */
export async function processRecords<T, R>(
  records: readonly T[],
  work: (record: T, signal: AbortSignal) => Promise<R>,
  { concurrency, signal }: ProcessOptions,
): Promise<PromiseSettledResult<R>[]> {
  const results = new Array<PromiseSettledResult<R> | undefined>(records.length).fill(undefined);
  let next = 0;
  const lane = async () => {
    while (next < records.length && !signal.aborted) {
      const index = next++;
      try {
        results[index] = { status: "fulfilled", value: await work(records[index] as T, signal) };
      } catch (reason) {
        results[index] = { status: "rejected", reason };
      }
    }
  };
  const lanes = Array.from({ length: Math.min(concurrency, records.length) }, lane);
  await Promise.race([Promise.all(lanes), aborted(signal)]);
  // Work that the signal aborts reports why it isn't done yet, if there is time. That reason helps people to find the
  // cause.
  if (signal.aborted) await new Promise((resolve) => setImmediate(resolve));
  // A copy: records still in work must not change an answer that was returned.
  return results.map((result) => result ?? { status: "rejected", reason: outOfTime() });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function outOfTime(): SluiceError {
  return new SluiceError("OUT_OF_TIME", "The invocation's time is over.", { retryable: true });
}
