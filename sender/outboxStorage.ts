import type { SendError } from "./errors";

/**
 * The storage of an outbox. `folderStorage` is the one for Node. An app on a phone provides its own (over
 * expo-file-system, SQLite, …) and has to keep these promises, on which "never lost" depends.
 */
export interface OutboxStorage {
  /** Names of all complete entries, in the order of sending. */
  names(): Promise<string[]>;
  /** An entry's content, as text or as its bytes; undefined if it is gone (another process has sent it). */
  read(name: string): Promise<string | Uint8Array | undefined>;
  /** Keeps an entry. Once resolved it survives a crash; until then the name must not be listed with partial content. */
  save(name: string, content: string | Uint8Array): Promise<void>;
  /** Removes an entry that SQS has confirmed. No error if it is gone already. */
  remove(name: string): Promise<void>;
  /** Moves an entry that can never be sent out of the way, with the reason, without losing it. No error if it is gone. */
  setAside(name: string, reason: RejectReason): Promise<void>;
  /** Called before each flush: here half-written remains of crashes can be removed. */
  tidy?(): Promise<void>;
}

/** Why a submission was set aside; for a folder the content of `rejected/<name>.reason.json`. */
export interface RejectReason extends SendError {
  submissionId: string;
  /** When it was set aside, RFC 3339. */
  rejectedAt: string;
}
