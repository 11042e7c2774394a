import { MAX_BATCH_ENTRIES, MAX_REQUEST_BYTES, wireBytes } from "./bodyRules";
import type { Letter } from "./letter";

/** The text around a body in a request: `{"Id":"0","MessageBody":""},`. */
const ENTRY_BYTES = 28;
/** `,"MessageAttributes":{"participant_token":{"DataType":"String","StringValue":""}}` beside that. */
const TOKEN_BYTES = 82;
/** The text around all entries, including the queue's URL. */
const ENVELOPE_BYTES = 2_048;

/**
 * Packs letters into batches, in order: as many as fit into 10 entries and, on the wire, 1 MiB together. A letter that is
 * too large to share a batch goes alone. It reads the source only as far as the requested batch needs, so a long outbox
 * is never in memory at once.
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
