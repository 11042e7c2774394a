/**
 * How many workers share the limit.
 *
 * The ledger item counts workers in and out, which is right at once when they join or leave, but stays too high when one
 * crashes. The count of reservations is the other witness: workers take turns, so by as much as it grew between two
 * reservations of one's own, so many are active. Where the two differ by more than half, twice in a row, the count wins
 * and the item is corrected.
 */
import type { LedgerItem } from "./ledgerItem";

export class ActiveWorkers {
  /** Best guess, at least 1. */
  count = 1;
  /** Set when the item's own number is wrong: what to write there. */
  correction: number | undefined;
  private lastReservations: number | undefined;
  private turns: number | undefined;
  private disagreements = 0;

  /** Any look at the item. */
  see(item: LedgerItem): void {
    if (this.disagreements < 2) this.count = Math.max(1, item.workers);
  }

  /** A counted reservation of one's own was granted; `steady`: this worker had work all the time since the one before. */
  turn(item: LedgerItem, steady: boolean): void {
    const last = this.lastReservations;
    this.lastReservations = item.reservations;
    this.correction = undefined;
    if (last === undefined || !steady) return;
    const turns = item.reservations - last;
    this.turns = this.turns === undefined ? turns : (this.turns + turns) / 2;
    const differ = this.turns > 1.5 * item.workers + 2 || item.workers > 1.5 * this.turns + 2;
    this.disagreements = differ ? this.disagreements + 1 : 0;
    if (this.disagreements < 2) return;
    this.count = Math.max(1, Math.round(this.turns));
    this.correction = this.count;
    this.disagreements = 0;
  }
}
