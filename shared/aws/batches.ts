/** Works through a list of any length in batches, a few of them at a time. */

export interface BatchOptions {
  /** Items in a batch; the last one may have fewer. 1 or more. */
  readonly size: number;
  /** Batches under way at the same time. 1 or more. */
  readonly concurrency: number;
}

/**
 * Hands the items to `work` batch by batch. It holds at most `size * concurrency` items and one batch at a time. After the
 * first failure it begins no further batch, and waits for those under way.
 *
 * @returns the number of items.
 * @throws the first error of `work` or of the list.
 */
export async function inBatches<T>(
  items: AsyncIterable<T> | Iterable<T>,
  { size, concurrency }: BatchOptions,
  work: (batch: readonly T[]) => Promise<unknown>,
): Promise<number> {
  const failures: unknown[] = [];
  const running = new Set<Promise<unknown>>();
  let batch: T[] = [];
  let count = 0;
  const begin = () => {
    const one = work(batch)
      .catch((error) => failures.push(error))
      .finally(() => running.delete(one));
    running.add(one);
    batch = [];
  };
  try {
    for await (const item of items) {
      if (failures.length > 0) break;
      count += 1;
      if (batch.push(item) < size) continue;
      begin();
      if (running.size >= concurrency) await Promise.race(running);
    }
    if (batch.length > 0 && failures.length === 0) begin();
  } finally {
    await Promise.all(running);
  }
  if (failures.length > 0) throw failures[0];
  return count;
}
