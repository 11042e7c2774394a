/** What SQS carries in a message body. Pure, and without TextEncoder or Buffer, which not every React Native has. */

/** A message, and all messages of a batch together: 1 MiB (SQS API reference, SendMessage and SendMessageBatch). */
export const MAX_BODY_BYTES = 1_048_576;

/**
 * A request with several messages, on the wire. SQS measures the raw bodies, but a proxy measures the request, in which
 * the bodies are JSON strings. A body in JSON is never shorter, so this limit keeps SQS's own as well.
 */
export const MAX_REQUEST_BYTES = 1_048_576;

/** Entries of one SendMessageBatch. */
export const MAX_BATCH_ENTRIES = 10;

export interface BodyInspection {
  /** Length as UTF-8. A lone surrogate counts as the three bytes of U+FFFD. */
  bytes: number;
  /** Position of the first character that SQS does not carry, in UTF-16 units. */
  invalidAt?: number;
}

/**
 * Measures a text and finds the first character outside
 * `#x9 | #xA | #xD | #x20–#xD7FF | #xE000–#xFFFD | #x10000–#x10FFFF` (SQS API reference, SendMessage).
 */
export function inspectBody(text: string): BodyInspection {
  let bytes = 0;
  let invalidAt: number | undefined;
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i) as number;
    if (invalidAt === undefined && !isAllowed(point)) invalidAt = i;
    bytes += utf8Bytes(point);
    if (point > 0xffff) i++; // the second half of a pair
  }
  return invalidAt === undefined ? { bytes } : { bytes, invalidAt };
}

function isAllowed(point: number): boolean {
  if (point < 0x20) return point === 0x9 || point === 0xa || point === 0xd;
  return point <= 0xd7ff || (point >= 0xe000 && point <= 0xfffd) || point >= 0x10000;
}

function utf8Bytes(point: number): number {
  if (point < 0x80) return 1;
  if (point < 0x800) return 2;
  return point < 0x10000 ? 3 : 4;
}

/** Length of a text inside a request: as a JSON string, as UTF-8, without its quotes. */
export function wireBytes(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i) as number;
    bytes += jsonBytes(point);
    if (point > 0xffff) i++;
  }
  return bytes;
}

/** As `JSON.stringify` writes it: `\n` and its like take two bytes, `\u0000` and its like six. */
function jsonBytes(point: number): number {
  if (point === 0x22 || point === 0x5c) return 2;
  if (point < 0x20) return (point >= 0x8 && point <= 0xa) || point === 0xc || point === 0xd ? 2 : 6;
  return point >= 0xd800 && point <= 0xdfff ? 6 : utf8Bytes(point);
}
