/** Works through a queue with several workers; each has one batch at a time. */

/**
 * Each lane takes the next batch and works on it, until a batch is empty. After the first failure no further batch begins, and
 * the batches under way are awaited.
 *
 * @param lanes how many to have, at least 1. It is asked after each batch: the time that a request takes is known only once one is
 *   done. If the number falls, the lanes at work go on.
 * @throws the first error of `work`.
 */
export async function inLanes<T>(
  lanes: () => number,
  next: () => readonly T[],
  work: (batch: readonly T[]) => Promise<unknown>,
): Promise<void> {
  const failures: unknown[] = [];
  const opened: Promise<void>[] = [];
  const lane = async () => {
    while (failures.length === 0) {
      const batch = next();
      if (batch.length === 0) return;
      await work(batch).catch((error: unknown) => failures.push(error));
      open();
    }
  };
  const open = () => {
    while (failures.length === 0 && opened.length < lanes()) opened.push(lane());
  };
  open();
  // Lanes that open meanwhile are at the end.
  for (const each of opened) await each;
  if (failures.length > 0) throw failures[0];
}

export interface Queued {
  /** No batch holds the same twice. */
  readonly id: string;
  readonly bytes?: number;
}

/** A queue that gives out batches without duplicates. */
export class BatchQueue<T extends Queued> {
  private at = 0;
  private readonly hasDuplicates: boolean;

  /** @param mostBytes of a batch that has more than one entry. */
  constructor(
    private waiting: readonly T[],
    private readonly mostBytes = Number.POSITIVE_INFINITY,
  ) {
    this.hasDuplicates = new Set(waiting.map(({ id }) => id)).size < waiting.length;
  }

  /** The next ones, at most `size`; empty: there are none left. */
  take(size: number): T[] {
    const batch: T[] = [];
    const held: T[] = [];
    let bytes = 0;
    for (; batch.length < size && this.at < this.waiting.length; this.at++) {
      const each = this.waiting[this.at]!;
      if (this.hasDuplicates && batch.some(({ id }) => id === each.id)) {
        held.push(each);
        continue;
      }
      bytes += each.bytes ?? 0;
      if (batch.length > 0 && bytes > this.mostBytes) break;
      batch.push(each);
    }
    if (held.length > 0) {
      this.waiting = [...held, ...this.waiting.slice(this.at)];
      this.at = 0;
    }
    return batch;
  }
}
