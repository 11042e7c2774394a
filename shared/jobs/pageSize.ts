/**
 * How many items a page may hold, so that what it costs stays small beside the rate: what a Scan consumes, it consumes at
 * one moment, and no limiter can spread a page over the second it would fill.
 *
 * A page is to cost a twentieth of a second's rate. It reads 1 MB at most in any case, which is 128 RCU (256 strongly
 * consistent), so rates of about 2,600 RCU/s or more need no bound.
 */

/** What a page is to cost, as a share of what a second allows. */
const SHARE_OF_SECOND = 0.05;
/** RCU for the 1 MB after which Scan ends a page: half a unit for each 4 KB, eventually consistent. */
const FULL_PAGE_RCU = 128;
/** The least a page costs, RCU. */
const LEAST_RCU = 0.5;
/** Items of the first page where nothing is known of their size. */
const FIRST_PAGE_ITEMS = 10;
/** Weight of the newest page in the average. */
const NEWEST = 0.3;

export interface PageSizeOptions {
  /** RCU/s in force for all workers together; undefined: no limit. May change while running. */
  readonly rcuPerSecond: () => number | undefined;
  readonly consistentRead: boolean;
  /** Average bytes of an item as the table tells; undefined or 0: unknown. */
  readonly averageBytes?: number | undefined;
}

export class PageSize {
  private rcuPerItem: number | undefined;

  constructor(private readonly options: PageSizeOptions) {
    const { averageBytes = 0, consistentRead } = options;
    if (averageBytes > 0) this.rcuPerItem = (averageBytes / 4096) * (consistentRead ? 1 : 0.5);
  }

  /** Scan's `Limit`; undefined where 1 MB is small enough. */
  items(): number | undefined {
    const rate = this.options.rcuPerSecond();
    if (rate === undefined) return undefined;
    const full = this.options.consistentRead ? 2 * FULL_PAGE_RCU : FULL_PAGE_RCU;
    const rcu = Math.max(LEAST_RCU, SHARE_OF_SECOND * rate);
    if (rcu >= full) return undefined;
    if (this.rcuPerItem === undefined) return FIRST_PAGE_ITEMS;
    return Math.max(1, Math.floor(rcu / this.rcuPerItem));
  }

  /** A page of so many items cost so much. */
  observe(items: number, rcu: number): void {
    if (items === 0 || rcu === 0) return;
    const newest = rcu / items;
    this.rcuPerItem = this.rcuPerItem === undefined ? newest : NEWEST * newest + (1 - NEWEST) * this.rcuPerItem;
  }
}
