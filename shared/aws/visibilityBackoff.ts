/**
 * Back-off by visibility timeout: how long a message that failed for a transient reason stays out of sight, and how
 * often it may be received before that adds up to a given outage. Shared by the handler, which sets the timeout, and by
 * the infrastructure, which sets maxReceiveCount. Pure.
 *
 *   receive 1   2     3          4                         n
 *           |---|-----|----------|------------ … ----------|     maxReceiveCount = n
 *             d1  d2      d3                d(n-1)               d1 + … + d(n-1) ≥ the outage
 */

/** Longest delay before the second receive, in seconds. Doubles with every further receive. */
const FIRST_DELAY_SECONDS = 15;
/** Longest delay of all, in seconds. */
const LONGEST_DELAY_SECONDS = 900;
/** Spare receives, for killed or timed-out invocations: these cost a receive without waiting out any of the outage. */
const SPARE_RECEIVES = 5;

/**
 * Seconds to hide a message after its n-th failed receive: half to all of min(900, 15 · 2^(n-1)), whole, at least 1.
 * @param receiveCount the message's ApproximateReceiveCount, from 1.
 * @param random uniform in [0, 1).
 */
export function visibilityBackoffSeconds(receiveCount: number, random: () => number): number {
  const longest = longestDelaySeconds(receiveCount);
  return Math.max(1, Math.round(longest / 2 + (longest / 2) * random()));
}

/** Smallest maxReceiveCount with which even the shortest possible delays cover the outage, plus five spare receives. */
export function receivesToSurvive(outageSeconds: number): number {
  let receives = 1;
  for (let covered = 0; covered < outageSeconds; receives++) covered += shortestDelaySeconds(receives);
  return receives + SPARE_RECEIVES;
}

/** Longest delay after the n-th receive, in seconds. */
export function longestDelaySeconds(receiveCount: number): number {
  return Math.min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** (Math.max(1, receiveCount) - 1));
}

/** Shortest delay after the n-th receive, in seconds. */
export function shortestDelaySeconds(receiveCount: number): number {
  return visibilityBackoffSeconds(receiveCount, () => 0);
}
