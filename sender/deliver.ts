import { packBatches } from "./batches";
import { SenderError, toSendError } from "./errors";
import type { Letter } from "./letter";
import { type RetryContext, withRetry } from "./retry";
import type { EntryAnswer, Transport } from "./transport";

/** What became of a letter; `CONTENT_REFUSED` as the error's code means that it can never be sent. */
export type LetterOutcome = EntryAnswer;

export interface DeliverOptions extends RetryContext {
  transport: Transport;
  /** Batches on the way at once, 1 to 50. */
  concurrency: number;
}

/** So many batches in a row given up, and the rest is left for another day. */
const GIVE_UP_AFTER = 3;

/**
 * Sends letters in batches and reports what became of each, exactly once for every letter of the source.
 *
 * A batch that fails as a whole is tried again as the retry policy says; entries that fail alone are tried again alone.
 * A batch that SQS refuses for its content is sent letter by letter, so that one bad letter does not hold back nine good
 * ones. When a request fails in a way that no retry mends, or three batches in a row are given up, the letters not
 * yet tried are reported as `NOT_TRIED`.
 *
 * @param onOutcome is awaited; what it throws ends the delivery
 */
export async function deliver<L extends Letter>(
  letters: AsyncIterable<L> | Iterable<L>,
  options: DeliverOptions,
  onOutcome: (letter: L, outcome: LetterOutcome) => Promise<void> | void,
): Promise<void> {
  const batches = packBatches(letters);
  let failures = 0;
  let stopped: SenderError | undefined;

  const worker = async () => {
    for (;;) {
      const next = await batches.next();
      if (next.done) return;
      const outcomes = stopped === undefined ? await sendBatch(next.value, options) : notTried(next.value, stopped);
      const error = worstOf(outcomes);
      failures = error === undefined ? 0 : failures + 1;
      if (error !== undefined && (endsAll(error) || failures >= GIVE_UP_AFTER)) stopped ??= error;
      for (const [index, letter] of next.value.entries()) await onOutcome(letter, outcomes[index] as LetterOutcome);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, worker));
}

/** Sends one batch until every entry is decided. Never rejects. */
export async function sendBatch(batch: Letter[], options: DeliverOptions): Promise<LetterOutcome[]> {
  const outcomes: (LetterOutcome | undefined)[] = batch.map(() => undefined);
  let open = batch.map((_, index) => index);
  try {
    await withRetry(async (signal) => {
      const bodies = open.map((index) => (batch[index] as Letter).text);
      const answers = await options.transport.sendBatch(bodies, signal);
      open.forEach((index, position) => {
        outcomes[index] = answers[position];
      });
      open = open.filter((index) => errorOf(outcomes[index])?.retryable);
      const failure = errorOf(outcomes[open[0] ?? -1]);
      if (failure !== undefined) throw failure;
    }, options);
  } catch (error) {
    const failure = error instanceof SenderError ? error : unexpected(error);
    const splittable = failure.code === "CONTENT_REFUSED" && open.length > 1;
    for (const index of open) {
      const alone = splittable ? await sendBatch([batch[index] as Letter], options) : [{ error: failure }];
      outcomes[index] = alone[0];
    }
  }
  return outcomes as LetterOutcome[];
}

function errorOf(outcome: LetterOutcome | undefined): SenderError | undefined {
  return outcome !== undefined && "error" in outcome ? outcome.error : undefined;
}

function notTried(batch: Letter[], cause: SenderError): LetterOutcome[] {
  const message = `Not tried, because requests before it failed: ${cause.message}`;
  return batch.map(() => ({ error: new SenderError("NOT_TRIED", message, { retryable: true, cause }) }));
}

/** True where no other batch can fare better. */
function endsAll(error: SenderError): boolean {
  return !error.retryable || error.code === "ABORTED";
}

function worstOf(outcomes: LetterOutcome[]): SenderError | undefined {
  const errors = outcomes.flatMap((outcome) => errorOf(outcome) ?? []);
  const own = errors.filter((error) => error.code !== "CONTENT_REFUSED");
  return own.find(endsAll) ?? own[0];
}

function unexpected(error: unknown): SenderError {
  const { code, message } = toSendError(error);
  return new SenderError(code, message, { cause: error });
}
