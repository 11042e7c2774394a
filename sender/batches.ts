import { MAX_BATCH_ENTRIES, MAX_BODY_BYTES } from "./bodyRules";

/**
 * Packs letters into batches, in order: as many as fit into 10 entries and 1 MiB together. Draws from the source only as
 * far as the batch asked for needs, so a long outbox is never in memory at once.
 */
export async function* packBatches<T extends { bytes: number }>(
  letters: AsyncIterable<T> | Iterable<T>,
): AsyncGenerator<T[], void, void> {
  let batch: T[] = [];
  let bytes = 0;
  for await (const letter of letters) {
    if (batch.length === MAX_BATCH_ENTRIES || (batch.length > 0 && bytes + letter.bytes > MAX_BODY_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(letter);
    bytes += letter.bytes;
  }
  if (batch.length > 0) yield batch;
}
