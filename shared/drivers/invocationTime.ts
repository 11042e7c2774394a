/** How a worker divides the time of its invocation, and how long a unit waits for its next attempt. Pure. */
import { visibilityBackoffSeconds } from "../aws/visibilityBackoff";

/** Time at the end of an invocation in which no further page is begun, milliseconds. */
const WIND_UP_MS = 8_000;
/** Of a short invocation not more than this share. */
const WIND_UP_SHARE = 0.4;
/**
 * For the records of how it ended: the lease, the next message, the answer. Page work is stopped before, so that an attempt
 * whose calls failed until its time was over can still record why, milliseconds.
 */
const RECORDS_MS = 4_000;
/** Of the wind-up not less than this share is left to the last page. */
const LAST_PAGE_SHARE = 0.25;

export interface InvocationTime {
  /** Its begin, milliseconds since the epoch. */
  readonly startedAt: number;
  /** When no further page is begun, when page work is stopped, and when Lambda ends it, milliseconds since the epoch. */
  readonly stopAt: number;
  readonly workEndsAt: number;
  readonly endsAt: number;
}

/** @param now milliseconds since the epoch. @param remainingMs time left of the invocation, as Lambda reports it. */
export function divideTime(now: number, remainingMs: number): InvocationTime {
  const windUp = Math.min(WIND_UP_MS, WIND_UP_SHARE * remainingMs);
  return {
    startedAt: now,
    stopAt: now + remainingMs - windUp,
    // A whole number, because AbortSignal.timeout takes no other.
    workEndsAt: Math.floor(now + remainingMs - Math.min(RECORDS_MS, (1 - LAST_PAGE_SHARE) * windUp)),
    endsAt: now + remainingMs,
  };
}

/**
 * How long a unit waits after this many attempts without progress, milliseconds. It grows with the attempts, not with the
 * message's receives: these count kills too, so a unit would wait for minutes after a hitch.
 *
 * @param random uniform in [0, 1).
 */
export function unitBackoffMs(attempts: number, random: () => number): number {
  return 1000 * visibilityBackoffSeconds(attempts, random);
}
