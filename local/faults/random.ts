import type { Duration } from "./rule";

/** Uniform numbers in [0, 1) that a seed repeats (mulberry32, by Tommy Ettinger, public domain). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A duration drawn from its distribution, in milliseconds. */
export function draw(duration: Duration, random: () => number): number {
  if ("fixed" in duration) return duration.fixed;
  if ("uniform" in duration) return duration.uniform[0] + (duration.uniform[1] - duration.uniform[0]) * random();
  return -Math.log(1 - random()) * duration.exponential;
}

/** The same elements in another order (Fisher–Yates). */
export function shuffled<T>(things: readonly T[], random: () => number): T[] {
  const result = [...things];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}
