/**
 * A gzip file that grows page by page. Each page is deflated by itself and flushed to a whole byte, so the pages of a file
 * lie one behind the other; header, end mark and checksum are put around them when the file is written.
 *
 *   header (10) │ page 0 │ page 1 │ … │ end mark (2) │ CRC-32 (4) │ bytes (4)          RFC 1951, RFC 1952
 *
 * The file has one member. A member for each page would be simpler, and standard too. But some readers stop behind the first one
 * without an error (Java's GZIPInputStream on S3 streams: aws/aws-sdk-java-v2#7046) or refuse the second (DecompressionStream).
 */
import { promisify } from "node:util";
import { constants, crc32, deflateRaw } from "node:zlib";

const deflate = promisify(deflateRaw);

/** Deflate, no name, no time: the same pages give the same bytes. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
export const HEADER_BYTES = HEADER.length;
/** A last block without content. */
const END_MARK = [3, 0];
/**
 * Level 1 takes 1.6 µs for an item of 400 bytes, level 6 7.4 µs for a file a quarter smaller: CPU is a worker's scarce
 * resource.
 */
const LEVEL = 1;

/** Size and checksum of a file's uncompressed text. */
export interface TextSum {
  readonly bytes: number;
  readonly crc32: number;
}

export const noText: TextSum = { bytes: 0, crc32: 0 };

/** The sum with more text at the end. */
export function grownSum(sum: TextSum, text: Buffer): TextSum {
  return { bytes: sum.bytes + text.length, crc32: crc32(text, sum.crc32) };
}

/** One page, deflated so that others may follow. */
export function deflatePage(text: Buffer): Promise<Buffer> {
  return deflate(text, { level: LEVEL, finishFlush: constants.Z_SYNC_FLUSH });
}

/** The whole file. */
export function gzipFile(pages: readonly Buffer[], text: TextSum): Buffer {
  const trailer = Buffer.alloc(END_MARK.length + 8);
  trailer.set(END_MARK);
  trailer.writeUInt32LE(text.crc32, END_MARK.length);
  trailer.writeUInt32LE(text.bytes % 2 ** 32, END_MARK.length + 4);
  return Buffer.concat([HEADER, ...pages, trailer]);
}
