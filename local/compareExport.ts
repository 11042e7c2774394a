/** Checks whether an export holds exactly the table's items. */
import { type DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import type { S3Client } from "@aws-sdk/client-s3";
import pLimit from "p-limit";
import { type Item, itemBytes } from "../shared/aws/itemSize";
import { readExport } from "../shared/exports/readExport";
import { digestOf } from "./itemDigest";

/** The content of a table, by a plain Scan. */
export interface TableContent {
  items: number;
  bytes: number;
  /** Digest of each item, by its id. */
  digests: Map<string, string>;
}

/** DynamoDB Local's time for a page grows with the whole segment: for an undivided table it is almost a second. */
const SEGMENTS = 64;
const AT_ONCE = 4;

export async function readTable(client: DynamoDBClient, table: string): Promise<TableContent> {
  const content: TableContent = { items: 0, bytes: 0, digests: new Map() };
  await readItems(client, table, (item) => add(content, item));
  return content;
}

/** Reads a whole table, in no order. */
export async function readItems(client: DynamoDBClient, TableName: string, each: (item: Item) => void): Promise<void> {
  const limit = pLimit(AT_ONCE);
  const read = async (Segment: number) => {
    const input = { TableName, ConsistentRead: true, Segment, TotalSegments: SEGMENTS };
    for await (const { Items = [] } of paginateScan({ client }, input)) for (const item of Items) each(item);
  };
  await Promise.all(Array.from({ length: SEGMENTS }, (_, segment) => limit(read, segment)));
}

function add(content: TableContent, item: Item): void {
  content.items++;
  content.bytes += itemBytes(item);
  content.digests.set(item.id?.S ?? "", digestOf(item));
}

/** The differences between an export and its table, item for item, in figures. */
export interface ExportDifferences {
  items: number;
  /** Items that are missing in the export, are there twice, have other content, or are not in the table. */
  missing: number;
  repeated: number;
  other: number;
  unknown: number;
  /** Why it could not be read to its end: a wrong checksum or count, or a missing object. */
  damage?: string;
}

/** Reads the export only through its manifest. */
export async function compareExport(
  s3: S3Client,
  { bucket, manifest }: { bucket: string; manifest: string },
  { digests }: TableContent,
): Promise<ExportDifferences> {
  const found: ExportDifferences = { items: 0, missing: 0, repeated: 0, other: 0, unknown: 0 };
  const seen = new Set<string>();
  try {
    for await (const item of readExport(s3, bucket, manifest)) {
      const id = item.id?.S ?? "";
      const digest = digests.get(id);
      found.items++;
      if (seen.has(id)) found.repeated++;
      else if (digest === undefined) found.unknown++;
      else if (digest !== digestOf(item)) found.other++;
      seen.add(id);
    }
  } catch (error) {
    found.damage = String(error);
  }
  for (const id of digests.keys()) if (!seen.has(id)) found.missing++;
  return found;
}
