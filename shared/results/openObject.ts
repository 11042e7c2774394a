/**
 * An object in S3 that grows page by page: gzip JSON Lines, put anew with each page until it is full.
 *
 * The record of the object in the checkpoint's result decides. Its key depends on job, unit and number only, so a page that is
 * repeated, with whatever lines, overwrites what its first attempt left. Nobody else writes to a unit's objects meanwhile:
 * the lease lasts until its holder has been stopped for certain.
 *
 * Why so: docs/decisions/0201-export-objects.md.
 */

import { deflatePage, grownSum, gzipFile, noText, type TextSum } from "./gzip";
import type { ResultsStore } from "./resultsStore";
import { putObject, readPages } from "./storedObject";

/** The object as a checkpoint knows it. */
export interface OpenObject {
  readonly pages: number;
  readonly items: number;
  /** Bytes of its deflated pages, as they follow the header in the object. What follows them there does not count. */
  readonly bytes: number;
  /** The lines of these pages. */
  readonly text: TextSum;
}

/** A page's lines, each ending in a line feed, and how many items they are. */
export interface Lines {
  readonly text: string;
  readonly items: number;
}

/** The object with the page in it, as it was put. */
export interface Grown {
  readonly open: OpenObject;
  readonly file: Buffer;
  /** As S3 gave it, without quotes. */
  readonly etag: string;
}

const emptyObject: OpenObject = { pages: 0, items: 0, bytes: 0, text: noText };

const MOST_PAGES = 64;
/** Bytes of lines from which an object is complete. With one more page of 1 MB, this is what a worker holds in memory. */
const ENOUGH_BYTES = 4 * 1024 * 1024;

/**
 * The deflated pages of an open object, found by the very record of it: the page loop hands it in again with the next page.
 * A record out of a checkpoint is another object, and its pages are read back from S3. Once nothing refers to a record its
 * pages are garbage, so a worker holds one open object, 4 MB of lines deflated, for each unit it works on.
 */
const pagesOf = new WeakMap<OpenObject, readonly Buffer[]>();

/** Whether an object takes no further page. */
export function isFull({ pages, text }: OpenObject): boolean {
  return pages >= MOST_PAGES || text.bytes >= ENOUGH_BYTES;
}

/**
 * Puts the object with one more page. Resolves once it is durable.
 *
 * @param open the object so far; undefined: the page begins it.
 * @param lines undefined: the object is put once more as it is.
 * @throws SluiceError EXPORT_OBJECT_CHANGED where the object is not there or does not hold what was put.
 */
export async function grow(
  open: OpenObject | undefined,
  lines: Lines | undefined,
  key: string,
  store: ResultsStore,
): Promise<Grown> {
  const before = open === undefined ? [] : (pagesOf.get(open) ?? [await readPages(store, key, open)]);
  const { record, pages } = await withLines(open ?? emptyObject, before, lines);
  const file = gzipFile(pages, record.text);
  const etag = await putObject(store, key, file);
  pagesOf.set(record, pages);
  return { open: record, file, etag };
}

async function withLines(
  open: OpenObject,
  before: readonly Buffer[],
  lines: Lines | undefined,
): Promise<{ record: OpenObject; pages: readonly Buffer[] }> {
  if (lines === undefined) return { record: open, pages: before };
  const text = Buffer.from(lines.text);
  const page = await deflatePage(text);
  const record = {
    pages: open.pages + 1,
    items: open.items + lines.items,
    bytes: open.bytes + page.length,
    text: grownSum(open.text, text),
  };
  return { record, pages: [...before, page] };
}
