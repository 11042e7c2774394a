/** The storage that the protocol needs. Each method is one atomic step; a crash can come between any two. */

import type { Usage } from "../cost/usage";
import type { Cursor } from "../sources/source";
import type { Chain } from "./chain";
import type { Job, JobHead, JobState } from "./job";
import type { Unit, UnitCounts } from "./unit";

/** Who holds a unit: worker and turn. */
export interface Lease {
  readonly job: string;
  readonly unit: number;
  /** Unique for each handling of a message. */
  readonly owner: string;
  readonly turn: number;
}

/** Who holds a chain. */
export interface ChainLease {
  readonly job: string;
  readonly chain: number;
  /** Unique for each handling of a message. */
  readonly owner: string;
  readonly turn: number;
}

/** How far a unit has come. Values are absolute, so writing them twice has no further effect. */
export interface Checkpoint {
  /** Where the next page starts; undefined behind the last page. */
  readonly cursor: Cursor | undefined;
  readonly counts: UnitCounts;
  readonly result: unknown;
  readonly rcuPerSecond: number;
  /** Absent: the operation changes no table. */
  readonly wcuPerSecond?: number;
}

interface Until {
  /** The worker's clock and the end of its lease, milliseconds since the epoch. */
  readonly now: number;
  readonly until: number;
  /** When the record expires, seconds since the epoch. Default: never. */
  readonly expiresAt?: number | undefined;
}

export interface TakeRequest extends Lease, Until {}
export interface ChainTakeRequest extends ChainLease, Until {}

export interface PutDown {
  readonly now: number;
  readonly attempts: number;
  /** Progress since the last checkpoint that was saved. */
  readonly unsaved?: Checkpoint | undefined;
  /** For a failed attempt: why it failed, and when the next one is due, milliseconds since the epoch. */
  readonly failure?: { readonly reason: string; readonly retryAt: number } | undefined;
}

export interface GiveUp {
  readonly now: number;
  /** The turn from now on, above all of this epoch, so that nobody takes the unit again before the job is resumed. */
  readonly turn: number;
  readonly reason: string;
}

export interface UnitStore {
  /**
   * Takes the unit, if its state, its lease and the message's turn allow it (see `mayTake`), and counts an attempt.
   * `unit`: the record after that, or the record that refused it.
   */
  take(request: TakeRequest): Promise<{ taken: boolean; unit: Unit }>;
  /** Writes how far the unit has come. False: the lease is lost. */
  save(lease: Lease, checkpoint: Checkpoint, now: number): Promise<boolean>;
  /** Notes since when the worker has been retrying one call. Changes nothing else. False: the lease is lost. */
  note(lease: Lease, trouble: { readonly reason: string; readonly since: number }): Promise<boolean>;
  /** Releases the unit, with its unsaved progress. False: the lease is lost. */
  release(lease: Lease, putDown: PutDown): Promise<boolean>;
  /** Writes the last checkpoint and ends the unit. False: the lease is lost. */
  finish(lease: Lease, checkpoint: Checkpoint, now: number): Promise<boolean>;
  /** Gives the unit up. False: the lease is lost. */
  fail(lease: Lease, giveUp: GiveUp): Promise<boolean>;
  /** The unit, read consistently; undefined if no worker has taken it yet. */
  read(job: string, unit: number): Promise<UnitSummary | undefined>;
  /**
   * The units of a job that a worker has taken at least once, in any order. Each is read consistently, but not all at one
   * moment.
   */
  list(job: string): Promise<readonly UnitSummary[]>;
}

/** The state of a unit, without its progress. */
export type UnitSummary = Pick<Unit, "number" | "state" | "turn" | "owner" | "leaseUntil" | "retryAt">;

export interface ChainStore {
  /**
   * Takes the chain, if its lease and the message's turn allow it (see `mayTakeChain`).
   * `chain`: the record after that, or the record that refused it.
   */
  take(request: ChainTakeRequest): Promise<{ taken: boolean; chain: Chain }>;
  /**
   * Releases the chain for the message of `turn`. False: the lease is lost.
   * @param usage of all its invocations. Default: the record keeps its usage.
   */
  release(lease: ChainLease, turn: number, usage?: Usage): Promise<boolean>;
  /** The chain, read consistently; undefined if no worker has taken it yet. */
  read(job: string, chain: number): Promise<Chain | undefined>;
}

/** Units that have ended since they were last added to the counts in the job's head. */
export interface Ended {
  readonly done: number;
  readonly failed: number;
}

/** How a job ended: with a result, or with the reason why there is none although all units are done. */
export interface JobEnd {
  readonly unitsDone: number;
  readonly unitsFailed: number;
  readonly state: Extract<JobState, "completed" | "failed">;
  readonly result?: unknown;
  readonly reason?: string;
}

export interface JobStore {
  /** The job, consistently read. */
  read(job: string): Promise<Job | undefined>;
  /**
   * Claims the next place in the order of units, if the job is active and there is one (`claimed`), and adds to the counts.
   * `head`: the record after that, or the record that refused the claim. The place is its `claimed` less 1.
   */
  claim(job: string, ended: Ended): Promise<{ claimed: boolean; head: JobHead | undefined }>;
  /**
   * Adds to the counts of units that have ended. False: the job is not active any more, or was resumed, or the counts already
   * have all units. Repeated after a lost answer, it adds twice.
   */
  ended(seen: Pick<JobHead, "id" | "epoch">, ended: Ended): Promise<boolean>;
  /** The job's head, consistently read. */
  head(job: string): Promise<JobHead | undefined>;
  /** Changes the number of chains. False: another worker changed it, or the job was resumed. */
  setChains(seen: Pick<JobHead, "id" | "epoch" | "chains">, chains: number): Promise<boolean>;
  /** Ends the job if its state and epoch are as they were read. False: they are not, unless this very end was written before. */
  end(seen: Job, end: JobEnd, now: number): Promise<boolean>;
  /**
   * Ends an active job as failed although units are left, and pauses its ledgers, so that its workers stop within seconds.
   * False: it is not active any more, or was resumed since it was read.
   */
  stop(seen: Job, reason: string, now: number): Promise<boolean>;
  /** Notes that the job's end was published, unless the job was resumed meanwhile: then another end is to be published. */
  announced(ended: Job): Promise<void>;
}

/** Items of a job that were read, before the filter, and those that failed for good, by the units' checkpoints. */
export interface FailedItems {
  readonly scannedItems: number;
  readonly failures: number;
}

export interface Recount {
  /** Items that failed for good, by the units' checkpoints. */
  readonly failures: number;
  /** How many may fail, by the items that were read. */
  readonly mostFailures: number;
}

/** What stops a job whose items fail too often. Its pause is like that of an operator. */
export interface FailureStore extends Pick<JobStore, "head"> {
  /**
   * Adds to the job's estimate of the items that failed for good. Repeated after a lost answer, it adds twice.
   * @returns the head after that; undefined: there is no such job any more.
   */
  addFailures(job: string, failures: number): Promise<JobHead | undefined>;
  /** The sums over all units. Each is read consistently, but not all at one moment. */
  failedItems(job: string): Promise<FailedItems>;
  /**
   * Replaces the estimate that was seen by the exact number, and counts a recount; what was added since stays.
   * False: another worker has recounted since, or the job is not active any more or was resumed.
   */
  recount(seen: JobHead, exact: Recount): Promise<boolean>;
  /** Pauses an active job and its ledgers, for a reason that operators see. False: it is not active any more, or was resumed. */
  pause(seen: Job, reason: string, now: number): Promise<boolean>;
}

/** Whether a worker may take a chain: the condition of the stores, as code. */
export function mayTakeChain(chain: Chain | undefined, { turn, owner, now }: ChainTakeRequest): boolean {
  if (chain === undefined) return true;
  const free = chain.owner === undefined || chain.owner === owner || chain.leaseUntil! < now;
  return free && chain.turn <= turn;
}

/** Whether a worker may take a unit: the condition of the stores, as code. */
export function mayTake(unit: Unit | undefined, { turn, owner, now }: TakeRequest): boolean {
  if (unit === undefined) return true;
  if (unit.state === "done") return false;
  if (unit.state === "failed") return unit.turn < turn;
  const free = unit.owner === undefined || unit.owner === owner || unit.leaseUntil! < now;
  return free && unit.turn <= turn;
}
