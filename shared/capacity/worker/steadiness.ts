/**
 * The time between a worker's visits to the ledger. A visit costs as much as five read units, so at a steady rate few workers
 * visit once a second. After any change they visit four times a second again, so that shares follow quickly. So do
 * workers that were late: with long slices, one would still spend late while the others' turn has come.
 *
 * A slice lasts from one visit to the next. So the period is never longer than the time in which the worker can spend a
 * slice; otherwise a worker with long requests would keep credit that becomes void.
 */
import * as pace from "./pace";

/** A worker that was late is expected to be late again within this time, milliseconds: it has gaps between its pages. */
const LATE_AGAIN_MS = 30_000;

export class Steadiness {
  private calmMs = pace.SHORTEST_PERIOD_MS;
  private lateUntil = Number.NEGATIVE_INFINITY;
  private spendableMs = Number.POSITIVE_INFINITY;

  /** A visit found no change: the next visit may be later. */
  calm(now: number): void {
    const longest = now < this.lateUntil ? pace.SHORTEST_PERIOD_MS : pace.LONGEST_PERIOD_MS;
    this.calmMs = Math.min(2 * this.calmMs, longest);
  }

  /** The worker holds credit that it should have spent some time ago, and spends it late. */
  late(now: number): void {
    this.lateUntil = now + LATE_AGAIN_MS;
  }

  /** Capacity lay idle for a moment. */
  hasten(): void {
    this.calmMs = Math.max(this.calmMs / 2, pace.SHORTEST_PERIOD_MS);
  }

  /** Something has changed: other workers, other limits, capacity that lies idle, credit that was not spent. */
  stir(): void {
    this.calmMs = pace.SHORTEST_PERIOD_MS;
  }

  /**
   * `paceMs`: account time that the worker could spend in a millisecond; `workers`: that share the limit; `cost`: of a request,
   * milliseconds of account time. Credit for one request never becomes void. If there are more than a few workers, slices rely on
   * that: a page that takes a worker longer than its share lasts would otherwise need a slice for itself.
   */
  spends(paceMs: number, workers: number, cost: number): void {
    const kept = workers > pace.FEW_WORKERS ? cost : 0;
    this.spendableMs = workers * (pace.longestSpanMs(paceMs, workers === 1) + kept);
  }

  /** How long one of `workers` goes from one counted slice to the next, milliseconds. `few`: see {@link pace.areFew}. */
  periodMs(workers: number, few: boolean): number {
    const shortest = pace.periodMs(workers);
    if (!few) return shortest;
    return Math.max(shortest, Math.min(this.calmMs, this.spendableMs));
  }
}
