/**
 * Keeps one worker's large requests from exceeding the limit in any second by more than a tenth. Slices alone can't do that:
 * if a page costs nearly a second, two pages that turn out a little cheaper than estimated would start within one second. It
 * acts only if costs are as even as those of pages. Otherwise, requests held up behind expensive ones would come in a burst
 * once costs fall again.
 */

/**
 * Little longer than a second: a request may take this much longer to reach the table than the one before it.
 * Milliseconds.
 */
const WINDOW_MS = 1020;
/** The most that a second may hold, milliseconds of account time; or one request, if that costs more. */
const MOST_MS = 1100;
/**
 * A second with as many requests as planned may exceed that by this part of one request, because none costs exactly the
 * estimate.
 */
const INEXACT = 0.2;
/** A request that costs less than this part of a usual one doesn't count as a request; only its cost counts. */
const NOTHING = 0.1;
/** If costs differ from their estimates by more than this part on average, only the slices act: see above. */
const UNEVEN = 0.15;
/** The weight of each request in that average. */
const WEIGHT = 0.1;
/** Requests that cost less than this are too small to matter, milliseconds. */
const LARGE_MS = 20;

export interface Started {
  readonly at: number;
  readonly estimate: number;
  /** Its estimate, then what it cost, milliseconds of account time. */
  cost: number;
}

export class FullSecond {
  private started: Started[] = [];
  private uneven = 0;

  /** Whether costs differ much from their estimates. */
  get isUneven(): boolean {
    return this.uneven > UNEVEN;
  }

  /** A request starts. */
  start(at: number, estimate: number): Started {
    const request = { at, estimate, cost: estimate };
    this.started = this.started.filter((each) => each.at + WINDOW_MS > at);
    if (estimate >= LARGE_MS) this.started.push(request);
    return request;
  }

  /** Its cost is known; 0 if it consumed nothing. */
  end(request: Started, cost: number): void {
    request.cost = cost;
    if (cost === 0 || request.estimate === 0) return;
    this.uneven += WEIGHT * (Math.min(1, Math.abs(cost / request.estimate - 1)) - this.uneven);
  }

  /**
   * No request of the next session should start before this instant, because that session knows nothing of this one's requests,
   * and these may have started later than their capacity was available. `estimate`: of a request. Undefined: it may start at once.
   */
  nextSession(now: number, estimate: number): number | undefined {
    const last = this.started.at(-1);
    if (last === undefined || this.isUneven) return undefined;
    const due = Math.max(this.dueAt(now, estimate), last.at + last.cost);
    return due > now ? due : undefined;
  }

  /** The earliest instant from `now` on at which a request that costs `estimate` fits. */
  dueAt(now: number, estimate: number): number {
    if (estimate < LARGE_MS || this.isUneven) return now;
    const most = Math.max(1, Math.floor(MOST_MS / estimate));
    // The window is a little longer than a second. That must not delay requests that fill a second exactly.
    const window = Math.min(WINDOW_MS, 0.99 * most * estimate);
    const enough = Math.max(MOST_MS, (1 + NOTHING) * estimate) + INEXACT * estimate;
    let sum = estimate;
    let count = 0;
    for (let i = this.started.length - 1; i >= 0; i--) {
      const { at, cost } = this.started[i]!;
      if (cost === 0) continue;
      sum += cost;
      // The last page of a unit may be tiny compared with the others.
      if (cost > NOTHING * estimate) count++;
      if (count >= most) return Math.max(now, at + window);
      if (sum > enough) return Math.max(now, at + WINDOW_MS);
    }
    return now;
  }
}
