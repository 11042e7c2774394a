/** How long the past counts, seconds: an interval of this length counts e - 1 times as much as everything before it. */
const MEMORY_SECONDS = 5;
/** Shorter times between two pages are ignored. */
const SHORTEST_SECONDS = 0.001;
/**
 * The lowest rate after the first interval. Without consumption a rate falls to a third in five seconds, so after half an hour
 * DynamoDB would refuse it: its numbers begin at 1e-130. 0 would mean that there was no interval yet.
 */
const LEAST_RATE = 1e-6;

/**
 * A rate as a moving average in which every interval counts by its length, so that short, busy intervals do not make the
 * rate look higher than it is.
 *
 * @param rate so far; 0 before the first interval. @param units consumed in the interval. @param seconds its length.
 */
export function movingRate(rate: number, units: number, seconds: number): number {
  const length = Math.max(SHORTEST_SECONDS, seconds);
  if (rate === 0) return units / length;
  const weight = 1 - Math.exp(-length / MEMORY_SECONDS);
  return Math.max(LEAST_RATE, weight * (units / length) + (1 - weight) * rate);
}
