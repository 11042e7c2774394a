import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Outbox, openOutbox, type Sender } from "../../sender/index";
import type { SendProgress } from "./sendBodies";

export interface OutboxesOptions {
  sender: Sender;
  /** The parent of the outboxes' folders. */
  folder: string;
  /** Is kept up to date. */
  progress: SendProgress;
  /** Ends it; its reason is thrown. */
  signal: AbortSignal;
}

/** Phones with an outbox each. */
const PHONES = 4;
/** Surveys that a phone has saved when it finds a network. */
const BACKLOG = 40;
/** A survey that still waits after this many flushes in a row is stuck. */
const MOST_FLUSHES = 20;
const PAUSE_MS = 500;

/**
 * Saves surveys in outboxes, and flushes these until they are empty.
 * @param texts as the outbox writes them.
 * @returns a sentence for each that was set aside, or that still waits after many flushes.
 */
export async function sendThroughOutboxes(texts: readonly string[], options: OutboxesOptions): Promise<string[]> {
  const phones = Array.from({ length: PHONES }, async (_, phone) => {
    const outbox = openOutbox(join(options.folder, `phone-${phone}`), options.sender);
    const own = texts.filter((_text, index) => index % PHONES === phone);
    const problems: string[] = [];
    for (let from = 0; from < own.length; from += BACKLOG) {
      for (const text of own.slice(from, from + BACKLOG)) await outbox.save(JSON.parse(text));
      problems.push(...(await empty(outbox, options)));
    }
    return problems;
  });
  return (await Promise.all(phones)).flat();
}

async function empty(outbox: Outbox, { progress, signal }: OutboxesOptions): Promise<string[]> {
  const problems: string[] = [];
  for (let flushes = 1; ; flushes++) {
    const { sent, refused, waiting, error } = await outbox.flush({ signal });
    signal.throwIfAborted();
    progress.flushes++;
    progress.confirmed += sent.length;
    problems.push(...refused.map((entry) => `${entry.error?.code}: ${entry.error?.message}`));
    if (waiting.length === 0 && error === undefined) return problems;
    if (flushes === MOST_FLUSHES) {
      const codes = [...new Set(waiting.map((entry) => entry.error?.code))].join(", ");
      return [...problems, `${waiting.length} still in an outbox after ${flushes} flushes: ${codes || error?.code}`];
    }
    progress.sentAgain += waiting.length;
    await sleep(PAUSE_MS, undefined, { signal });
  }
}
