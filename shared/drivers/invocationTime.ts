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
/**
 * The share of the last page's time in which requests still pass. A page that is begun at the last moment may then take as
 * long as others. The rest is for the requests that are under way.
 */
const PASSING_SHARE = 0.5;

/** A worker's first invocation works for at least this share of its time. */
const FIRST_SHARE = 0.5;

export interface InvocationTime {
  /** Its begin, milliseconds since the epoch. */
  readonly startedAt: number;
  /**
   * After which time no further page is begun, after which no request passes the limiters, when page work is stopped, and when
   * Lambda ends the invocation, milliseconds since the epoch.
   */
  readonly stopAt: number;
  readonly deadline: number;
  readonly workEndsAt: number;
  readonly endsAt: number;
}

/** @param now milliseconds since the epoch. @param remainingMs time left of the invocation, as Lambda reports it. */
export function divideTime(now: number, remainingMs: number): InvocationTime {
  const windUp = Math.min(WIND_UP_MS, WIND_UP_SHARE * remainingMs);
  const stopAt = now + remainingMs - windUp;
  // A whole number, because AbortSignal.timeout takes no other.
  const workEndsAt = Math.floor(now + remainingMs - Math.min(RECORDS_MS, (1 - LAST_PAGE_SHARE) * windUp));
  const deadline = stopAt + PASSING_SHARE * (workEndsAt - stopAt);
  return { startedAt: now, stopAt, deadline, workEndsAt, endsAt: now + remainingMs };
}

/**
 * When a worker's first invocation begins no further page, milliseconds since the epoch. The workers of a job begin together.
 * If they also ended together, nobody would work until their next invocations have begun. So each stops after a random part of
 * its time, half or more. The last page and the job's end may still use the whole time.
 * @param random uniform in [0, 1).
 */
export function firstStopAt({ startedAt, stopAt }: InvocationTime, random: () => number): number {
  return stopAt - (1 - FIRST_SHARE) * random() * (stopAt - startedAt);
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
