/** What the protocol needs of storage. Each method is one atomic step; a crash can come between any two. */

import type { Cursor } from "../sources/source";
import type { Job, JobState } from "./job";
import type { Unit, UnitCounts } from "./unit";

/** Who holds a unit: worker and turn. */
export interface Lease {
  readonly job: string;
  readonly unit: number;
  /** Unique for each handling of a message. */
  readonly owner: string;
  readonly turn: number;
}

/** How far a unit has come. Absolute values: written twice it has no further effect. */
export interface Checkpoint {
  /** Where the next page starts; undefined behind the last page. */
  readonly cursor: Cursor | undefined;
  readonly counts: UnitCounts;
  readonly result: unknown;
  readonly rcuPerSecond: number;
}

export interface TakeRequest extends Lease {
  /** The worker's clock and the end of its lease, milliseconds since the epoch. */
  readonly now: number;
  readonly until: number;
  /** When the unit's record expires, seconds since the epoch. Default: never. */
  readonly expiresAt?: number | undefined;
}

export interface HandOn {
  readonly now: number;
  /** The turn from now on. */
  readonly turn: number;
  readonly attempts: number;
  /** Of an attempt that failed: why, and when the next one is due, milliseconds since the epoch. */
  readonly failure?: { readonly reason: string; readonly retryAt: number } | undefined;
}

export interface GiveUp {
  readonly now: number;
  /** The job's epoch when the worker began. */
  readonly epoch: number;
  /** The turn from now on: no message of this epoch may be above it, for the unit is counted as failed. */
  readonly turn: number;
  readonly reason: string;
}

export interface UnitStore {
  /**
   * Takes the unit, if its state, its lease and the message's turn allow it (see `mayTake`), and counts an attempt.
   * `unit`: as it stands after that, or as it stood when it was refused.
   */
  take(request: TakeRequest): Promise<{ taken: boolean; unit: Unit }>;
  /** Writes how far the unit has come. False: the lease is lost. */
  save(lease: Lease, checkpoint: Checkpoint, now: number): Promise<boolean>;
  /** Notes that the worker has been retrying one call since then. Changes nothing else. False: the lease is lost. */
  note(lease: Lease, trouble: { readonly reason: string; readonly since: number }): Promise<boolean>;
  /** Gives the unit free for the holder of the message of `turn`. False: the lease is lost. */
  release(lease: Lease, handOn: HandOn): Promise<boolean>;
  /** Writes the last checkpoint, ends the unit and counts it in the job, all at once. False: the lease is lost. */
  finish(lease: Lease, checkpoint: Checkpoint, now: number): Promise<boolean>;
  /** Gives the unit up and counts it in the job. False: the lease is lost or the job was resumed meanwhile. */
  fail(lease: Lease, giveUp: GiveUp): Promise<boolean>;
}

/** How a job ended: with a result, or with the reason why there is none although all units are done. */
export interface JobEnd {
  readonly state: Extract<JobState, "completed" | "failed">;
  readonly result?: unknown;
  readonly reason?: string;
}

export interface JobStore {
  /** The job, consistently read. */
  read(job: string): Promise<Job | undefined>;
  /** Ends the job if nothing happened to it since it was read. False: something did. */
  end(seen: Job, end: JobEnd, now: number): Promise<boolean>;
  /**
   * Ends an active job as failed although units are left, and pauses its ledgers, so that its workers stop within seconds.
   * False: it is not active any more, or was resumed since it was read.
   */
  stop(seen: Job, reason: string, now: number): Promise<boolean>;
  /** Notes that the job's end was published, unless the job was resumed meanwhile: then another end is to be published. */
  announced(ended: Job): Promise<void>;
}

/** Whether the holder of a message may take a unit. The condition of the stores, in words of code. */
export function mayTake(unit: Unit | undefined, { turn, owner, now }: TakeRequest): boolean {
  if (unit === undefined) return true;
  if (unit.state === "done") return false;
  if (unit.state === "failed") return unit.turn < turn;
  const free = unit.owner === undefined || unit.owner === owner || unit.leaseUntil! < now;
  return free && unit.turn <= turn;
}
