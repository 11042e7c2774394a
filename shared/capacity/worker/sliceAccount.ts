/**
 * One worker's account: the slices of account time that it has reserved, and how much of them it has spent.
 *
 * All amounts are milliseconds of account time (see limits.ts), all instants milliseconds since the epoch.
 *
 *   slice     start ├────────── spread ──────────┤           credit accrues evenly from 0 to span over the spread
 *   spending        ↑     ↑     ↑     ↑     ↑                one request whenever accrued credit reaches what is spent
 *   after           spread end ├── grace ──┤                 credit not spent by then is void and goes back to the ledger
 *
 * Invariants:
 * - A request starts only when `accrued ≥ spent + estimate / 2`: debt is waited out, and apart from wrong estimates, the
 *   time spent differs from the time accrued by at most half a request.
 * - Slices are spent from their own start: the slices of all workers tile the time line, so their sum is exact.
 * - In no second does a worker spend much more than what accrued to it in that second (see {@link SliceAccount.dueAt}).
 */

interface Slice {
  readonly start: number;
  readonly span: number;
  /** The time over which the credit accrues. */
  readonly spread: number;
}

/** Requests that cost at least this are few: several in a slice follow one another at intervals of their cost. */
const LARGE_MS = 20;
/** To catch up, a lone worker may spend this much more in a second than accrued in it, milliseconds. */
const CATCH_UP_ALONE_MS = 40;
/** The same for each of several workers. They hardly ever catch up all at once. */
const CATCH_UP_MS = 12;
const SECOND_MS = 1000;
/** Credit below this is float noise: a millionth of a millisecond. */
const EPSILON = 1e-6;

interface Charge {
  readonly at: number;
  readonly ms: number;
}

export class SliceAccount {
  private slices: Slice[] = [];
  /** Forgotten slices some of whose credit accrued within the last second. */
  private past: Slice[] = [];
  /** Those of the last second, in the order of time. */
  private charges: Charge[] = [];
  /** Their sum. */
  private recent = 0;
  /** Spent since the oldest slice kept, estimates of requests in flight included. */
  private spent = 0;
  private reserved = 0;
  private voided = 0;
  /** Unspent credit up to this stays valid, so that remainders below a whole request add up. */
  private keep = 0;
  /** Whether the worker catches up slowly (see {@link dueAt}). */
  slowly = false;

  /**
   * `spreadMs`: time over which a slice is spent. `graceMs`: how long unspent credit stays valid after that; for twice as long
   * if the worker catches up slowly.
   */
  constructor(
    private readonly spreadMs: number,
    private readonly graceMs: number,
  ) {}

  /**
   * Takes a slice the ledger granted. The middle of its spending is half a spread after `start`, whatever its size. If it
   * were earlier for some slices than for others, a change of the mixture would move consumption in time, into a burst or
   * hole. A slice of small requests that is at least as long as the spread is spent over its own length.
   */
  grant(start: number, span: number): void {
    const large = this.keep >= LARGE_MS;
    const spread = large ? span : Math.max(this.spreadMs, span - this.keep);
    const middle = large ? Math.min(span, this.keep) : this.spreadMs;
    this.slices.push({ start: start + (this.spreadMs - middle) / 2, span, spread });
    this.reserved += span;
  }

  /** Charges a request: its estimate when it starts, the (possibly negative) difference when it is done. */
  charge(ms: number, now: number): void {
    if (ms === 0) return;
    this.spent += ms;
    this.charges.push({ at: now, ms });
    this.recent += ms;
  }

  /** Reserved and not spent; negative when in debt. */
  get held(): number {
    return this.reserved - this.spent;
  }

  /** The part of {@link held} that belongs to slices which have begun; negative when they were overspent. */
  heldOfBegun(now: number): number {
    let begun = 0;
    for (const slice of this.slices) if (slice.start <= now) begun += slice.span;
    return begun - this.spent;
  }

  /** Credit that should have been spent by `now`; negative while ahead. */
  lag(now: number): number {
    let accrued = 0;
    for (const slice of this.slices) accrued += accruedOf(slice, now);
    return accrued - this.spent;
  }

  /**
   * The earliest instant at which a request of `estimate` may start: when the middle of its cost has accrued. Infinity
   * when less than `needed` is held.
   *
   * `few`: the number of workers, if they are few. Then a worker with small requests catches up slowly. After a moment without
   * requests, such as between two pages, it holds the credit of that time. If it spent all of it at once, the second that begins
   * then would exceed the limit by this time. So before a request, it has spent in a second at most what accrued to it in that
   * second, or its fair share if that is more, and a little more to catch up. Its credit stays valid for longer.
   */
  dueAt(now: number, estimate: number, needed = estimate / 2, few?: number): number {
    this.keep = estimate;
    this.slowly = few !== undefined && estimate < LARGE_MS;
    this.drop(now);
    if (this.held < needed - EPSILON) return Number.POSITIVE_INFINITY;
    const due = this.accruedAt(this.spent + estimate / 2, now);
    return few !== undefined && this.slowly ? this.caughtUpAt(due, few) : due;
  }

  /** The earliest instant from `now` on at which `wanted` has accrued. If the slices hold less: at which all of them have accrued. */
  private accruedAt(wanted: number, now: number): number {
    for (let from = now; ; ) {
      let missing = wanted;
      let rate = 0;
      let next = Number.POSITIVE_INFINITY;
      for (const slice of this.slices) {
        const end = endOf(slice);
        missing -= accruedOf(slice, from);
        if (from < slice.start) next = Math.min(next, slice.start);
        else if (from < end) {
          rate += slice.span / slice.spread;
          next = Math.min(next, end);
        }
      }
      if (missing <= EPSILON || next === Number.POSITIVE_INFINITY) return from;
      if (rate > 0 && from + missing / rate <= next) return from + missing / rate;
      from = next;
    }
  }

  /** The earliest instant from `due` on at which a worker that catches up slowly may make a request. */
  private caughtUpAt(due: number, workers: number): number {
    const more = (workers === 1 ? CATCH_UP_ALONE_MS : CATCH_UP_MS) - this.recent;
    const share = SECOND_MS / workers;
    // Of the recent charges, those that are more than a second old at `at`.
    let old = 0;
    let at = due;
    for (const charge of this.charges) {
      const leaves = charge.at + SECOND_MS;
      if (leaves > at) {
        if (Math.max(share, this.accruedIn(at - SECOND_MS, at)) + more + old >= 0) return at;
        at = leaves;
      }
      old += charge.ms;
    }
    return at;
  }

  /** Takes out the credit that became void, to give it back to the ledger; 0 while it is below `atLeast`. */
  takeVoided(now: number, atLeast: number): number {
    this.drop(now);
    if (this.voided < atLeast) return 0;
    const voided = this.voided;
    this.voided = 0;
    return voided;
  }

  /** The update that would have given it back was refused. */
  putBackVoided(ms: number): void {
    this.voided += ms;
  }

  /** Closes the account: takes out the unspent credit, or the debt (negative), and forgets all slices. */
  clear(): number {
    const held = this.held + this.voided;
    this.slices = [];
    this.past = [];
    this.charges = [];
    this.recent = 0;
    this.reserved = 0;
    this.spent = 0;
    this.voided = 0;
    return held;
  }

  /** The credit that accrued between two instants. */
  private accruedIn(from: number, to: number): number {
    let sum = 0;
    for (const slices of [this.past, this.slices]) {
      for (const slice of slices) sum += accruedOf(slice, to) - accruedOf(slice, from);
    }
    return sum;
  }

  /** Forgets slices whose grace is over. Their unspent credit is void, except an amount below one request. */
  private drop(now: number): void {
    let oldest = this.charges[0];
    while (oldest !== undefined && oldest.at + SECOND_MS <= now) {
      this.charges.shift();
      this.recent -= oldest.ms;
      oldest = this.charges[0];
    }
    // Without the error that floats add up.
    if (oldest === undefined) this.recent = 0;
    const grace = this.slowly ? 2 * this.graceMs : this.graceMs;
    let first = this.slices[0];
    while (first !== undefined && endOf(first) + grace <= now) {
      this.slices.shift();
      this.past.push(first);
      this.reserved -= first.span;
      this.spent -= first.span;
      first = this.slices[0];
    }
    while (this.past[0] !== undefined && endOf(this.past[0]) + SECOND_MS <= now) this.past.shift();
    const unspent = -this.spent - this.keep;
    if (unspent <= 0) return;
    this.voided += unspent;
    this.charge(unspent, now);
  }
}

function endOf({ start, spread }: Slice): number {
  return start + spread;
}

function accruedOf(slice: Slice, now: number): number {
  if (now <= slice.start) return 0;
  return Math.min(slice.span, (slice.span * (now - slice.start)) / slice.spread);
}
