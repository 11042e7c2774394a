import { MAX_BATCH_ENTRIES, MAX_REQUEST_BYTES, wireBytes } from "./bodyRules";
import type { Letter } from "./letter";

/** What stands around a body in a request: `{"Id":"0","MessageBody":""},`. */
const ENTRY_BYTES = 28;
/** `,"MessageAttributes":{"participant_token":{"DataType":"String","StringValue":""}}` beside that. */
const TOKEN_BYTES = 82;
/** What stands around all entries, the queue's URL among it. */
const ENVELOPE_BYTES = 2_048;

/**
 * Packs letters into batches, in order: as many as fit into 10 entries and, on the wire, 1 MiB together. A letter that is
 * too large for that beside others goes alone. Draws from the source only as far as the batch asked for needs, so a long
 * outbox is never in memory at once.
 */
export async function* packBatches<T extends Pick<Letter, "text" | "token">>(
  letters: AsyncIterable<T> | Iterable<T>,
): AsyncGenerator<T[], void, void> {
  let batch: T[] = [];
  let bytes = ENVELOPE_BYTES;
  for await (const letter of letters) {
    const { text, token } = letter;
    const more = wireBytes(text) + ENTRY_BYTES + (token === undefined ? 0 : TOKEN_BYTES + token.length);
    if (batch.length === MAX_BATCH_ENTRIES || (batch.length > 0 && bytes + more > MAX_REQUEST_BYTES)) {
      yield batch;
      batch = [];
      bytes = ENVELOPE_BYTES;
    }
    batch.push(letter);
    bytes += more;
  }
  if (batch.length > 0) yield batch;
}
