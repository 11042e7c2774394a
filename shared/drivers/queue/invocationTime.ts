/** How a worker divides the time of its invocation, and how long its messages stay hidden. Pure. */

import { visibilityBackoffSeconds } from "../../aws/visibilityBackoff";
import { SluiceError } from "../../errors";

/** For what must follow the last page, milliseconds: its effects, the checkpoint, the next message, the answer. */
const WIND_UP_MS = 8_000;
/** Of a short invocation not more than this share. */
const WIND_UP_SHARE = 0.3;
/** How soon a message comes again: after the end of an invocation that crashed, after a lost lease; seconds. */
const REDELIVERY_SECONDS = 5;

export interface InvocationTime {
  /** Its begin, from when on no page is begun, and when Lambda ends it, milliseconds since the epoch. */
  readonly startedAt: number;
  readonly stopAt: number;
  readonly endsAt: number;
  /**
   * For how long to hide the message, seconds: it comes again soon after a crash, instead of after the six function
   * time-outs that AWS wants for the queue.
   */
  readonly hideSeconds: number;
}

/** @param now milliseconds since the epoch. @param remainingMs what Lambda says is left of the invocation. */
export function divideTime(now: number, remainingMs: number): InvocationTime {
  const windUp = Math.min(WIND_UP_MS, WIND_UP_SHARE * remainingMs);
  return {
    startedAt: now,
    stopAt: now + remainingMs - windUp,
    endsAt: now + remainingMs,
    hideSeconds: Math.ceil(remainingMs / 1000) + REDELIVERY_SECONDS,
  };
}

/** Beyond the end of a lease, so that the clocks of worker and queue do not matter, seconds. */
const CLOCKS_SECONDS = 1;
/** As long as a function can run, seconds. */
const LONGEST_HELD_SECONDS = 905;

/**
 * For how long to hide a message that has to come again, seconds.
 *
 * - Its unit was stopped: a back-off that grows with the attempts that got no further, not with the message's receives, which
 *   count kills too and would keep a unit waiting for minutes after a hitch.
 * - Its unit is in another worker's hands: until the lease ends. Where a message was delivered twice, it may be the holder's own.
 * - The lease is lost, or given back by a call whose answer was lost: a moment; what is to be done next is in the checkpoint.
 *
 * @param now milliseconds since the epoch. @param random uniform in [0, 1).
 * @returns undefined for errors that say nothing of the unit.
 */
export function hiddenSeconds(error: unknown, now: number, random: () => number): number | undefined {
  if (!(error instanceof SluiceError)) return undefined;
  const { code, value } = error;
  if (code === "LEASE_LOST") return REDELIVERY_SECONDS;
  if (code === "UNIT_STOPPED") return visibilityBackoffSeconds(value as number, random);
  if (code !== "UNIT_HELD" || value === undefined) return undefined;
  const seconds = Math.ceil(((value as number) - now) / 1000) + CLOCKS_SECONDS;
  return Math.min(LONGEST_HELD_SECONDS, Math.max(1, seconds));
}
