/**
 * How many items a page may hold, so that what it costs stays small beside the rate: what a Scan consumes, it consumes at
 * one moment, and no limiter can spread a page over the second it would fill.
 *
 * A page is to cost a twentieth of a second's rate. It reads 1 MB at most in any case, which is 128 RCU (256 strongly
 * consistent), so rates of about 2,600 RCU/s or more need no bound.
 *
 * A page's cost is rounded up to a unit, so it gives the cost of its items only within bounds. For a small page the rounding may
 * be the whole cost. Taken literally, it would make the next page smaller, and so on. So the estimate stays within those bounds
 * and moves slowly: pages grow a little until one costs a unit too much.
 */
import type { PageBudget } from "../source";

/** What a page is to cost, as a share of what a second allows. */
const SHARE_OF_SECOND = 0.05;
/** RCU for the 1 MB after which Scan ends a page: half a unit for each 4 KB, eventually consistent. */
const FULL_PAGE_RCU = 128;
/** What pages are charged in, RCU: half a unit, eventually consistent. */
const UNIT_RCU = 0.5;
/** Bytes of a unit, either way. */
const UNIT_BYTES = 4096;
/** Items of the first page where nothing is known of their size. */
const FIRST_PAGE_ITEMS = 10;
/** Weight of the newest page in the average. */
const NEWEST = 0.3;
/** How items of the same apparent cost are taken to be a little cheaper, or dearer after a page over its bound: one in 15. */
const CHEAPER = 0.99;
const DEARER = 1.15;

export interface PageSizeOptions {
  /** Rates and time; see shared/engine/budget.ts. */
  readonly budget: PageBudget;
  readonly consistentRead: boolean;
  /** Average bytes of an item, from the table's description; undefined or 0: unknown. */
  readonly averageBytes?: number | undefined;
}

export class PageSize {
  private rcuPerItem: number | undefined;

  constructor(private readonly options: PageSizeOptions) {
    const { averageBytes = 0, consistentRead } = options;
    if (averageBytes > 0) this.rcuPerItem = (averageBytes / UNIT_BYTES) * (consistentRead ? 2 : 1) * UNIT_RCU;
  }

  /** Scan's `Limit`: what the rate allows or the time for its items, whichever is less; undefined where 1 MB is small enough. */
  items(): number | undefined {
    const byRate = this.itemsByRate();
    const byTime = this.options.budget.mostItems();
    if (byRate === undefined || byTime === undefined) return byRate ?? byTime;
    return Math.min(byRate, byTime);
  }

  private itemsByRate(): number | undefined {
    const rate = this.rate;
    if (rate === undefined) return undefined;
    const rcu = this.most(rate);
    if (rcu >= this.strength * FULL_PAGE_RCU) return undefined;
    if (this.rcuPerItem === undefined) return FIRST_PAGE_ITEMS;
    return Math.max(1, Math.floor(rcu / this.rcuPerItem));
  }

  /** Records what a page of this many items cost. */
  observe(items: number, rcu: number): void {
    if (items === 0 || rcu === 0) return;
    const dearest = rcu / items;
    const cheapest = (rcu - this.strength * UNIT_RCU) / items;
    const before = this.rcuPerItem ?? dearest;
    const { rate } = this;
    const over = rate !== undefined && rcu > this.most(rate);
    const bound = Math.min(Math.max(before, cheapest), dearest);
    const moved = before + NEWEST * (bound - before);
    this.rcuPerItem = over ? Math.max(before * DEARER, moved) : Math.min(before * CHEAPER, moved);
  }

  /** What a page may cost at this rate, RCU: whole units, as it is charged. */
  private most(rate: number): number {
    const unit = this.strength * UNIT_RCU;
    return unit * Math.max(1, Math.floor((SHARE_OF_SECOND * rate) / unit));
  }

  /** RCU/s in force. */
  private get rate(): number | undefined {
    return this.options.budget.perSecond("read");
  }

  /** Strongly consistent reads cost twice as much. */
  private get strength(): number {
    return this.options.consistentRead ? 2 : 1;
  }
}
