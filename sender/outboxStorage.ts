import type { SendError } from "./errors";

/**
 * Where an outbox keeps its submissions. `folderStorage` is the one for Node; an app on a phone gives its own
 * (over expo-file-system, SQLite, …) and keeps these promises, on which "never lost" stands.
 */
export interface OutboxStorage {
  /** Names of all complete entries, in the order of sending. */
  names(): Promise<string[]>;
  /** An entry's content, as text or as its bytes; undefined where it is gone (another process has sent it). */
  read(name: string): Promise<string | Uint8Array | undefined>;
  /** Keeps an entry. Once resolved it survives a crash; until then the name must not be listed with partial content. */
  save(name: string, content: string | Uint8Array): Promise<void>;
  /** Removes an entry that SQS has confirmed. No error where it is gone already. */
  remove(name: string): Promise<void>;
  /** Moves an entry that can never be sent out of the way, with the reason, without losing it. No error where it is gone. */
  setAside(name: string, reason: RejectReason): Promise<void>;
  /** Called before each flush: the place to clear away what crashes have left half-written. */
  tidy?(): Promise<void>;
}

/** Why a submission was set aside; for a folder the content of `rejected/<name>.reason.json`. */
export interface RejectReason extends SendError {
  submissionId: string;
  /** When it was set aside, RFC 3339. */
  rejectedAt: string;
}
