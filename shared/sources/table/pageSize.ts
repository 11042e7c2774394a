/**
 * The number of items of a page. A Scan consumes its whole cost at one moment, and no limiter can spread a page over time, so
 * a page has to be small compared with the rate. But DynamoDB rounds each page up to half a capacity unit, so small pages
 * waste capacity: a quarter of a unit on average, which is 1.6 % of a page of 16.
 *
 * | rate, RCU/s  | a page costs, RCU                       | why                                                        |
 * | ------------ | --------------------------------------- | ---------------------------------------------------------- |
 * | 320 and more | a twentieth of a second's rate, 128 at most | smooth, and 16 or more. 128 is the 1 MB that Scan reads at once |
 * | 100 to 320   | 1.08 × rate / k, k = ⌊1.08 × rate / 16⌋  | k pages fit into any second with 8 % over (see below)      |
 * | 14.8 to 100  | the same with 8 in place of 16          | half as large; at most 3.1 % are lost on average           |
 * | below 14.8   | 20 seconds' rate, 40 at most            | one page lasts for seconds                                 |
 *
 * *k pages a second.* If a page cost exactly rate / k, now and then k + 1 pages would fall into one second: up to twice the
 * rate for k = 1. A page of a little more than rate / k lasts longer than 1/k s. So no second holds k + 1 pages, and its k
 * pages cost at most 1.08 times the rate. That holds for pages of the same cost. If a smaller one comes between them, as at
 * the end of a unit, a second may hold its rate and one page more. So pages are no larger than rounding requires: it may
 * waste at most 2 % from 100 RCU/s on, and 5 % below.
 *
 * *Long pages at small rates.* A provisioned table keeps 300 s of unused capacity for bursts, and an on-demand table isn't
 * limited to the job's rate. A page of 40 loses 0.6 %, and no worker has to wait while it lasts.
 *
 * Strongly consistent reads cost twice as much and are rounded to a whole unit. All figures but the 100 RCU/s double with
 * them, so a page has the same bytes at the same share of the rate.
 *
 * The cost of an item is the cost of recent pages divided by their items. A single page shows it only within the rounding,
 * and an estimate within that range stays as it is. So pages of equal items would all be rounded up by the same amount,
 * perhaps by nearly a whole unit. That is why each page aims at a different part of its last unit: then pages lose half a
 * unit on average.
 */
import type { PageBudget, ReadBefore } from "../source";

/** Cost of a page at high rates, as a share of a second's rate. */
const SHARE_OF_SECOND = 0.05;
/** Least cost of a page from 100 RCU/s on, RCU: rounding wastes 1.6 % of it on average. */
const LEAST_RCU = 16;
/** The same below 100 RCU/s, where rounding may waste 5 %. */
const LEAST_SMALL_RCU = 8;
const SMALL_BELOW = 100;
/** Rate from which a twentieth of a second's rate is that much, RCU/s. */
const SMOOTH_RATE = LEAST_RCU / SHARE_OF_SECOND;
/** The pages of one second may cost this many times its rate. */
const OVER = 1.08;
/** At rates too low for that: seconds that a page may last, and its highest cost, RCU. */
const LONGEST_SECONDS = 20;
const LONG_PAGE_RCU = 40;
/** RCU for the 1 MB after which Scan ends a page: half a unit for each 4 KB, eventually consistent. */
const FULL_PAGE_RCU = 128;
/** Step in which DynamoDB charges pages, RCU: half a unit, eventually consistent. */
const UNIT_RCU = 0.5;
/** Bytes of such a step, at either consistency. */
const UNIT_BYTES = 4096;
/** Items of the first page if their size is unknown. */
const FIRST_PAGE_ITEMS = 10;
/** Weight that earlier pages keep after each further page: the newest has 30 %. */
const KEPT = 0.7;

/** Weight of the share that passed the filter before the first page, in items read. */
const PASSED_BEFORE = 100;

/** A fraction whose multiples, without their whole parts, lie evenly between 0 and 1 (the golden section). */
const EVEN_STEP = (Math.sqrt(5) - 1) / 2;

/** How many items were read, and how many of them passed the filter. */
interface Passed {
  readonly read: number;
  readonly passed: number;
}

/** Items that were read and what they cost, RCU. */
interface Seen {
  readonly items: number;
  readonly rcu: number;
}

export interface PageSizeOptions {
  /** Rates and time; see shared/engine/budget.ts. */
  readonly budget: PageBudget;
  readonly consistentRead: boolean;
  /** Average bytes of an item, from the table's description; undefined or 0: unknown. */
  readonly averageBytes?: number | undefined;
  /** The unit's reading so far. It says more about the unit's items than the table's average. Default: none. */
  readonly before?: ReadBefore | undefined;
}

export class PageSize {
  /** Items and cost of recent pages; older ones weigh less. */
  private seen: Seen | undefined;
  /** What the filter did with the items of recent pages; older ones weigh less. */
  private filtered: Passed = { read: 0, passed: 0 };
  /** Pages of the unit so far. */
  private pages: number;

  constructor(private readonly options: PageSizeOptions) {
    const { averageBytes = 0, before } = options;
    const unit = this.strength * UNIT_RCU;
    this.pages = before?.pages ?? 0;
    if (before !== undefined && before.scannedItems > 0) {
      const weight = Math.min(1, PASSED_BEFORE / before.scannedItems);
      this.filtered = { read: weight * before.scannedItems, passed: weight * before.items };
    }
    if (before !== undefined && before.scannedItems > 0 && before.rcu > unit) {
      this.seen = scaled({ items: before.scannedItems, rcu: before.rcu }, this.firstWeight);
    } else if (averageBytes > 0) this.seen = scaled({ items: UNIT_BYTES / averageBytes, rcu: unit }, this.firstWeight);
  }

  /**
   * Scan's `Limit`: as many items as both the rate and the time allow; undefined if 1 MB is small enough.
   */
  items(): number | undefined {
    const byRate = this.itemsByRate();
    const byTime = this.options.budget.mostItems(this.share);
    if (byRate === undefined || byTime === undefined) return byRate ?? byTime;
    return Math.min(byRate, byTime);
  }

  private itemsByRate(): number | undefined {
    const { rate, seen } = this;
    if (rate === undefined) return undefined;
    const rcu = pageRcu(rate, this.strength);
    if (rcu >= this.strength * FULL_PAGE_RCU) return undefined;
    if (seen === undefined) return FIRST_PAGE_ITEMS;
    const less = this.strength * UNIT_RCU * ((this.pages * EVEN_STEP) % 1);
    return Math.max(1, Math.floor(((rcu - less) * seen.items) / seen.rcu));
  }

  /** Records what a page of this many items cost, and how many of them passed the filter. Default: all. */
  observe(items: number, rcu: number, passed = items): void {
    this.pages += 1;
    this.filtered = { read: items + KEPT * this.filtered.read, passed: passed + KEPT * this.filtered.passed };
    if (items === 0 || rcu === 0) return;
    const { seen } = this;
    const expected = seen === undefined ? rcu : (items * seen.rcu) / seen.items;
    const cost = Math.min(Math.max(expected, rcu - this.strength * UNIT_RCU), rcu);
    this.seen = {
      items: items + KEPT * (seen?.items ?? 0),
      rcu: cost + KEPT * (seen?.rcu ?? 0),
    };
  }

  /** The share of items that passes the filter. One item more, which passed, stands for those that nobody has read yet. */
  private get share(): number {
    return (this.filtered.passed + 1) / (this.filtered.read + 1);
  }

  /** RCU/s in force. */
  private get rate(): number | undefined {
    return this.options.budget.perSecond("read");
  }

  /** Strongly consistent reads cost twice as much. */
  private get strength(): number {
    return this.options.consistentRead ? 2 : 1;
  }

  /** The weight of the estimate from before the first page: that of one small page, RCU. */
  private get firstWeight(): number {
    return this.strength * LEAST_RCU;
  }
}

/**
 * Cost that a page may have at a rate, RCU, in the steps in which it is charged. Pure.
 * @param rate RCU/s. @param strength 1: eventually consistent, 2: strongly.
 */
export function pageRcu(rate: number, strength: number): number {
  const eventual = Math.min(FULL_PAGE_RCU, eventualPageRcu(rate / strength, rate < SMALL_BELOW));
  return strength * UNIT_RCU * Math.max(1, Math.floor(eventual / UNIT_RCU + 1e-9));
}

function eventualPageRcu(rate: number, small: boolean): number {
  if (rate >= SMOOTH_RATE) return SHARE_OF_SECOND * rate;
  if (OVER * rate < LEAST_RCU) return Math.min(LONG_PAGE_RCU, LONGEST_SECONDS * rate);
  const least = small ? LEAST_SMALL_RCU : LEAST_RCU;
  return (OVER * rate) / Math.floor((OVER * rate) / least);
}

/** The same cost per item, with this cost in all. */
function scaled({ items, rcu }: Seen, toRcu: number): Seen {
  return { items: (items * toRcu) / rcu, rcu: toRcu };
}
