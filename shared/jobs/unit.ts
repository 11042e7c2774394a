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
  /** Items the operation got, after the filter; with keys of missing items and lines that name none. */
  readonly items: number;
  /** Read capacity units consumed by the pages that were checkpointed, table or index. */
  readonly rcu: number;
}

export interface Unit {
  /** Its number, from 0. */
  readonly number: number;
  readonly state: UnitState;
  /** The first turn of the epoch in which it was taken; of a failed unit the last one. See shared/engine/protocol.ts. */
  readonly turn: number;
  /** Who works on it, and until when nobody else may, milliseconds since the epoch. */
  readonly owner?: string;
  readonly leaseUntil?: number;
  /** Times it was taken since its last progress. */
  readonly attempts: number;
  /** Where to go on; absent at the start. */
  readonly cursor?: Cursor;
  readonly counts: UnitCounts;
  /** The operation's result of all pages so far; absent before the first. */
  readonly result?: unknown;
  /** What it was consuming at its last progress, RCU/s (moving average), and when that was. */
  readonly rcuPerSecond: number;
  readonly updatedAt: number;
  /** The same of what it was writing, WCU/s of the table. Absent: its operation changes no table. */
  readonly wcuPerSecond?: number;
  /** Why the last attempt failed, until there is progress; of a failed unit: why it was given up. */
  readonly reason?: string;
  /** When the next attempt is due, milliseconds since the epoch; after one that failed. */
  readonly retryAt?: number;
  /** Since when the worker that holds it has been retrying one call without success, milliseconds since the epoch. */
  readonly retryingSince?: number;
}

export const noCounts: UnitCounts = { pages: 0, scannedItems: 0, items: 0, rcu: 0 };
