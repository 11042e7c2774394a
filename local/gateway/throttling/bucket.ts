/**
 * The balance of one limit: a bucket that fills at `rate` and never holds more than `depth`. It may go into debt.
 *
 * Invariant: a caller that takes only while the balance is positive takes, in any window, at most
 * `rate × window + depth + the last take`.
 */
export class Bucket {
  readonly rate: number;
  readonly depth: number;
  #balance: number;
  #at: number;

  /**
   * @param rate capacity units per second.
   * @param depth capacity units, at most kept.
   * @param balance capacity units at the start.
   * @param now milliseconds.
   */
  constructor(rate: number, depth: number, balance: number, now: number) {
    this.rate = rate;
    this.depth = depth;
    this.#balance = Math.min(balance, depth);
    this.#at = now;
  }

  /** Capacity units left at `now` (milliseconds); negative in debt. If the clock goes backwards, time stands still here. */
  balance(now: number): number {
    if (now > this.#at) {
      this.#balance = Math.min(this.depth, this.#balance + ((now - this.#at) / 1000) * this.rate);
      this.#at = now;
    }
    return this.#balance;
  }

  /** Takes capacity units at `now`, or gives them back if `amount` is negative. */
  take(amount: number, now: number): void {
    this.#balance = Math.min(this.depth, this.balance(now) - amount);
  }
}
