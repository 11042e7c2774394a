/** A list of keys in S3 as a source. It is complete when the job begins. */
import type { LinePosition } from "../../aws/objects/lineSplitter";
import type { KeyType } from "../../tables/schema";
import type { Sample } from "../sample";

export interface KeyAttribute {
  readonly name: string;
  readonly type: KeyType;
}

/** One object of lines. */
export interface LineList {
  readonly form: "object";
  readonly key: string;
  /** The ETag, without quotes. */
  readonly etag: string;
  /** Bytes, as stored. */
  readonly bytes: number;
  readonly gzip: boolean;
  /** Names of the columns of CSV. Absent: JSON Lines. */
  readonly columns?: readonly string[];
  /** Where the first key's line begins: in CSV, behind the header. */
  readonly from: LinePosition;
}

/** The objects of JSON Lines below a prefix, such as a list of failures. */
export interface FolderList {
  readonly form: "folder";
  readonly prefix: string;
  readonly objects: number;
  /** Digest of their keys and ETags. */
  readonly digest: string;
  /** Key of the manifest that names the objects; others below the prefix don't count. Absent: all count. */
  readonly manifest?: string;
}

export type KeyList = LineList | FolderList;

export interface KeysSpec {
  readonly kind: "keys";
  /** Name of the table whose keys these are. */
  readonly table: string;
  /** The table's key attributes, the partition key first. */
  readonly keys: readonly KeyAttribute[];
  readonly bucket: string;
  readonly list: KeyList;
  /** Whether items are read from the table. Otherwise an item is only its key. */
  readonly readItems: boolean;
  /** Whether these reads are strongly consistent, at twice the cost. */
  readonly consistentRead: boolean;
  /** Only a share of the keys. Default: all. */
  readonly sample?: Sample;
}
