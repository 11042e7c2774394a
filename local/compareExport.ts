/** Whether an export holds exactly what the table does. */
import { isDeepStrictEqual } from "node:util";
import { type DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import type { S3Client } from "@aws-sdk/client-s3";
import type { Item } from "../shared/capacity/itemSize";
import { readExport } from "../shared/operations/export/readExport";

/** Items by what is wrong with them; all zero where table and export are the same. */
export interface ExportDifferences {
  /** In the table, not in the export. */
  missing: number;
  /** In the export more than once. */
  repeated: number;
  /** In both, with other attributes. */
  different: number;
  /** In the export, not in the table. */
  foreign: number;
}

/**
 * Reads both whole. All of the table in memory.
 * @param key name of the table's hash key, a string attribute; the table has no other.
 * @param manifest key of the export's manifest-summary.json.
 */
export async function compareExport(
  table: { client: DynamoDBClient; name: string; key: string },
  exported: { client: S3Client; bucket: string; manifest: string },
): Promise<ExportDifferences> {
  const items = new Map<string, Item>();
  for await (const { Items = [] } of paginateScan({ client: table.client }, { TableName: table.name })) {
    for (const item of Items) items.set(item[table.key]?.S ?? "", item);
  }
  const differences = { missing: 0, repeated: 0, different: 0, foreign: 0 };
  const seen = new Set<string>();
  for await (const item of readExport(exported.client, exported.bucket, exported.manifest)) {
    const id = item[table.key]?.S ?? "";
    const original = items.get(id);
    if (seen.has(id)) differences.repeated++;
    else if (original === undefined) differences.foreign++;
    else if (!isDeepStrictEqual(item, original)) differences.different++;
    seen.add(id);
  }
  differences.missing = [...items.keys()].filter((id) => !seen.has(id)).length;
  return differences;
}
