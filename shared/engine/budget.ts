/**
 * How large a page may be: a page whose effects take longer than the time that is left never reaches a checkpoint.
 *
 * Two figures bound it. Before the first page it is the write rate, or the rate at which a dry run looks into the table: the
 * number of items that it allows in that time, at one capacity unit an item. After the first page, it is the time that items
 * really took, whatever the cause: writes, throttles, CPU. The first page of writes is small, because all workers share the rate. If they are many, or
 * throttled, a page for the whole rate might take longer than each worker has. Then no worker would ever get beyond it.
 * For the same reason the first page is half as large after each attempt in a row that finished no page. A page that is
 * repeated isn't always quicker: an item of an export costs a write again.
 *
 * Items that a filter holds back cost the operation nothing. So if few items pass, a page reads more, up to ten times as many. If all of
 * a page's items pass for once, the page lasts longer, but still ends in time.
 */
import { itemsPerSecond, type Purpose } from "../capacity/metering/direction";
import type { Clock } from "../clock";
import type { PageBudget } from "../sources/source";

/** A page of writes lasts about this long, milliseconds: a crash repeats it. */
const PAGE_OF_WRITES_MS = 1_000;
/** The same for the first page of a stretch, if this worker alone had the whole rate. */
const FIRST_PAGE_OF_WRITES_MS = 250;
/**
 * The least number of items, so that a page lasts longer at low rates: with fewer items checkpoints would be a noticeable
 * part of the cost.
 */
const LEAST_WRITTEN = 25;
/** The least share of items that counts as passing the filter: so a page reads at most ten times as many. */
const LEAST_PASSED = 0.1;
/** A page may take this share of the time that is left: its read, its checkpoint and a throttle or two need the rest. */
const SHARE_OF_TIME = 0.5;
/** Means no bound: more items than any page has, because a Scan reads 1 MB at once. */
const NO_BOUND = 1_000_000;
/** Weight of the newest page in the average. */
const NEWEST = 0.3;

export interface BudgetOptions {
  readonly clock: Clock;
  /** After this no request passes, milliseconds since the epoch. */
  readonly deadline: number;
  /** Attempts in a row that made no progress, before this one. Default 0. */
  readonly failedAttempts?: number;
  /** Capacity units per second in force for all workers together; undefined: not limited. */
  readonly perSecond: (purpose: Purpose) => number | undefined;
}

export class Budget implements PageBudget {
  private msPerItem: number | undefined;

  constructor(private readonly options: BudgetOptions) {}

  perSecond(purpose: Purpose): number | undefined {
    return this.options.perSecond(purpose);
  }

  mostItems(passed = 1): number | undefined {
    const msPerItem = this.msPerItem ?? this.msPerUnit();
    if (msPerItem === undefined || msPerItem === 0) return undefined;
    const left = this.options.deadline - this.options.clock.now();
    const byTime = Math.max(1, Math.floor((SHARE_OF_TIME * left) / msPerItem));
    const most = Math.min(byTime, this.mostWritten(msPerItem, Math.max(LEAST_PASSED, passed)));
    return most > NO_BOUND ? undefined : this.afterFailedAttempts(most);
  }

  private afterFailedAttempts(most: number): number {
    const { failedAttempts = 0 } = this.options;
    return this.msPerItem === undefined ? Math.max(1, Math.floor(most / 2 ** failedAttempts)) : most;
  }

  private mostWritten(msPerItem: number, passed: number): number {
    if (itemsPerSecond(this.options.perSecond) === undefined) return Number.POSITIVE_INFINITY;
    const ms = this.msPerItem === undefined ? FIRST_PAGE_OF_WRITES_MS : PAGE_OF_WRITES_MS;
    return Math.floor(Math.max(LEAST_WRITTEN, ms / msPerItem) / passed);
  }

  /** Records that the operation took this many milliseconds for this many items. */
  observe(items: number, ms: number): void {
    if (items === 0) return;
    const newest = ms / items;
    this.msPerItem = this.msPerItem === undefined ? newest : this.msPerItem + NEWEST * (newest - this.msPerItem);
  }

  /** An item takes a capacity unit at least. */
  private msPerUnit(): number | undefined {
    const rate = itemsPerSecond(this.options.perSecond);
    return rate === undefined ? undefined : 1000 / rate;
  }
}
