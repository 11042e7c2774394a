/**
 * An object in S3 that grows page by page, over many checkpoints and workers: gzip JSON Lines, put once when it is complete.
 * Until then its deflated pages lie in pieces, which are objects of their own:
 *
 *   page ─► deflated, in memory ─► … ─► store: put the piece that grows ─► (checkpoint) ─► page ─► …
 *                                       complete: put the object ─► remove its pieces
 *
 * - Each checkpoint puts the last piece again, until it has 4 MiB. Then the next one begins. So a checkpoint costs one
 *   put.
 * - The record in the checkpoint decides. It has the number of bytes of each piece that count, and their CRC-32. Bytes behind
 *   those belong to pages without a checkpoint. Such pages are processed again, perhaps with other lines, and overwrite those
 *   bytes.
 * - A worker that takes up the object reads back the growing piece, and the others only when the object is complete.
 * - A crash between the removal of the pieces and the checkpoint does no harm: the object begins with the same bytes, and the
 *   next worker reads them from there.
 *
 * Keys depend only on job, unit and number. No other worker writes to a unit's objects: the lease lasts until its holder has
 * certainly been stopped.
 *
 * For the reasons see docs/decisions/0201-export-objects.md.
 */
import { crc32 } from "node:zlib";
import { deflatePage, grownSum, gzipFile, HEADER_BYTES, noText, type TextSum } from "./gzip";
import type { ResultsStore } from "./resultsStore";
import { changed, putObject, readRange, removeObject } from "./storedObject";

/** The object as a checkpoint knows it. */
export interface OpenObject {
  readonly items: number;
  /** Bytes of its deflated pages. */
  readonly bytes: number;
  /** The lines of these pages. */
  readonly text: TextSum;
  /**
   * The durable pieces, in order. In a checkpoint they hold everything. Only the last piece grows, and only while it is below
   * 4 MiB.
   */
  readonly pieces: readonly Piece[];
}

/** A part of the deflated pages, as a separate object. */
export interface Piece {
  readonly bytes: number;
  readonly crc32: number;
}

/** A page's lines, each ending in a line feed, and the number of items. */
export interface Lines {
  readonly text: string;
  readonly items: number;
}

/** The keys of the object and its pieces. */
export interface ObjectPlace {
  readonly key: string;
  readonly pieceKey: (number: number) => string;
}

export const emptyObject: OpenObject = { items: 0, bytes: 0, text: noText, pieces: [] };

/** Sizes at which objects and pieces are complete, in bytes. Tests make them small. */
export const objectBytes = {
  /** Bytes of lines from which an object is complete. */
  enough: 64 * 1024 * 1024,
  /**
   * Bytes of deflated pages from which an object is complete, too. Lines usually deflate to a quarter; if they don't, this
   * bounds memory.
   */
  most: 16 * 1024 * 1024,
  /** A piece of this size is not put again. Smaller pieces would lengthen the record, larger ones would send more bytes. */
  piece: 4 * 1024 * 1024,
};

/** The parts of an object that a worker has in memory. */
interface Held {
  readonly place: ObjectPlace;
  /** Full pieces. Undefined: the piece is in S3 only. */
  readonly full: readonly (Buffer | undefined)[];
  /** The deflated pages of the growing piece. */
  readonly growing: readonly Buffer[];
}

/**
 * The parts of an open object in memory, keyed by its record: the page loop passes the same record with the next page. A
 * record from a checkpoint is another key, so its pages are read back from S3. Once nothing refers to a record, its parts are
 * garbage-collected. So a worker holds one open object for each unit it works on: 16 MiB and the pages since the last
 * checkpoint, and twice that while it puts the whole object.
 */
const heldOf = new WeakMap<OpenObject, Held>();

/** Whether this worker has pages of the object that S3 may not have. */
export function isHeld(open: OpenObject): boolean {
  return heldOf.has(open);
}

/** Whether an object takes no further page. */
export function isFull({ bytes, text }: OpenObject): boolean {
  return bytes >= objectBytes.most || text.bytes >= objectBytes.enough;
}

/**
 * Adds lines to the object, in memory. It reads back the piece that grows if another worker began it.
 *
 * @param lines if empty, the worker takes up the object as it is.
 * @throws SluiceError EXPORT_OBJECT_CHANGED if a piece is missing or doesn't hold the bytes that were put.
 */
export async function extend(
  open: OpenObject,
  lines: Lines,
  place: ObjectPlace,
  store: ResultsStore,
): Promise<OpenObject> {
  const held = heldOf.get(open) ?? (await takeUp(open, place, store));
  if (lines.text === "") return record({ ...open }, held);
  const text = Buffer.from(lines.text);
  const page = await deflatePage(text);
  const grown = {
    items: open.items + lines.items,
    bytes: open.bytes + page.length,
    text: grownSum(open.text, text),
    pieces: open.pieces,
  };
  return record(grown, { ...held, growing: [...held.growing, page] });
}

/** Makes all pages durable with one put, or with none if they are durable already. */
export async function storePages(open: OpenObject, store: ResultsStore): Promise<OpenObject> {
  const held = heldOf.get(open)!;
  const { place, full, growing } = held;
  if (open.bytes === bytesOf(open.pieces)) return open;
  const body = Buffer.concat(growing);
  await putObject(store, place.pieceKey(full.length), body, "application/octet-stream");
  const pieces = [...open.pieces.slice(0, full.length), { bytes: body.length, crc32: crc32(body) }];
  const isDone = body.length >= objectBytes.piece;
  return record(
    { ...open, pieces },
    isDone ? { place, full: [...full, body], growing: [] } : { place, full, growing: [body] },
  );
}

/** Puts the whole object. Resolves with the file and its ETag, without quotes, once it is durable. */
export async function putWhole(open: OpenObject, store: ResultsStore): Promise<{ file: Buffer; etag: string }> {
  const { place, full, growing } = heldOf.get(open)!;
  const pages: Buffer[] = [];
  for (const [number, piece] of full.entries()) pages.push(piece ?? (await readPiece(open, number, place, store)));
  const file = gzipFile([...pages, ...growing], open.text);
  return { file, etag: await putObject(store, place.key, file, "application/gzip") };
}

/**
 * Removes the pieces of a complete object, and one more than the record has: an attempt without a checkpoint may have put it.
 * @param open undefined: the object has no record.
 */
export async function removePieces(
  open: OpenObject | undefined,
  { pieceKey }: ObjectPlace,
  store: ResultsStore,
): Promise<void> {
  // Removes them one after another: if this fails, no removal may still be under way, because the next worker puts pieces
  // again.
  const pieces = open?.pieces.length ?? 0;
  for (let number = 0; number <= pieces; number++) await removeObject(store, pieceKey(number));
}

function record(open: OpenObject, held: Held): OpenObject {
  heldOf.set(open, held);
  return open;
}

async function takeUp(open: OpenObject, place: ObjectPlace, store: ResultsStore): Promise<Held> {
  const last = open.pieces.at(-1);
  if (last === undefined || last.bytes >= objectBytes.piece) {
    return { place, full: open.pieces.map(() => undefined), growing: [] };
  }
  const full = open.pieces.slice(1).map(() => undefined);
  return { place, full, growing: [await readPiece(open, full.length, place, store)] };
}

/** The bytes of a piece that count: from its own object or, if that was removed, from the whole object. */
async function readPiece(open: OpenObject, number: number, place: ObjectPlace, store: ResultsStore): Promise<Buffer> {
  const { bytes, crc32: sum } = open.pieces[number]!;
  const key = place.pieceKey(number);
  const from = HEADER_BYTES + bytesOf(open.pieces.slice(0, number));
  const found = (await readRange(store, key, 0, bytes)) ?? (await readRange(store, place.key, from, bytes));
  if (found === undefined || found.length !== bytes || crc32(found) !== sum) throw changed(key);
  return found;
}

function bytesOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { bytes }) => sum + bytes, 0);
}
