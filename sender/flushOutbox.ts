import type { Clock } from "./clock";
import type { Sender } from "./createSender";
import { describe, type SendError, SenderError, type SenderErrorCode, toSendError } from "./errors";
import type { Letter } from "./letter";
import { letterOfContent } from "./outboxEntry";
import type { OutboxStorage, RejectReason } from "./outboxStorage";
import type { LetterOutcome } from "./sendBatch";

export interface FlushOptions {
  /** Stops the flush; unconfirmed entries stay. */
  signal?: AbortSignal | undefined;
  /** Batches on the way at once, 1 to 50. Default 2. */
  concurrency?: number | undefined;
  /** Called after each entry; must not throw. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/** One entry and its outcome. */
export interface FlushedEntry {
  name: string;
  submissionId: string;
  messageId?: string;
  error?: SendError;
}

export interface FlushReport {
  /** Confirmed by SQS and removed. */
  sent: FlushedEntry[];
  /** Can never be sent; set aside with the reason. */
  refused: FlushedEntry[];
  /** Still in the outbox, with the reason. */
  waiting: FlushedEntry[];
  /** Why the flush as a whole could not be done (storage, options). */
  error?: SendError;
}

type Entry = Letter & { name: string };

/**
 * Sends everything that waits in a storage; an entry leaves it only after SQS has confirmed that very entry.
 *
 * @param tried names of the entries that earlier flushes tried in vain; brought up to date. They go last, so that a flush
 *   that gives up early does not try the same ones each time.
 */
export async function flushOutbox(
  storage: OutboxStorage,
  sender: Sender,
  clock: Clock,
  { onProgress, ...sendOptions }: FlushOptions,
  tried: Set<string> = new Set(),
): Promise<FlushReport> {
  const flush = new Flush(storage, clock, onProgress);
  try {
    await storage.tidy?.();
    const names = await storage.names();
    flush.begin([...names.filter((name) => !tried.has(name)), ...names.filter((name) => tried.has(name))]);
    await sender.deliver(flush.letters(), (entry, outcome) => flush.settle(entry, outcome), sendOptions);
  } catch (error) {
    flush.breakOff(toSendError(storageError(error)));
  }
  for (const { name } of [...flush.report.sent, ...flush.report.refused]) tried.delete(name);
  for (const { name, error } of flush.report.waiting) if (error && !UNTRIED.includes(error.code)) tried.add(name);
  return flush.report;
}

/** Why an entry that was not tried still waits. */
const UNTRIED: SenderErrorCode[] = ["ABORTED", "NOT_TRIED"];

/** An error of a storage, in the form that the sender reports. */
export function storageError(error: unknown): SenderError {
  if (error instanceof SenderError) return error;
  const full = /ENOSPC|EDQUOT/.test(String((error as { code?: unknown } | null)?.code)) ? "the disk is full: " : "";
  const message = `The outbox's storage failed: ${full}${describe(error)}`;
  return new SenderError("OUTBOX_IO", message, { retryable: true, cause: error });
}

/** Why a submission is set aside, and when. */
export function rejectReason(submissionId: string, error: SenderError, clock: Clock): RejectReason {
  return { ...toSendError(error), submissionId, rejectedAt: new Date(clock.now()).toISOString() };
}

/** One flush's bookkeeping: every name at the start ends in exactly one list of the report, unless its entry was gone. */
class Flush {
  readonly report: FlushReport = { sent: [], refused: [], waiting: [] };
  private open = new Set<string>();
  private total = 0;

  constructor(
    private readonly storage: OutboxStorage,
    private readonly clock: Clock,
    private readonly onProgress: FlushOptions["onProgress"],
  ) {}

  begin(names: string[]): void {
    this.open = new Set(names);
    this.total = this.open.size;
  }

  /** The sendable entries, read one by one on demand; the others are settled on the way. */
  async *letters(): AsyncGenerator<Entry> {
    for (const name of [...this.open]) {
      try {
        const content = await this.storage.read(name);
        if (content === undefined) {
          this.open.delete(name);
          continue;
        }
        const letter = letterOfContent(content, name);
        if ("error" in letter) await this.refuse(name, letter.submissionId, letter.error);
        else yield { ...letter, name };
      } catch (error) {
        const failure = storageError(error);
        if (failure.code === "TOO_LARGE") await this.refuse(name, name, failure);
        else this.done("waiting", { name, submissionId: name, error: toSendError(failure) });
      }
    }
  }

  async settle({ name, submissionId }: Entry, outcome: LetterOutcome): Promise<void> {
    if ("messageId" in outcome) {
      const entry = { name, submissionId, messageId: outcome.messageId };
      const error = await failureOf(() => this.storage.remove(name));
      // Sent and not removed: the next flush sends it again, so it counts as waiting.
      this.done(error ? "waiting" : "sent", error ? { ...entry, error } : entry);
    } else if (outcome.error.code === "CONTENT_REFUSED") {
      await this.refuse(name, submissionId, outcome.error);
    } else {
      this.done("waiting", { name, submissionId, error: toSendError(outcome.error) });
    }
  }

  /** Ends with everything undecided still waiting. */
  breakOff(error: SendError): void {
    this.report.error = error;
    for (const name of [...this.open]) this.done("waiting", { name, submissionId: name, error });
  }

  private async refuse(name: string, submissionId: string, error: SenderError): Promise<void> {
    const reason = rejectReason(submissionId, error, this.clock);
    const failure = await failureOf(() => this.storage.setAside(name, reason));
    this.done(failure ? "waiting" : "refused", { name, submissionId, error: failure ?? toSendError(error) });
  }

  private done(list: "sent" | "refused" | "waiting", entry: FlushedEntry): void {
    if (!this.open.delete(entry.name)) return;
    this.report[list].push(entry);
    this.onProgress?.(this.total - this.open.size, this.total);
  }
}

async function failureOf(work: () => Promise<void>): Promise<SendError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return toSendError(storageError(error));
  }
}
