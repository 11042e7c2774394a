/**
 * Keeps one worker's large requests from filling any second by more than a tenth over the limit. Slices alone don't: where a
 * page costs nearly a second, two that turn out a little cheaper than estimated would start within one.
 */

/** Little longer than a second: requests take up to so much longer to reach the table than those before, milliseconds. */
const WINDOW_MS = 1020;
/** What a second may hold, milliseconds of account time; or one request, where that costs more. */
const MOST_MS = 1100;
/** A second that holds as many as planned may exceed that by this part of one, as they never cost exactly the estimate. */
const INEXACT = 0.2;
/** Where the ones before were so cheap that a second is not full with one more, their number doesn't matter, milliseconds. */
const FULL_MS = 990;
/** Requests that cost less than this are too small to matter, milliseconds. */
const LARGE_MS = 20;

export interface Started {
  readonly at: number;
  /** Its estimate, then what it cost, milliseconds of account time. */
  cost: number;
}

export class FullSecond {
  private started: Started[] = [];

  /** A request starts. Its cost is to be put right when it is known. */
  start(at: number, cost: number): Started {
    const request = { at, cost };
    this.started = this.started.filter((each) => each.at + WINDOW_MS > at);
    if (cost >= LARGE_MS) this.started.push(request);
    return request;
  }

  /** The earliest instant from `now` on at which a request that costs `estimate` fits. */
  dueAt(now: number, estimate: number): number {
    if (estimate < LARGE_MS) return now;
    const most = Math.max(1, Math.floor(MOST_MS / estimate));
    // Requests that fill a second exactly must not be held up by what the window is longer.
    const window = Math.min(WINDOW_MS, 0.99 * most * estimate);
    let sum = estimate;
    let count = 0;
    for (let i = this.started.length - 1; i >= 0; i--) {
      const { at, cost } = this.started[i]!;
      if (cost === 0) continue;
      sum += cost;
      count++;
      if (count >= most && sum > FULL_MS) return Math.max(now, at + window);
      if (sum > MOST_MS + INEXACT * estimate) return Math.max(now, at + WINDOW_MS);
    }
    return now;
  }
}
