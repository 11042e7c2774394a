import { setTimeout as sleep } from "node:timers/promises";
import type { Letter, Sender } from "../sender";

export interface SendProgress {
  /** Confirmed by SQS so far. */
  confirmed: number;
  /** Letters that the sender had given up for the moment and that were sent again, as the outbox does. */
  sentAgain: number;
}

/** Batches on the way at once, as if so many phones were sending. */
const CONCURRENCY = 8;
const PAUSE_MS = 1_000;

/**
 * Hands bodies to the sender until SQS has confirmed each one. What the sender gives up for now is sent again, as from
 * its outbox; what can never be sent is returned.
 * @param progress is kept up to date.
 * @throws the signal's reason.
 */
export async function sendBodies(
  sender: Sender,
  texts: readonly string[],
  progress: SendProgress,
  signal: AbortSignal,
): Promise<string[]> {
  const refused: string[] = [];
  let open = texts.map(letterOf);
  while (open.length > 0) {
    const again: Letter[] = [];
    await sender.deliver(
      open,
      (letter, outcome) => {
        if ("messageId" in outcome) progress.confirmed++;
        else if (outcome.error.retryable) again.push(letter);
        else refused.push(`${outcome.error.code}: ${outcome.error.message}`);
      },
      { concurrency: CONCURRENCY, signal },
    );
    signal.throwIfAborted();
    progress.sentAgain += again.length;
    if (again.length > 0) await sleep(PAUSE_MS, undefined, { signal });
    open = again;
  }
  return refused;
}

/** A letter as it is, garbage included: the sender's own checks come before this, and phones may be broken. */
function letterOf(text: string, index: number): Letter {
  return { text, bytes: Buffer.byteLength(text), submissionId: `letter-${index}` };
}
