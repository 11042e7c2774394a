/** How long the past counts, seconds: an interval of this length counts e - 1 times as much as everything before it. */
const MEMORY_SECONDS = 5;
/** Shorter times between two pages are ignored. */
const SHORTEST_SECONDS = 0.001;

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
  return weight * (units / length) + (1 - weight) * rate;
}
