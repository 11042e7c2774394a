/** What a unit has exported: the export's result, which is kept with each checkpoint. Its size does not depend on the table's. */
import { noText, type TextSum } from "./gzip";

export interface Exported {
  /** Objects that are complete. Their numbers are 0 and up, and the open one's is the next. */
  readonly objects: number;
  /** Items in all objects, the open one's too. */
  readonly items: number;
  /** Bytes of the complete objects. */
  readonly bytes: number;
  /** The object that pages are added to. Absent where the next page begins one, and at the unit's end. */
  readonly open?: OpenObject;
}

export interface OpenObject {
  readonly pages: number;
  readonly items: number;
  /** Bytes of its deflated pages, as they follow the header in the object. What follows them there does not count. */
  readonly bytes: number;
  /** The lines of these pages. */
  readonly text: TextSum;
}

/** What is noted of a complete object; see `Entries`. */
export interface ObjectEntry {
  readonly items: number;
  readonly bytes: number;
  /** Base64. */
  readonly md5: string;
  /** As S3 gave it, without quotes. */
  readonly etag: string;
}

export const nothingExported: Exported = { objects: 0, items: 0, bytes: 0 };
export const emptyObject: OpenObject = { pages: 0, items: 0, bytes: 0, text: noText };

const MOST_PAGES = 64;
/** Bytes of lines from which an object is complete. With one more page of 1 MB, this is what a worker holds in memory. */
const ENOUGH_BYTES = 4 * 1024 * 1024;

/** Whether an object takes no further page. */
export function isFull({ pages, text }: OpenObject): boolean {
  return pages >= MOST_PAGES || text.bytes >= ENOUGH_BYTES;
}
