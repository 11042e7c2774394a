/**
 * How many workers share the limit.
 *
 * The ledger item counts workers in and out, which is right at once when they join or leave, but stays too high when one
 * crashes. The count of reservations is the other source: workers take turns, so the turns of all, divided by a worker's
 * own turns, give the number of active workers. The worker corrects the item if its number is more than twice as large. It
 * also does so if the number is less than a third; the factor is greater there, because a worker's own missed turns look
 * the same. It corrects downwards by half at a time, because workers that had more turns than others judge first.
 */
import type { LedgerItem } from "../ledger/ledgerItem";

/** Own turns to wait for before judging. With fewer, a worker that was lucky a few times would misjudge the others. */
const TURNS = 32;

export class ActiveWorkers {
  /** Best guess, at least 1. */
  count = 1;
  /** Set when the item's own number is wrong: what to write there with the next reservation. */
  correction: number | undefined;
  private since: number | undefined;
  private turns = 0;
  /** The lowest and highest number in the item since the count began. Workers come and go all the time as invocations end. */
  private least = 0;
  private most = 0;

  /** Call this after any look at the item. */
  see(item: LedgerItem): void {
    this.count = this.correction ?? Math.max(1, item.workers);
  }

  /** A counted reservation of this worker was granted. `steady`: the worker had work all the time since its previous one. */
  turn(item: LedgerItem, steady: boolean): void {
    this.correction = undefined;
    if (this.since === undefined || !steady) this.restart(item);
    else {
      this.least = Math.min(this.least, item.workers);
      this.most = Math.max(this.most, item.workers);
      if (++this.turns === TURNS) {
        this.judge(item, Math.max(1, Math.round((item.reservations - this.since) / TURNS)));
        this.restart(item);
      }
    }
    this.see(item);
  }

  private judge(item: LedgerItem, active: number): void {
    if (active > 3 * this.most + 2) this.correction = active;
    else if (this.least > 2 * active + 2) this.correction = Math.max(active, Math.ceil(item.workers / 2));
  }

  private restart(item: LedgerItem): void {
    this.since = item.reservations;
    this.least = item.workers;
    this.most = item.workers;
    this.turns = 0;
  }
}
