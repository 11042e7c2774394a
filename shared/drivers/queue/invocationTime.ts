/** How a worker divides the time of its invocation, and how long its messages stay hidden. Pure. */

import { visibilityBackoffSeconds } from "../../aws/visibilityBackoff";
import { SluiceError } from "../../errors";

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
/** How soon a message comes again: after the end of an invocation that crashed, after a lost lease; seconds. */
const REDELIVERY_SECONDS = 5;

export interface InvocationTime {
  /** Its begin, milliseconds since the epoch. */
  readonly startedAt: number;
  /** When no further page is begun, when page work is stopped, and when Lambda ends it, milliseconds since the epoch. */
  readonly stopAt: number;
  readonly workEndsAt: number;
  readonly endsAt: number;
  /**
   * For how long to hide the message, seconds: it comes again soon after a crash, instead of after the six function
   * time-outs that AWS wants for the queue.
   */
  readonly hideSeconds: number;
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
    hideSeconds: Math.ceil(remainingMs / 1000) + REDELIVERY_SECONDS,
  };
}

/** Added to the end of a lease for the difference between the clocks of worker and queue, seconds. */
const CLOCKS_SECONDS = 1;
/** As long as a function can run, seconds. */
const LONGEST_HELD_SECONDS = 905;

/**
 * How long a unit waits after this many attempts without progress, milliseconds. It grows with the attempts, not with the
 * message's receives: these count kills too, so a unit would wait for minutes after a hitch.
 *
 * @param random uniform in [0, 1).
 */
export function unitBackoffMs(attempts: number, random: () => number): number {
  return 1000 * visibilityBackoffSeconds(attempts, random);
}

/**
 * For how long to hide a message that has to come again, seconds.
 *
 * - Another worker holds its chain: until that lease ends. If the message was delivered twice, it may be the holder's own.
 * - The chain was lost, or released by a call whose answer was lost: a moment.
 *
 * @param now milliseconds since the epoch.
 * @returns undefined for any other error.
 */
export function hiddenSeconds(error: unknown, now: number): number | undefined {
  if (!(error instanceof SluiceError)) return undefined;
  const { code, value } = error;
  if (code === "CHAIN_LOST") return REDELIVERY_SECONDS;
  if (code !== "CHAIN_HELD" || value === undefined) return undefined;
  const seconds = Math.ceil(((value as number) - now) / 1000) + CLOCKS_SECONDS;
  return Math.min(LONGEST_HELD_SECONDS, Math.max(1, seconds));
}
