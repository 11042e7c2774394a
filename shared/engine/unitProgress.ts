/**
 * The progress of a unit within one worker's stretch of work. It saves a checkpoint
 *
 * - after every page, if the operation may have side effects;
 * - before the unsaved pages, with the next one, exceed a second, if the operation changes a table;
 * - before the unsaved pages, with the next one, exceed what the job may read in a second, if pages only compute their result
 *   or the operation can make their effects durable later (`flush`). If many workers share the limit, each takes several
 *   seconds to read that much; a checkpoint then comes after four seconds at the latest.
 *
 * So a crash repeats what the job reads in a second, or one page if that is more. A few workers together save no more
 * checkpoints than one alone.
 */
import type { Clock } from "../clock";
import { SluiceError } from "../errors";
import type { Checkpoint } from "../jobs/stores";
import type { Unit } from "../jobs/unit";
import type { OperationWork, Tools } from "../operations/operation";
import type { Budget } from "./budget";
import { movingRate } from "./movingRate";

/** Without a limit, a crash repeats at most this much reading, milliseconds. A longer page is repeated as a whole. */
const REPEATED_MS = 1000;
/** The same with a limit, as the time that the reading takes at the limit. Pages are sized to fit into 1.08 seconds. */
const REPEATED_AT_LIMIT_MS = 1100;
/**
 * If two pages lie further apart than this, nobody worked on the unit in between, milliseconds. That time doesn't count
 * for its rate.
 */
const BETWEEN_TURNS_MS = 60_000;
/** With a limit, a crash repeats at most this much of one worker's time, milliseconds. */
const LONGEST_MS = 4000;

/** A checkpoint without its rates. */
export type Progress = Omit<Checkpoint, "rcuPerSecond" | "wcuPerSecond">;

/** A page that the operation has finished. */
export interface PageDone {
  readonly progress: Progress;
  /** Items that the operation received, and the time it took for them, milliseconds. */
  readonly items: number;
  readonly ms: number;
}

export interface UnitProgressOptions {
  readonly operation: Pick<OperationWork, "pure" | "flush" | "writes" | "failures">;
  readonly tools: Tools;
  readonly budget: Pick<Budget, "observe" | "perSecond">;
  readonly clock: Clock;
  /** Makes progress durable. Rejects when the lease is lost. */
  readonly save: (checkpoint: Checkpoint) => Promise<void>;
  /** Called with the number of further items that failed for good, before the checkpoint that has them. Default: nothing. */
  readonly onFailures?: (failures: number) => Promise<void>;
  /**
   * Longest wait for capacity, milliseconds. If the wait would be longer, the limiter refuses, and the stretch ends with
   * unsaved progress; a checkpoint just before that would be one write too many. Default: waits for as long as it takes.
   */
  readonly longestWaitMs?: number;
}

export class UnitProgress {
  /** Pages of this stretch. */
  pages = 0;
  private checkpoint: Checkpoint;
  /** When the newest page ended; before the first, when the stretch began. */
  private pageEndedAt: number;
  private durableAt: number;
  /** Time that the reading since the last checkpoint takes at the limit, milliseconds; 0 without a limit. */
  private atLimitMs = 0;
  /** Write capacity units that the worker had consumed when the newest page ended. */
  private written: number;
  /** Failures that `onFailures` knows. */
  private failures: number;
  /** Items and milliseconds of the pages since the last checkpoint. */
  private open: { items: number; ms: number } | undefined;

  /** Whether the unit was read until shortly before this stretch. Then the time in between counts for its rate. */
  private readonly continues: boolean;

  constructor(
    { cursor, counts, result, rcuPerSecond, wcuPerSecond = 0, updatedAt }: Unit,
    private readonly options: UnitProgressOptions,
  ) {
    this.checkpoint = { cursor, counts, result, rcuPerSecond, ...(this.writes && { wcuPerSecond }) };
    this.written = this.writtenSoFar();
    this.failures = this.failuresIn(result);
    this.durableAt = options.clock.now();
    this.continues = counts.pages > 0 && this.durableAt - updatedAt < BETWEEN_TURNS_MS;
    this.pageEndedAt = this.continues ? updatedAt : this.durableAt;
  }

  /** How far the unit has come, durable or not. */
  get newest(): Progress {
    return this.checkpoint;
  }

  /** Adds a page, and makes the progress durable if it is time for that. The unit's last page is left to `settle`. */
  async add({ progress, items, ms }: PageDone): Promise<void> {
    const now = this.options.clock.now();
    const rcu = progress.counts.rcu - this.checkpoint.counts.rcu;
    const tookMs = now - this.pageEndedAt;
    let { rcuPerSecond } = this.checkpoint;
    // The limiter doesn't wait before the very first page; it waits out that page's cost afterwards.
    if (this.pages > 0 || this.continues) rcuPerSecond = movingRate(rcuPerSecond, rcu, tookMs / 1000);
    const writing = this.writingRate(tookMs / 1000);
    const next = { ms: tookMs, atLimitMs: this.waitMs(rcu) };
    this.pages += 1;
    this.atLimitMs += next.atLimitMs;
    this.pageEndedAt = now;
    this.checkpoint = { ...progress, rcuPerSecond, ...writing };
    this.open = { items: (this.open?.items ?? 0) + items, ms: (this.open?.ms ?? 0) + ms };
    if (progress.cursor !== undefined && this.isDue(now, next)) await this.save();
  }

  private get writes(): boolean {
    return this.options.operation.writes === true;
  }

  private writtenSoFar(): number {
    return this.writes ? this.options.tools.consumed("write").table : 0;
  }

  /** The writing rate after a page that took so long. Writes are spread over their page, so the first one counts too. */
  private writingRate(seconds: number): Pick<Checkpoint, "wcuPerSecond"> {
    if (!this.writes) return {};
    const before = this.written;
    this.written = this.writtenSoFar();
    return { wcuPerSecond: movingRate(this.checkpoint.wcuPerSecond ?? 0, this.written - before, seconds) };
  }

  /** Saves unsaved progress, if there is any. */
  async save(): Promise<void> {
    const unsaved = await this.settle();
    if (unsaved === undefined) return;
    await this.options.save(unsaved);
    this.durableAt = this.options.clock.now();
    this.atLimitMs = 0;
  }

  /**
   * Makes the effects of all pages durable. Resolves with the checkpoint that the caller has to write then; undefined if
   * nothing is new.
   */
  async settle(): Promise<Checkpoint | undefined> {
    const { operation, tools, budget, clock } = this.options;
    if (this.open === undefined) return undefined;
    const from = clock.now();
    if (operation.flush !== undefined) {
      this.checkpoint = { ...this.checkpoint, result: await operation.flush(this.checkpoint.result, tools) };
    }
    budget.observe(this.open.items, this.open.ms + clock.now() - from);
    this.open = undefined;
    await this.countFailures();
    return this.checkpoint;
  }

  private async countFailures(): Promise<void> {
    const failures = this.failuresIn(this.checkpoint.result);
    const further = failures - this.failures;
    this.failures = failures;
    if (failures > 0) this.checkpoint = { ...this.checkpoint, counts: { ...this.checkpoint.counts, failures } };
    if (further > 0) await this.options.onFailures?.(further);
  }

  private failuresIn(result: unknown): number {
    return result === undefined ? 0 : (this.options.operation.failures?.(result) ?? 0);
  }

  /** Saves the pages before an error. Returns that error, or that of saving if the lease is lost. */
  async saveBefore(error: unknown): Promise<unknown> {
    try {
      await this.save();
    } catch (ofSaving) {
      if (ofSaving instanceof SluiceError && ofSaving.code === "LEASE_LOST") return ofSaving;
    }
    return error;
  }

  /** @param next how long the next page takes if it is like the last one: `ms` really, `atLimitMs` at the limit. */
  private isDue(now: number, next: { readonly ms: number; readonly atLimitMs: number }): boolean {
    const { operation, longestWaitMs = Number.POSITIVE_INFINITY } = this.options;
    if (operation.pure !== true && operation.flush === undefined) return true;
    const sinceMs = now - this.durableAt;
    // Writes are spread over the time of a page, so time shows what a crash repeats.
    if (operation.writes) return sinceMs + next.ms > REPEATED_AT_LIMIT_MS;
    if (Math.max(next.ms, next.atLimitMs) > longestWaitMs) return sinceMs > REPEATED_MS;
    if (next.atLimitMs === 0) return sinceMs + next.ms > REPEATED_MS;
    return this.atLimitMs + next.atLimitMs > REPEATED_AT_LIMIT_MS || sinceMs + next.ms > LONGEST_MS;
  }

  /** How long a page of this cost takes at the limit, milliseconds: the limiter lets it pass and waits before the next. */
  private waitMs(rcu: number): number {
    const rate = this.options.budget.perSecond("read");
    return rate === undefined ? 0 : (1000 * rcu) / rate;
  }
}
