/** How a worker divides the time of its invocation, and how long a unit waits for its next attempt. Pure. */
import { visibilityBackoffSeconds } from "../aws/visibilityBackoff";

/** Time at the end of an invocation in which no further page is begun, milliseconds. */
const WIND_UP_MS = 8_000;
/** In a short invocation, at most this share of it. */
const WIND_UP_SHARE = 0.4;
/**
 * Time for the final records, milliseconds: the lease, the next message, the answer. Page work is stopped before that, so
 * that an attempt whose calls failed until its time was over can still record why.
 */
const RECORDS_MS = 4_000;
/** At least this share of that time is left for the last page. */
const LAST_PAGE_SHARE = 0.25;

export interface InvocationTime {
  /** Its begin, milliseconds since the epoch. */
  readonly startedAt: number;
  /**
   * After which time no further page is begun, when page work is stopped, and when Lambda ends the invocation,
   * milliseconds since the epoch.
   */
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
 * message's receives: receives count kills too, so a unit would wait for minutes after a brief fault.
 *
 * @param random uniform in [0, 1).
 */
export function unitBackoffMs(attempts: number, random: () => number): number {
  return 1000 * visibilityBackoffSeconds(attempts, random);
}
