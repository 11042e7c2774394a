import { packBatches } from "./batches";
import { SenderError, type SenderErrorCode } from "./errors";
import type { Letter } from "./letter";
import { errorOf, type LetterOutcome, type SendBatchOptions, sendBatch } from "./sendBatch";

export interface DeliverOptions extends SendBatchOptions {
  /** Batches on the way at once, 1 to 50. */
  concurrency: number;
}

type Report<L extends Letter> = (letter: L, outcome: LetterOutcome) => Promise<void> | void;

/** After this many failed batches in a row, for any reasons, the rest is left for later. */
const GIVE_UP_AFTER = 3;
/** Refusals that a letter itself causes, if others get through. */
const REFUSALS: SenderErrorCode[] = ["REQUEST_REFUSED", "UNEXPECTED"];

/**
 * Sends letters in batches and reports the outcome of each, exactly once for every letter of the source.
 *
 * One letter does not delay the others: a batch that fails is split (see {@link sendBatch}). A letter that is refused
 * alone while others get through is reported as `CONTENT_REFUSED`. While nothing gets through, the cause may be the
 * letter or the line, and the letter's own error is reported.
 *
 * When a second batch in a row fails in the same way, or a third one in any way, the letters not yet tried are reported as
 * `NOT_TRIED`. A batch counts as failed if none of its letters got through.
 *
 * @param onOutcome is awaited; if it throws, the delivery ends with that error
 */
export async function deliver<L extends Letter>(
  letters: AsyncIterable<L> | Iterable<L>,
  options: DeliverOptions,
  onOutcome: Report<L>,
): Promise<void> {
  const batches = packBatches(letters);
  const line = new Line(onOutcome);
  const worker = async () => {
    for (;;) {
      const next = await batches.next();
      if (next.done) return;
      const { stopped } = line;
      const outcomes = stopped === undefined ? await sendBatch(next.value, options) : notTried(next.value, stopped);
      await line.settle(next.value, outcomes);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, worker));
  await line.end();
}

/** The state of the line, from the batches so far, and the letters whose outcome depends on it. */
class Line<L extends Letter> {
  /** Why no further batch is sent. */
  stopped: SenderError | undefined;
  /** The failures of the last batches in a row; empty while letters get through. */
  private failures: SenderError[] = [];
  /** Whether the last batch got through, at least in part. */
  private works = false;
  /** Refused alone, and nothing got through since. */
  private unproven: { letter: L; error: SenderError }[] = [];

  constructor(private readonly report: Report<L>) {}

  async settle(batch: readonly L[], outcomes: readonly LetterOutcome[]): Promise<void> {
    const passed = outcomes.some((outcome) => errorOf(outcome) === undefined);
    const refused = passed || (batch.length === 1 && this.works);
    for (const [index, letter] of batch.entries()) {
      const outcome = outcomes[index] as LetterOutcome;
      const error = errorOf(outcome);
      if (error === undefined || !REFUSALS.includes(error.code)) await this.report(letter, outcome);
      else if (refused) await this.refuse(letter, error);
      else this.unproven.push({ letter, error });
    }
    if (passed) await this.prove();
    else this.fail(outcomes);
  }

  /** Reports the letters whose outcome is still unknown. */
  async end(): Promise<void> {
    for (const { letter, error } of this.unproven.splice(0)) await this.report(letter, { error });
  }

  private async prove(): Promise<void> {
    this.works = true;
    this.failures = [];
    for (const { letter, error } of this.unproven.splice(0)) await this.refuse(letter, error);
  }

  private async refuse(letter: L, cause: SenderError): Promise<void> {
    const message = `This letter is refused alone, and others get through: ${cause.message}`;
    await this.report(letter, { error: new SenderError("CONTENT_REFUSED", message, { cause }) });
  }

  private fail(outcomes: readonly LetterOutcome[]): void {
    const errors = outcomes.flatMap((outcome) => errorOf(outcome) ?? []);
    const own = errors.filter(({ code }) => code !== "CONTENT_REFUSED" && code !== "NOT_TRIED");
    // A permanent error is more informative than a transient one.
    const error = own.find(({ retryable }) => !retryable) ?? own[0];
    if (error === undefined) return; // SQS answered for each letter
    this.works = false;
    const before = this.failures.at(-1);
    this.failures.push(error);
    const again = before?.code === error.code || this.failures.length >= GIVE_UP_AFTER;
    if (error.code === "ABORTED" || again) this.stopped ??= error;
  }
}

function notTried(batch: readonly Letter[], cause: SenderError): LetterOutcome[] {
  const message = `Not tried, because requests before it failed: ${cause.message}`;
  return batch.map(() => ({ error: new SenderError("NOT_TRIED", message, { retryable: true, cause }) }));
}
