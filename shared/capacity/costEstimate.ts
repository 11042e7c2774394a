/** What the next request will probably cost: a moving average of recent ones, shared through the ledger. */

/** Weight of one observation, once there are many. The first few weigh equally. */
const WEIGHT = 0.1;
/** From this many observations since the last look at the ledger, a worker trusts its own average more. */
const ENOUGH = 20;

export class CostEstimate {
  /** Milliseconds of account time; undefined while nobody knows. */
  ms: number | undefined;
  private observations = 0;
  /** How many observations the average rests on, at least. */
  private known = 0;

  /** `firstMs`: a guess for the first request, if there is one. */
  constructor(firstMs?: number) {
    this.ms = firstMs;
  }

  /** A request cost `ms`. One that cost nothing says nothing. */
  observe(ms: number): void {
    if (ms <= 0) return;
    this.known++;
    this.observations++;
    this.ms = this.ms === undefined ? ms : this.ms + Math.max(WEIGHT, 1 / this.known) * (ms - this.ms);
  }

  /** What to tell the others; undefined when there is nothing new. */
  get news(): number | undefined {
    return this.observations > 0 ? this.ms : undefined;
  }

  /** The ledger says `ms`, after `reservations`. A worker that has seen little since its last look adopts it. */
  adopt(ms: number | undefined, reservations: number): void {
    this.known = Math.max(this.known, reservations);
    if (ms !== undefined && this.observations < ENOUGH) this.ms = ms;
    if (ms !== undefined) this.observations = 0;
  }

  /** Replaces the average by the ledger's, after the limits (and with them every cost) have changed. */
  reset(ms: number | undefined): void {
    this.ms = ms;
    this.observations = 0;
  }
}
