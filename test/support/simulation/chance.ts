/** Random numbers of the simulation: seeded, so that every run gives the same figures. */

export type Random = () => number;

/** Mulberry32: a small generator with 32 bits of state, good enough for latencies and jitter. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A latency in milliseconds: log-normal around `median`, with the long tail that networks have, cut at `most`. */
export function latencyMs(random: Random, median: number, sigma: number, most: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.min(most, median * Math.exp(sigma * normal));
}
