/** What the accounts are made of. */
import type { StoredMarker, StoredObject } from "../local/ingestState";
import type { Expectation } from "./expectation";
import type { Receipt } from "./sending/receipts";

/** What happened. */
export interface Run {
  /** What should be there, by the bodies alone. */
  expected: Expectation;
  /** Bodies that senders handed to the queue, repeats included. */
  sent: readonly string[];
  /** Messages that the queue took, in the order of its answers. */
  receipts: readonly Receipt[];
  /** Keys of raw objects that expired after their submissions were counted. */
  expired: ReadonlySet<string>;
  /** So many of the receipts are older than that. */
  beforeExpiry: number;
  /** Participants that were erased. */
  erased: ReadonlySet<string>;
}

/** What is there in the end. */
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
  /** Of the reasons, as often as they are there. */
  codes: string[];
}
