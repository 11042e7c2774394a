/** The one item through which all workers of a job share a capacity limit, and the updates made to it. */
import type { CapacityLimits } from "../metering/limits";

export interface LedgerItem {
  /** Up to which moment capacity is promised, in milliseconds since the epoch. In the past while the ledger is idle. */
  readonly until: number;
  /**
   * How many reservations were granted, ever. Its growth between two of a worker's own reservations shows how many
   * workers are active.
   */
  readonly reservations: number;
  /** Workers that opened and did not close. Only a hint: a crash leaves it too high, until activeWorkers.ts corrects it. */
  readonly workers: number;
  readonly limits: CapacityLimits;
  /** The total cost of all requests so far, milliseconds of account time, and their number. See costEstimate.ts. */
  readonly costSum: number;
  readonly costCount: number;
  /** While true nothing is granted. */
  readonly paused: boolean;
  /**
   * If several jobs share the ledger: members that are granted nothing. Absent: none. Every reservation writes the item,
   * and each name makes it larger. So a job that has ended removes its name when its last worker has left.
   */
  readonly pausedMembers?: readonly string[];
  /** Share of the limits in force at `factorAt`, above 0 and at most 1; recovers from there, see throttle.ts. */
  readonly factor: number;
  /** When the last throttle was reported, milliseconds since the epoch. */
  readonly factorAt: number;
}

/** What requests cost, summed up. */
export interface CostTotals {
  /** Milliseconds of account time. */
  readonly costSum: number;
  readonly costCount: number;
}

/** One conditional update. All requirements must hold, otherwise nothing is changed. */
export interface LedgerChange {
  readonly require?: {
    /** `until` is at least this. */
    readonly untilFrom?: number;
    /** `until` is at most this. */
    readonly untilTo?: number;
    /** `until` is less than this. */
    readonly untilBefore?: number;
    /** The ledger as a whole is not paused. */
    readonly unpaused?: true;
    /** This member is not among those that are paused. */
    readonly memberUnpaused?: string;
    /** The cost of a request has been recorded (true), or none has yet (false). */
    readonly costKnown?: boolean;
    /** `factorAt` is at most this. */
    readonly factorAtTo?: number;
  };
  readonly set?: Partial<Omit<LedgerItem, "pausedMembers">>;
  readonly add?: LedgerAmounts;
  /** Adds a member to the paused ones, or removes it; changes nothing if it is in that state already. */
  readonly member?: { readonly name: string; readonly paused: boolean };
}

/** Numbers of the item that change by addition. */
export type LedgerAmounts = {
  readonly [name in "until" | "reservations" | "workers" | "costSum" | "costCount"]?: number;
};

/** Where the item lives. Every method is one request to the store. */
export interface LedgerStore {
  /** Writes the item unless there is one; true when written. */
  create(item: LedgerItem): Promise<boolean>;
  /** The item, consistently read; undefined when there is none. */
  read(): Promise<LedgerItem | undefined>;
  /**
   * Applies a change atomically. `item` is the item after the change, or the item that refused the change; undefined when
   * there is no item.
   */
  update(change: LedgerChange): Promise<{ applied: boolean; item: LedgerItem | undefined }>;
}
