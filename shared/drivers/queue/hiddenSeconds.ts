/** How long messages of the unit queue stay hidden. Pure. */
import { SluiceError } from "../../errors";

/** How soon a message comes again after a crashed invocation has ended, or after a lost lease; seconds. */
const REDELIVERY_SECONDS = 5;
/** Added to the end of a lease for the difference between the clocks of worker and queue, seconds. */
const CLOCKS_SECONDS = 1;
/** The longest time that a function can run, seconds. */
const LONGEST_HELD_SECONDS = 905;

/**
 * For how long to hide a message while it is worked on, seconds: it comes again soon after a crash, instead of after the six
 * function time-outs that AWS requires for the queue.
 *
 * @param remainingMs time left of the invocation, as Lambda reports it.
 */
export function workingSeconds(remainingMs: number): number {
  return Math.ceil(remainingMs / 1000) + REDELIVERY_SECONDS;
}

/**
 * For how long to hide a message that has to come again, seconds.
 *
 * - Another worker holds its chain: until that lease ends. If the message was delivered twice, it may be the holder's own.
 * - The chain was lost, or was released by a call whose answer was lost: for a moment.
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

/**
 * For how long to hide a message whose worker failed, seconds: as any message that failed, but at least until the worker's
 * lease of its chain is over. If it came earlier, it would find the chain held. That would cost one of the 100 receives after which
 * a message is dead.
 *
 * @param backoffSeconds for how long any message that failed as often is hidden.
 * @param endsAt end of the invocation, milliseconds since the epoch, as is `now`.
 */
export function failedSeconds(backoffSeconds: number, endsAt: number, now: number): number {
  return Math.max(backoffSeconds, workingSeconds(endsAt - now));
}
