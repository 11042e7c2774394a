/** A table, or an index of it, read by Scan. All names and expressions are checked before the job starts. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Sample } from "../sample";

export interface TableSpec {
  readonly kind: "table";
  /** The table's name. */
  readonly table: string;
  /** The index to scan instead of the table itself. */
  readonly index?: string;
  /** Strongly consistent reads cost twice as much. */
  readonly consistentRead: boolean;
  /** Only a share of the segments. Default: all. */
  readonly sample?: Sample;
  /** Filter and projection, and the names and values they use, in Scan's form. */
  readonly filter?: string;
  readonly projection?: string;
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Readonly<Record<string, AttributeValue>>;
}
