/**
 * The probable cost of the next request: the average of recent ones, over all workers.
 *
 * The ledger item holds the sum and the number of all costs so far. Each worker adds its own costs with the updates that
 * it makes anyway; additions of many workers never overwrite each other. The difference between two looks at the item is
 * the average in between, so old costs are forgotten. A window holds 200 to 400 requests: enough that an average of costs
 * between 1 and 4 is right within 3 %, few enough to follow when the items change.
 */
import type { CostTotals, LedgerItem } from "../ledger/ledgerItem";

const WINDOW = 200;

/** Weight of a worker's newest request in the average of its own. */
const NEWEST_OWN = 0.1;
/** A worker's own requests are of another kind if they cost more than this many times the average of all. */
const OTHER_KIND = 1.25;

const none: CostTotals = { costSum: 0, costCount: 0 };

export class CostEstimate {
  /** Milliseconds of account time; undefined while unknown. */
  ms: number | undefined;
  /** The cost of own requests as a multiple of the average of all; undefined before the first. */
  private ratio: number | undefined;
  /** Own requests that have not been reported to the ledger. */
  private untold = none;
  private seen = none;
  /** Where this window began, and where the next one will. */
  private from = none;
  private middle = none;

  /**
   * What to charge for a request when it starts, until it is known what it cost, milliseconds. If workers share a limit for
   * different requests, such as single writes and batches, those of this worker may cost more than the average. Then several that run
   * at once would exceed the limit together.
   */
  get chargeAtStart(): number {
    const { ms = 0, ratio = 1 } = this;
    return ratio > OTHER_KIND ? ratio * ms : ms;
  }

  /** Whether one of this worker's own requests has shown what they cost. */
  get knowsOwn(): boolean {
    return this.ratio !== undefined;
  }

  /** A request cost `ms`. A request without cost is ignored. */
  observe(ms: number): void {
    if (ms <= 0) return;
    const newest = ms / (this.ms ?? ms);
    this.ratio = this.ratio === undefined ? newest : this.ratio + NEWEST_OWN * (newest - this.ratio);
    this.untold = { costSum: this.untold.costSum + ms, costCount: this.untold.costCount + 1 };
    this.update();
  }

  /** Takes out the sums to add to the ledger's totals; undefined if there are none. */
  takeUntold(): CostTotals | undefined {
    if (this.untold.costCount === 0) return undefined;
    const told = this.untold;
    this.untold = none;
    return told;
  }

  /** The update that would have reported them was refused. */
  putBack(told: CostTotals | undefined): void {
    if (told === undefined) return;
    this.untold = { costSum: this.untold.costSum + told.costSum, costCount: this.untold.costCount + told.costCount };
  }

  /** A look at the ledger item. */
  see(item: LedgerItem): void {
    this.seen = item;
    if (item.costCount - this.middle.costCount >= WINDOW) {
      this.from = this.middle;
      this.middle = item;
    }
    this.update();
  }

  /** Forgets everything older, after the limits (and with them every cost) have changed. */
  restart(): void {
    this.untold = none;
    this.from = none;
    this.middle = none;
  }

  private update(): void {
    const sum = this.seen.costSum + this.untold.costSum - this.from.costSum;
    const count = this.seen.costCount + this.untold.costCount - this.from.costCount;
    if (count > 0) this.ms = sum / count;
  }
}
