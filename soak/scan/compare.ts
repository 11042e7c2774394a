import { type DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import type { S3Client } from "@aws-sdk/client-s3";
import { itemBytes } from "../../shared/capacity/itemSize";
import { readExport } from "../../shared/operations/export/readExport";
import { digestOf } from "./items";

/** What is in a table, by a plain Scan. */
export interface TableContent {
  items: number;
  bytes: number;
  /** Of each item, by its id. */
  digests: Map<string, string>;
}

export async function readTable(client: DynamoDBClient, TableName: string): Promise<TableContent> {
  const content: TableContent = { items: 0, bytes: 0, digests: new Map() };
  for await (const { Items = [] } of paginateScan({ client }, { TableName, ConsistentRead: true })) {
    for (const item of Items) {
      content.items++;
      content.bytes += itemBytes(item);
      content.digests.set(item.id?.S ?? "", digestOf(item));
    }
  }
  return content;
}

/** How an export differs from its table, item for item, in figures. */
export interface ExportDifferences {
  items: number;
  /** Items that are not in the export, that are there again, that are there with other content, that are not in the table. */
  missing: number;
  repeated: number;
  other: number;
  unknown: number;
  /** Why it could not be read to its end: a checksum or a count that is wrong, an object that is not there. */
  damage?: string;
}

/** Reads the export through its manifest only. */
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
