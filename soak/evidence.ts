/** The evidence for the accounts. */
import type { StoredMarker, StoredObject } from "../local/ingestState";
import type { Expectation } from "./expectation";
import type { Receipt } from "./sending/receipts";

/** The events of the run. */
export interface Run {
  /** The expected content, derived only from the bodies. */
  expected: Expectation;
  /** Bodies that senders handed to the queue, repeats included. */
  sent: readonly string[];
  /** Messages that the queue took, in the order of its answers. */
  receipts: readonly Receipt[];
  /** Keys of raw objects that expired after their submissions were counted. */
  expired: ReadonlySet<string>;
  /** The number of receipts that are older than that. */
  beforeExpiry: number;
  /** Participants that were erased. */
  erased: ReadonlySet<string>;
}

/** The content in the end. */
export interface Found {
  /** Raw objects by key, byte for byte. */
  raw: ReadonlyMap<string, StoredObject>;
  /** Quarantine objects by key. */
  quarantine: ReadonlyMap<string, QuarantineObject>;
  markers: readonly StoredMarker[];
  /** Items of the results table by user_id. */
  items: Readonly<Record<string, Record<string, unknown>>>;
  /** Messages in the dead-letter queue. */
  dead: number;
  /** Messages left in the queue. */
  left: number;
}

export interface QuarantineObject {
  body: string;
  /** Codes of the reasons, with repeats. */
  codes: string[];
}
