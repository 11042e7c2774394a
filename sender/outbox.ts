import { type Clock, systemClock } from "./clock";
import type { Sender } from "./createSender";
import { type SendError, toSendError } from "./errors";
import { type FlushOptions, type FlushReport, flushOutbox, rejectReason, storageError } from "./flushOutbox";
import { folderStorage } from "./folderStorage";
import type { Letter, Unsendable } from "./letter";
import { draftOf, entryName } from "./outboxEntry";
import type { OutboxStorage } from "./outboxStorage";
import type { Survey } from "./readSurvey";

export interface OutboxOptions {
  /** Default: the system's clock. */
  clock?: Clock | undefined;
  /** 0 ≤ value < 1, for names. Default `Math.random`. */
  random?: (() => number) | undefined;
}

/** The outcome of `save` for a submission. */
export interface SaveResult {
  /** 200: it is kept and will be sent. 400: it can never be sent; see `error`. */
  statusCode: 200 | 400;
  submissionId: string;
  /** The entry's name in the storage; with 400 it was set aside. Absent if there was no content to keep. */
  name?: string;
  /** Only with 400. */
  error?: SendError;
}

/** Submissions are saved first and sent when possible: never lost, perhaps sent twice. */
export interface Outbox {
  /**
   * Keeps a submission (the path of a file, which stays where it is, or an object) until it is sent. A submission that
   * can never be sent, or violates the stack's rules, is set aside at once, with the reason.
   *
   * @throws SenderError `OUTBOX_IO` if the storage fails (disk full, no permission): the submission is not kept
   */
  save(survey: Survey): Promise<SaveResult>;
  /**
   * Sends all waiting entries, each independently of the others. Never rejects. A second call waits for the first to end.
   */
  flush(options?: FlushOptions): Promise<FlushReport>;
  /** Names of the entries that wait. @throws SenderError `OUTBOX_IO` */
  names(): Promise<string[]>;
}

const DEFAULT_CONCURRENCY = 2;

/**
 * Opens an outbox.
 *
 * @param place a folder (see `folderStorage`), or a storage of the app's own
 * @param sender the way to the queue, from `createSender`
 */
export function openOutbox(place: string | OutboxStorage, sender: Sender, options: OutboxOptions = {}): Outbox {
  const { clock = systemClock, random = Math.random } = options;
  const storage = typeof place === "string" ? folderStorage(place, { clock }) : place;
  let saved = 0;
  let flushing: Promise<unknown> = Promise.resolve();
  const tried = new Set<string>();

  return {
    async save(survey) {
      const draft = await draftOf(survey);
      const letter = checked(draft.letter, sender);
      const { content } = draft;
      if (content === undefined) return saveResult(letter);
      const name = entryName(clock.now(), saved++, random, letter.submissionId);
      try {
        await storage.save(name, content);
        if ("error" in letter) await storage.setAside(name, rejectReason(letter.submissionId, letter.error, clock));
      } catch (error) {
        throw storageError(error);
      }
      return saveResult(letter, name);
    },
    flush(flushOptions = {}) {
      const options = { concurrency: DEFAULT_CONCURRENCY, ...flushOptions };
      const run = () => flushOutbox(storage, sender, clock, options, tried);
      const turn = flushing.then(run);
      flushing = turn.catch(() => {});
      return turn;
    },
    async names() {
      try {
        return await storage.names();
      } catch (error) {
        throw storageError(error);
      }
    },
  };
}

function checked(letter: Letter | Unsendable, sender: Sender): Letter | Unsendable {
  if ("error" in letter) return letter;
  const error = sender.refusal(letter);
  return error === undefined ? letter : { submissionId: letter.submissionId, error };
}

function saveResult(letter: Letter | Unsendable, name?: string): SaveResult {
  const { submissionId } = letter;
  const kept = name === undefined ? {} : { name };
  if ("error" in letter) return { statusCode: 400, submissionId, ...kept, error: toSendError(letter.error) };
  return { statusCode: 200, submissionId, ...kept };
}
