/**
 * The checkpoint of a unit: how far it has come and who holds it. Written before anything is read (the lease), after the
 * effects of every page are durable (cursor and counts), and when the unit is handed on.
 */
import type { Cursor } from "../sources/source";

export type UnitState = "active" | "done" | "failed";

/** Sums over all pages of a unit so far. */
export interface UnitCounts {
  /** Pages read, checkpointed. */
  readonly pages: number;
  /** Items read, before the filter. */
  readonly scannedItems: number;
  /** Items that the operation received, after the filter; includes keys of missing items, and lines without an item. */
  readonly items: number;
  /** Read capacity units consumed by the pages that were checkpointed, table or index. */
  readonly rcu: number;
  /** Items that failed for good. Absent: none. */
  readonly failures?: number;
}

export interface Unit {
  /** Its number, from 0. */
  readonly number: number;
  readonly state: UnitState;
  /** The first turn of the epoch in which it was taken; for a failed unit, the last turn. See shared/engine/protocol.ts. */
  readonly turn: number;
  /** Which worker holds it, and until when no other may, milliseconds since the epoch. */
  readonly owner?: string;
  readonly leaseUntil?: number;
  /** How often it was taken since its last progress. */
  readonly attempts: number;
  /** Where to continue; absent at the start. */
  readonly cursor?: Cursor;
  readonly counts: UnitCounts;
  /** The operation's result of all pages so far; absent before the first. */
  readonly result?: unknown;
  /** Its rate of consumption at its last progress, RCU/s (moving average), and the time of that. */
  readonly rcuPerSecond: number;
  readonly updatedAt: number;
  /** The same for its writes, WCU/s of the table. Absent: its operation changes no table. */
  readonly wcuPerSecond?: number;
  /** Why the last attempt failed, until there is progress; for a failed unit, why it was given up. */
  readonly reason?: string;
  /** When the next attempt is due after a failed one, milliseconds since the epoch. */
  readonly retryAt?: number;
  /** Since when the worker that holds it has been retrying one call without success, milliseconds since the epoch. */
  readonly retryingSince?: number;
}

export const noCounts: UnitCounts = { pages: 0, scannedItems: 0, items: 0, rcu: 0 };
