/** The order in which a job's units are handed out. Pure. */

/**
 * The units from 0 to `count` - 1 in a random order that depends only on the seed (Fisher and Yates). So an invocation
 * that continues after a crash finds the same order. Neighbours in the key space may lie in one partition.
 */
export function shuffledUnits(count: number, seed: string): number[] {
  const random = seeded(seed);
  const units = Array.from({ length: count }, (_, unit) => unit);
  for (let last = count - 1; last > 0; last--) {
    const chosen = Math.floor(random() * (last + 1));
    [units[last], units[chosen]] = [units[chosen]!, units[last]!];
  }
  return units;
}

/** Uniform numbers in [0, 1): mulberry32, seeded by the text's FNV-1a hash. Good enough to spread units, and for nothing else. */
function seeded(seed: string): () => number {
  let state = 0x811c9dc5;
  for (let i = 0; i < seed.length; i++) state = Math.imul(state ^ seed.charCodeAt(i), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
