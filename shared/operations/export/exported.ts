/** The result of a unit's export, which each checkpoint stores. Its size does not depend on the table's. */
import type { OpenObject } from "../../results/openObject";

export interface Exported {
  /** Objects that are complete. Their numbers are 0 and up, and the open one's is the next. */
  readonly objects: number;
  /** Items in all objects, the open one's too. */
  readonly items: number;
  /** Bytes of the complete objects. */
  readonly bytes: number;
  /** The object that pages are added to. Absent if the next page begins one, and at the unit's end. */
  readonly open?: OpenObject;
}

/** The entry of a complete object; see `Entries`. */
export interface ObjectEntry {
  readonly items: number;
  readonly bytes: number;
  /** Base64. */
  readonly md5: string;
  /** As S3 returned it, without quotes. */
  readonly etag: string;
}

export const nothingExported: Exported = { objects: 0, items: 0, bytes: 0 };
