/**
 * One worker's account: the slices of account time that it has reserved, and how much of them it has spent.
 *
 * All amounts are milliseconds of account time (see limits.ts), all instants milliseconds since the epoch.
 *
 *   slice         start ├──── span ────┤                     its place in the ledger
 *   accrual        ╱▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔╲                        the slice, blurred; its middle is a little later
 *   spending       ↑    ↑    ↑    ↑    ↑                     one request whenever accrued credit reaches what is spent
 *   after                             ├── grace ──┤          credit not spent by then is void and goes back to the ledger
 *
 * The ledger's slices follow one another without gap or overlap. If credit accrued just while its slice lasts, workers would take
 * turns at the whole limit, and whatever one is late by would come on top of the next one's turn. Therefore the accrual is blurred:
 * it is averaged over a time that is the same for all slices of small requests, whatever their size. So all workers together accrue
 * at exactly the limit, even while workers come or go and their slices grow or shrink.
 *
 * Invariants:
 * - A request starts only when `accrued ≥ spent + estimate / 2`: debt is waited out, and apart from wrong estimates, the
 *   time spent differs from the time accrued by at most half a request.
 * - In no second does a worker spend much more than what accrued to it in that second (see {@link SliceAccount.dueAt}).
 */

interface Slice {
  readonly span: number;
  /** Its accrual at a moment is the average over this time, milliseconds; 0 for large requests. */
  readonly blur: number;
  /** When its credit begins to accrue. The rate rises until `risen`, and falls from `falls` to `end`. */
  readonly start: number;
  readonly risen: number;
  readonly falls: number;
  readonly end: number;
  /** The part of its credit that has not become void. */
  valid: number;
}

/** Requests that cost at least this are few: several in a slice follow one another at intervals of their cost. */
const LARGE_MS = 20;
/** To catch up, few workers together may spend this much more in a second than accrued in it, milliseconds. */
const CATCH_UP_MS = 30;
/** Credit of a worker that catches up slowly stays valid this many times as long. */
const SLOW_GRACE = 4;
/** After another worker has joined, few workers together catch up with at most this much, milliseconds. */
const MOST_LATE_MS = 100;
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
  /** At least this much of the slices kept has accrued. */
  private accrued = 0;
  private voided = 0;
  /** Unspent credit up to this stays valid, so that remainders below a whole request add up. */
  private keep = 0;
  /** Whether the worker catches up slowly (see {@link dueAt}). */
  slowly = false;
  /** Until then it makes room for a worker that has joined. */
  private roomUntil = Number.NEGATIVE_INFINITY;

  /**
   * All in milliseconds. `delayMs`: how long after its place in the ledger a slice is spent, on average. `graceMs`: how long
   * unspent credit stays valid after its slice has accrued; for four times as long if the worker catches up slowly. `blurMs`: the time
   * over which the accrual of small requests is averaged; asked for at each grant.
   */
  constructor(
    private readonly delayMs: number,
    private readonly graceMs: number,
    private readonly blurMs: () => number,
  ) {}

  /**
   * Takes a slice the ledger granted. The delay is the same for all sizes of slices. If it were shorter for some than for
   * others, a change of the mixture would move consumption in time, into a burst or hole. When the delay is over, the first
   * request of a slice of large requests is in its middle.
   */
  grant(start: number, span: number): void {
    const large = this.keep >= LARGE_MS;
    const blur = large ? 0 : this.blurMs();
    const before = large ? Math.min(span, this.keep) / 2 : blur / 2;
    this.slices.push(sliceFrom(start + this.delayMs - before, span, blur));
    this.reserved += span;
  }

  /** Charges a request: its estimate when it starts, the (possibly negative) difference when it is done. */
  charge(ms: number, now: number): void {
    if (ms === 0) return;
    this.spent += ms;
    this.charges.push({ at: now, ms });
    this.recent += ms;
  }

  /** What it has spent in the last second, estimates of requests in flight included. */
  spentInSecond(now: number): number {
    this.drop(now);
    return this.recent;
  }

  /** When it last spent something, milliseconds since the epoch; undefined: not within a second. */
  get lastSpentAt(): number | undefined {
    return this.charges.at(-1)?.at;
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
   * second, and a little more to catch up. Its credit stays valid for longer.
   */
  dueAt(now: number, estimate: number, needed = estimate / 2, few?: number): number {
    this.keep = estimate;
    this.slowly = few !== undefined && estimate < LARGE_MS;
    this.drop(now);
    const workers = this.slowly ? few : undefined;
    if (workers !== undefined && now < this.roomUntil)
      this.spent += Math.max(0, this.lag(now) - MOST_LATE_MS / workers);
    if (this.held < needed - EPSILON) return Number.POSITIVE_INFINITY;
    const due = this.accruedAt(this.spent + estimate / 2, now);
    return workers === undefined ? due : this.caughtUpAt(due, workers, now);
  }

  /** The earliest instant from `now` on at which `wanted` has accrued. If the slices hold less: at which all of them have accrued. */
  private accruedAt(wanted: number, now: number): number {
    if (wanted - this.accrued <= EPSILON) return now;
    for (let from = now; ; ) {
      let missing = wanted;
      for (const slice of this.slices) missing -= accruedOf(slice, from);
      if (from === now) this.accrued = wanted - missing;
      if (missing <= EPSILON) return from;
      let rate = 0;
      let slope = 0;
      let next = Number.POSITIVE_INFINITY;
      for (const slice of this.slices) {
        rate += rateOf(slice, from);
        slope += slopeOf(slice, from);
        next = Math.min(next, nextBend(slice, from));
      }
      if (next === Number.POSITIVE_INFINITY) return from;
      const at = from + timeToAccrue(missing, rate, slope);
      if (at <= next) return at;
      from = next;
    }
  }

  /** The earliest instant from `due` on at which a worker that catches up slowly may make a request. */
  private caughtUpAt(due: number, workers: number, now: number): number {
    const more = CATCH_UP_MS / workers - this.recent;
    // Not even the allowance to catch up is used, whatever accrued.
    if (more >= 0 && due === now) return now;
    // Of the recent charges, those that are more than a second old at `at`.
    let old = 0;
    let at = due;
    for (const charge of this.charges) {
      const leaves = charge.at + SECOND_MS;
      if (leaves > at) {
        if (this.accruedInSecond(at) + more + old >= 0) return at;
        at = leaves;
      }
      old += charge.ms;
    }
    return at;
  }

  /**
   * Called when another worker has joined. For a second, this worker then forgoes nearly all that it is late by, because that
   * would come on top of the other's share. It doesn't go back to the ledger, which would grant it again at once.
   */
  makeRoom(now: number): void {
    this.roomUntil = now + SECOND_MS;
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
    this.accrued = 0;
    this.spent = 0;
    this.voided = 0;
    return held;
  }

  /**
   * The credit that accrued in the second before an instant, and has not become void. It is never more than a second's: if credit
   * went back to the ledger and was reserved again, more may accrue at once.
   */
  private accruedInSecond(to: number): number {
    const from = to - SECOND_MS;
    let sum = 0;
    for (const slices of [this.past, this.slices]) {
      for (const slice of slices) sum += slice.valid * (accruedOf(slice, to) - accruedOf(slice, from));
    }
    return Math.min(sum, SECOND_MS);
  }

  /** Forgets slices whose grace is over. */
  private drop(now: number): void {
    let oldest = this.charges[0];
    while (oldest !== undefined && oldest.at + SECOND_MS <= now) {
      this.charges.shift();
      this.recent -= oldest.ms;
      oldest = this.charges[0];
    }
    // Without the error that floats add up.
    if (oldest === undefined) this.recent = 0;
    const grace = this.slowly ? SLOW_GRACE * this.graceMs : this.graceMs;
    let first = this.slices[0];
    while (first !== undefined && first.end + grace <= now) {
      this.slices.shift();
      this.past.push(first);
      this.reserved -= first.span;
      this.accrued -= first.span;
      this.spent -= first.span;
      this.voidRestOf(first);
      first = this.slices[0];
    }
    while (this.past[0] !== undefined && this.past[0].end + SECOND_MS <= now) this.past.shift();
  }

  /**
   * Makes void what is unspent up to the end of a slice, except an amount below one request. It doesn't count as spent within
   * the second. Otherwise a worker that is late would have to leave its credit unspent until that is void as well, and so on.
   */
  private voidRestOf(last: Slice): void {
    const unspent = -this.spent - this.keep;
    if (unspent <= 0) return;
    this.voided += unspent;
    this.spent += unspent;
    last.valid = Math.max(0, 1 - unspent / last.span);
  }
}

function sliceFrom(start: number, span: number, blur: number): Slice {
  const [risen, falls] = [start + Math.min(span, blur), start + Math.max(span, blur)];
  return { span, blur, start, risen, falls, end: start + span + blur, valid: 1 };
}

/**
 * A slice accrues at the rate of the limit while it lasts. Its average over the last `blur` milliseconds is the difference of two
 * ramps: the rate rises for as long as the shorter of span and blur, stays, and falls for as long as it rose.
 */
function accruedOf({ start, end, span, blur }: Slice, now: number): number {
  if (now <= start) return 0;
  if (now >= end) return span;
  const age = now - start;
  if (blur === 0) return age;
  return (half(age) - half(age - span) - half(age - blur)) / blur;
}

/** Half the square: the area under a ramp that began `age` ago. */
function half(age: number): number {
  return age <= 0 ? 0 : (age * age) / 2;
}

/** At which rate the slice accrues from `now` on, as a part of the limit. */
function rateOf({ start, end, span, blur }: Slice, now: number): number {
  if (now < start || now >= end) return 0;
  return blur === 0 ? 1 : Math.min(now - start, span, blur, end - now) / blur;
}

/** By how much that rate grows in a millisecond from `now` on. */
function slopeOf({ start, risen, falls, end, blur }: Slice, now: number): number {
  if (now < start || now >= end) return 0;
  if (now < risen) return 1 / blur;
  return now < falls ? 0 : -1 / blur;
}

/** The next instant after `now` at which that slope changes. */
function nextBend({ start, risen, falls, end }: Slice, now: number): number {
  if (now < risen) return now < start ? start : risen;
  if (now < end) return now < falls ? falls : end;
  return Number.POSITIVE_INFINITY;
}

/**
 * After how long `missing` has accrued, at a rate that grows by `slope` in each millisecond: the solution of
 * `rate t + slope t² / 2 = missing`.
 */
function timeToAccrue(missing: number, rate: number, slope: number): number {
  const square = rate * rate + 2 * slope * missing;
  const divisor = rate + Math.sqrt(square);
  return square >= 0 && divisor > 0 ? (2 * missing) / divisor : Number.POSITIVE_INFINITY;
}
