/**
 * The same elements in random order (Fisher and Yates), in a new array. Segments are handed out so, because neighbours in
 * the key space may lie in one partition.
 *
 * @param random uniform in [0, 1).
 */
export function shuffled<T>(elements: readonly T[], random: () => number): T[] {
  const result = [...elements];
  for (let last = result.length - 1; last > 0; last--) {
    const chosen = Math.floor(random() * (last + 1));
    [result[last], result[chosen]] = [result[chosen]!, result[last]!];
  }
  return result;
}
