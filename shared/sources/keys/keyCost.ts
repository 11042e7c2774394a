/** How many keys a page and a request have if their items are read. */
import { readBytes, readCapacityUnits } from "../../capacity/metering/capacityUnits";
import type { PageBudget } from "../source";
import { MOST_BATCH_KEYS } from "./readItems";

/** A smaller page would cost more in checkpoints than it helps. */
const LEAST_KEYS = 25;
/** The most seconds of reading in a page, unless the page is small. */
const PAGE_SECONDS = 2;
/** Bytes of the items of a page: a worker has 256 MB. */
const MOST_BYTES = 8 * 1024 * 1024;
/** Weight of the newest page in the average. */
const NEWEST = 0.3;

export class KeyCost {
  /** Read capacity units that the read of a key costs, on average. */
  private each: number;

  /** @param averageBytes of an item; undefined: not known. */
  constructor(
    private readonly budget: PageBudget,
    private readonly strength: "strong" | "eventual",
    averageBytes = 0,
  ) {
    this.each = readCapacityUnits(Math.max(1, averageBytes), strength);
  }

  /** Keys of a request: a second's reads, because a request consumes its whole cost at one moment. */
  batch(): number {
    const rcu = this.budget.perSecond("read");
    return rcu === undefined ? MOST_BATCH_KEYS : Math.max(1, Math.min(MOST_BATCH_KEYS, Math.floor(rcu / this.each)));
  }

  /** Most keys of a page. */
  page(): number {
    const rcu = this.budget.perSecond("read") ?? Number.POSITIVE_INFINITY;
    const byRate = (PAGE_SECONDS * rcu) / this.each;
    const bySize = MOST_BYTES / readBytes(this.each, this.strength);
    return Math.max(LEAST_KEYS, Math.floor(Math.min(byRate, bySize)));
  }

  /** Records the cost of reading a number of keys. */
  observe(keys: number, rcu: number): void {
    if (keys > 0 && rcu > 0) this.each += NEWEST * (rcu / keys - this.each);
  }
}
