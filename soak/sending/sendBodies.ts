import { setTimeout as sleep } from "node:timers/promises";
import pLimit from "p-limit";
import type { Sender } from "../../sender/index";

export interface SendProgress {
  /** Confirmed by SQS so far. */
  confirmed: number;
  /** Letters that the sender had given up for the moment, and that were then sent again, as from the outbox. */
  sentAgain: number;
  /** Flushes of outboxes so far. */
  flushes: number;
}

/** Requests under way at once, as from this many phones. */
const CONCURRENCY = 8;
/** One in this many bodies is sent alone, as a phone without a backlog does; the others go in batches. */
const ALONE = 10;
const PAUSE_MS = 1_000;

/**
 * Hands bodies to the sender until SQS has confirmed each one. Bodies that the sender gives up for now are sent again, as
 * from its outbox; bodies that can never be sent are returned.
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
  for (let open = [...texts]; open.length > 0; ) {
    const again: string[] = [];
    const decide = (text: string, error?: { code: string; message: string; retryable: boolean }) => {
      if (!error) progress.confirmed++;
      else if (error.retryable) again.push(text);
      else refused.push(`${error.code}: ${error.message}`);
    };
    const alone = open.filter((text, index) => index % ALONE === 0 && isAsWritten(text));
    const together = open.filter((text, index) => index % ALONE !== 0 || !isAsWritten(text));
    await Promise.all([sendAlone(sender, alone, decide, signal), sendTogether(sender, together, decide, signal)]);
    signal.throwIfAborted();
    progress.sentAgain += again.length;
    if (again.length > 0) await sleep(PAUSE_MS, undefined, { signal });
    open = again;
  }
  return refused;
}

type Decide = (text: string, error?: { code: string; message: string; retryable: boolean }) => void;

/** Each survey in a request of its own, as an object, the way an app hands it over. */
async function sendAlone(sender: Sender, texts: string[], decide: Decide, signal: AbortSignal): Promise<void> {
  const limit = pLimit(CONCURRENCY);
  const send = async (text: string) => {
    const { error } = await sender.sendSurvey(JSON.parse(text), { signal });
    decide(text, error);
  };
  await Promise.all(texts.map((text) => limit(send, text)));
}

/** Batches of unchecked letters, including garbage: the sender's own checks come before this, and phones may be broken. */
async function sendTogether(sender: Sender, texts: string[], decide: Decide, signal: AbortSignal): Promise<void> {
  const letters = texts.map((text, index) => ({ text, submissionId: `letter-${index}` }));
  await sender.deliver(letters, ({ text }, outcome) => decide(text, "error" in outcome ? outcome.error : undefined), {
    concurrency: CONCURRENCY,
    signal,
  });
}

/** Whether the sender, given the object, writes this very text. */
export function isAsWritten(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) && JSON.stringify(value) === text;
  } catch {
    return false;
  }
}
