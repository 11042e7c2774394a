/**
 * The share of the limit that one of several workers may take. It is owed `elapsed / workers` milliseconds of account
 * time. If it takes more, the amount owed becomes negative, and others go first.
 *
 * Where a fair share of one visit is less than about one request, the ledger is *crowded*: there are more visits than
 * requests, so less is promised ahead, and workers report the true cost of every request (see pace.ts).
 */
import { ActiveWorkers } from "./activeWorkers";
import * as pace from "./pace";
import { Steadiness } from "./steadiness";

/** Shares of up to this many requests count as crowded: estimates are not exact, and the two modes should not alternate. */
const CROWDED_REQUESTS = 1.2;

export class FairShare {
  readonly workers = new ActiveWorkers();
  readonly steadiness = new Steadiness();
  /** Not yet taken, milliseconds of account time. */
  owed = 0;
  private accruedAt = 0;
  /** Cost of a request, milliseconds; 0 while it is unknown. */
  private cost = 0;
  /**
   * The part of the owed amount that belongs to time to come: a longer period takes it in advance, a shorter one repays it.
   */
  private advance = 0;
  private lift = 0;

  /** Nothing is owed for the time before `now`. */
  start(now: number): void {
    this.accruedAt = now;
  }

  /**
   * The first share once costs are known. Its size is random: otherwise the workers' remainders below a whole request
   * would add up to a burst.
   */
  startRandomly(random: () => number): void {
    this.owed = this.ofVisit * pace.FIRST_SHARE * (0.75 + 0.5 * random());
  }

  /** `cost`: of a request, milliseconds of account time. The amount owed never exceeds three shares or requests. */
  accrue(now: number, cost: number): void {
    this.cost = cost;
    this.owed += Math.max(0, now - this.accruedAt) / this.workers.count;
    this.accruedAt = now;
    const advance = this.ofVisit - pace.periodMs(this.workers.count) / this.workers.count;
    this.owed = Math.max(Math.min(0, this.owed), this.owed + advance - this.advance);
    this.advance = advance;
    const whole = cost > 0 ? cost * Math.max(1, Math.round(this.ofVisit / cost)) : 0;
    this.owed += this.lift * Math.max(0, whole - this.owed);
    this.lift = 0;
    const least = -Math.max(2 * this.ofVisit, 3 * cost);
    this.owed = Math.max(least, Math.min(this.owed, 3 * Math.max(this.ofVisit, cost)));
  }

  /** Whether the workers are few, so that their visits grow rare while nothing changes. */
  get few(): boolean {
    return pace.areFew(this.workers.count, this.cost);
  }

  /** From one counted slice to the next, milliseconds. */
  get periodMs(): number {
    return this.steadiness.periodMs(this.workers.count, this.few);
  }

  /** Slices of steady workers become as long as their period. Otherwise each slice would stay as long as the one before. */
  evenOut(): void {
    this.lift = 0.5;
  }

  /** Fair share of one visit, milliseconds of account time. */
  get ofVisit(): number {
    return this.periodMs / this.workers.count;
  }

  /** What a turn may take of what is owed, milliseconds: few workers that take more than a share wait for one another. */
  ofTurn(cost: number): number {
    if (!this.few) return this.owed;
    const { count } = this.workers;
    const requests = Math.round(pace.longestPeriodMs(count, true) / count / cost);
    return Math.min(this.owed, Math.max(1, requests) * cost);
  }

  /**
   * How far ahead a worker may always reserve what it is owed: further if slices are long, because long slices may be
   * later.
   */
  mostHorizon(crowded: boolean): number {
    const most = pace.mostHorizon(crowded);
    return crowded ? most : Math.max(most, pace.LEAD_MS + 0.3 * this.ofVisit);
  }

  /** Goes by the longest period, so that it doesn't change with the worker's current one. */
  crowded(cost: number): boolean {
    const { count } = this.workers;
    return pace.longestPeriodMs(count, pace.areFew(count, cost)) < CROWDED_REQUESTS * cost * count;
  }

  /** How far ahead this worker may reserve more than it is owed, milliseconds. */
  horizon(cost: number): number {
    return pace.horizonFor(this.owed, Math.max(cost, this.ofVisit), this.crowded(cost));
  }
}
