/**
 * How many requests a worker could make if it never waited for capacity.
 *
 * The number of waiting requests says little about that: a worker that makes one request after the other never has more
 * than one waiting, however fast it could go. But such a worker is a closed loop. Suppose that it has `n` requests at a
 * time during a time `T`, and that they wait for `Q` in all. Then it spends `nT - Q` on its requests and between them, and
 * without waiting it could work at that speed all the time. `n` is the most seen at once. If more run in truth, the pace
 * comes out too high, never too low. Requests per millisecond:
 *
 *   pace = finished / (T - Q / n)
 */
/** Observations count half after this long, milliseconds. */
const HALF_LIFE_MS = 1000;

/**
 * This many requests after an idle period show that it is over. Fewer may come from a worker that makes one now and
 * then.
 */
const AFTER_REST = 3;

/** The assumed duration of a request while none is known, milliseconds. */
const UNKNOWN_MS = 10;

/** Sums in which older seconds count less. */
interface Observed {
  /** Requests. */
  finished: number;
  elapsedMs: number;
  /** Of all requests together, as is `ranMs`. */
  waitedMs: number;
  ranMs: number;
}

const nothingObserved = (): Observed => ({ finished: 0, elapsedMs: 0, waitedMs: 0, ranMs: 0 });

function fade(observed: Observed, kept: number): void {
  observed.finished *= kept;
  observed.elapsedMs *= kept;
  observed.waitedMs *= kept;
  observed.ranMs *= kept;
}

function subtract(from: Observed, part: Observed): void {
  from.finished -= part.finished;
  from.elapsedMs -= part.elapsedMs;
  from.waitedMs -= part.waitedMs;
  from.ranMs -= part.ranMs;
}

export class Demand {
  /** Requests that wait for capacity. */
  waiting = 0;
  private inFlight = 0;
  /** When a request last waited or was under way. */
  private activeAt = Number.NEGATIVE_INFINITY;
  private most = 0;
  private observed = nothingObserved();
  private heldUp = 0;
  private suspended = false;
  private resting = false;
  /**
   * What was observed before the first request after the last idle period, including that period; undefined once it is
   * over.
   */
  private before: Observed | undefined;
  private sinceRest = 0;
  private lookedAt: number;
  private arrivedSinceVisit = false;
  private waitedSinceVisit = false;

  /** @param pauseMs a worker that has had no request for no longer than this still counts as one with work. */
  constructor(
    now: number,
    private readonly pauseMs = 0,
  ) {
    this.lookedAt = now;
  }

  /** The ledger is paused: the time until the next request comes shows nothing about the pace. */
  suspend(): void {
    this.suspended = true;
  }

  /**
   * There is no work. The idle period counts: a worker that makes a request now and then wants little. But if several
   * requests follow, the time before them shows nothing about their pace, and would hold the worker up for seconds.
   */
  rest(): void {
    this.resting = true;
  }

  /** A request came at `now`. */
  arrive(now: number): void {
    if (this.resting) {
      this.pass(now);
      this.before = { ...this.observed };
      this.sinceRest = 0;
      this.resting = false;
    }
    if (this.suspended) {
      this.pass(now);
      this.observed = nothingObserved();
      this.before = undefined;
    }
    this.suspended = false;
    this.arrivedSinceVisit = true;
  }

  /** The number of waiting or running requests has changed. `finished`: requests that ended with that change. */
  change(now: number, waiting: number, inFlight: number, finished = 0): void {
    this.pass(now);
    if (waiting + inFlight > 0 || finished > 0) this.activeAt = now;
    this.waiting = waiting;
    this.inFlight = inFlight;
    this.observed.finished += finished;
    this.sinceRest += finished;
    if (this.before !== undefined && this.sinceRest >= AFTER_REST) {
      subtract(this.observed, this.before);
      this.before = undefined;
    }
    this.most = Math.max(this.most, waiting + inFlight);
    if (waiting > 0) this.waitedSinceVisit = true;
  }

  /** At a visit to the ledger: is there work at all, and did any have to wait since the last visit? */
  visit(now: number): { idle: boolean; eager: boolean } {
    this.pass(now);
    const resting = this.waiting + this.inFlight === 0 && !(now - this.activeAt < this.pauseMs);
    const idle = !this.arrivedSinceVisit && resting;
    const eager = this.waitedSinceVisit;
    this.arrivedSinceVisit = false;
    this.waitedSinceVisit = this.waiting > 0;
    return { idle, eager };
  }

  /** So far, for how long requests waited while none was under way, milliseconds. */
  heldUpMs(now: number): number {
    this.pass(now);
    return this.heldUp;
  }

  /**
   * Requests per millisecond that the worker could make. Before the first request is done, the pace is unknown. If several
   * requests are made at once, each is then assumed to take 10 ms. With a single request the pace is 0, because the worker
   * may have other things to do.
   */
  pace(): number {
    const { finished, elapsedMs, waitedMs } = this.observed;
    if (finished === 0) return this.most > 1 ? this.most / UNKNOWN_MS : 0;
    const free = elapsedMs - waitedMs / Math.max(1, this.most);
    return free > 0 ? finished / free : Number.POSITIVE_INFINITY;
  }

  /** Average duration of a request, without its wait, milliseconds; undefined while none is done. */
  get requestMs(): number | undefined {
    const { finished, ranMs } = this.observed;
    return finished > 0 ? ranMs / finished : undefined;
  }

  private pass(now: number): void {
    const ms = Math.max(0, now - this.lookedAt);
    if (ms === 0) return;
    this.lookedAt = now;
    if (this.waiting > 0 && this.inFlight === 0) this.heldUp += ms;
    const kept = 0.5 ** (ms / HALF_LIFE_MS);
    fade(this.observed, kept);
    if (this.before !== undefined) fade(this.before, kept);
    this.observed.elapsedMs += ms;
    this.observed.waitedMs += this.waiting * ms;
    this.observed.ranMs += this.inFlight * ms;
    this.most = Math.max(this.waiting + this.inFlight, this.most * kept);
  }
}
