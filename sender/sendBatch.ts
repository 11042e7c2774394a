import { perhapsArrived, SenderError, type SenderErrorCode, toSendError } from "./errors";
import type { Letter } from "./letter";
import { type RetryContext, withRetry } from "./retry";
import type { EntryAnswer, Transport } from "./transport";

/** The outcome of a letter; `CONTENT_REFUSED` as the error's code means that it can never be sent. */
export type LetterOutcome = EntryAnswer;

export interface SendBatchOptions extends RetryContext {
  transport: Transport;
}

/** Failures of a whole batch that don't depend on the line: one letter may be to blame, so the batch is halved at once. */
const HALVED: SenderErrorCode[] = ["CONTENT_REFUSED", "REQUEST_REFUSED", "UNEXPECTED"];
/**
 * Failures that the line usually causes. But a proxy may also cut the connection at one body, or change the body so that
 * its signature is wrong. Two letters that are sent alone show the cause. All other failures are the same for any letter.
 */
const PROBED: SenderErrorCode[] = ["ACCESS_DENIED", "BAD_ANSWER", "NETWORK", "SERVICE_ERROR", "TIMEOUT"];
const PROBES = 2;
/** The whole batch was tried as often as the policy allows; its parts are tried only this often. */
const ATTEMPTS_OF_PARTS = 2;

/**
 * Sends one batch until every entry is decided. Never rejects.
 *
 * A batch that fails as a whole is retried by the retry policy; entries that fail alone are retried alone. A batch that
 * keeps failing is halved, and its halves likewise, down to the letter that fails alone. A letter that was confirmed is
 * never sent again. If the line may be to blame, two letters are sent alone first, and nothing is halved unless one of
 * them gets through.
 */
export async function sendBatch(batch: readonly Letter[], options: SendBatchOptions): Promise<LetterOutcome[]> {
  const outcomes: (LetterOutcome | undefined)[] = batch.map(() => undefined);
  let open = batch.map((_, index) => index);
  let asAWhole = true;
  try {
    await withRetry(async (signal) => {
      asAWhole = true;
      const answers = await options.transport.sendBatch(
        open.map((index) => batch[index] as Letter),
        signal,
      );
      if (signal.aborted) return; // too late: the try was given up
      asAWhole = false;
      open.forEach((index, position) => {
        outcomes[index] = answers[position];
      });
      open = open.filter((index) => errorOf(outcomes[index])?.retryable);
      const failure = errorOf(outcomes[open[0] ?? -1]);
      if (failure !== undefined) throw failure;
    }, options);
  } catch (error) {
    const failure = error instanceof SenderError ? error : unexpected(error);
    if (asAWhole || failure.code === "ABORTED") {
      const parts = await sendParts(
        open.map((index) => batch[index] as Letter),
        failure,
        options,
      );
      open.forEach((index, position) => {
        outcomes[index] = parts[position];
      });
    }
    if (failure.mayHaveArrived) for (const index of open) outcomes[index] = doubted(outcomes[index] as LetterOutcome);
  }
  return outcomes as LetterOutcome[];
}

/** The error of an outcome, if it is one. */
export function errorOf(outcome: LetterOutcome | undefined): SenderError | undefined {
  return outcome !== undefined && "error" in outcome ? outcome.error : undefined;
}

/** The outcome of a letter that an earlier request may have delivered. A refusal of its content shows that none has. */
function doubted(outcome: LetterOutcome): LetterOutcome {
  const error = errorOf(outcome);
  return error === undefined || error.code === "CONTENT_REFUSED" ? outcome : { error: perhapsArrived(error) };
}

/** Sends the letters of a batch that failed as a whole in smaller parts, if that may help. */
async function sendParts(
  batch: readonly Letter[],
  failure: SenderError,
  options: SendBatchOptions,
): Promise<LetterOutcome[]> {
  const { policy } = options;
  const ofParts = { ...options, policy: { ...policy, attempts: Math.min(policy.attempts, ATTEMPTS_OF_PARTS) } };
  if (batch.length > 1 && HALVED.includes(failure.code)) return sendHalves(batch, ofParts);
  if (batch.length > 1 && PROBED.includes(failure.code)) {
    const first = Math.floor(options.random() * batch.length);
    for (let n = 0; n < PROBES; n++) {
      const index = (first + n) % batch.length;
      const [outcome] = (await sendBatch([batch[index] as Letter], ofParts)) as [LetterOutcome];
      if (errorOf(outcome) !== undefined) continue;
      const others = await sendHalves([...batch.slice(0, index), ...batch.slice(index + 1)], ofParts);
      return [...others.slice(0, index), outcome, ...others.slice(index)];
    }
  }
  return batch.map(() => ({ error: failure }));
}

async function sendHalves(batch: readonly Letter[], options: SendBatchOptions): Promise<LetterOutcome[]> {
  const middle = Math.ceil(batch.length / 2);
  const halves = [batch.slice(0, middle), batch.slice(middle)].filter((half) => half.length > 0);
  const outcomes: LetterOutcome[] = [];
  for (const half of halves) outcomes.push(...(await sendBatch(half, options)));
  return outcomes;
}

function unexpected(error: unknown): SenderError {
  const { code, message } = toSendError(error);
  return new SenderError(code, message, { cause: error });
}
