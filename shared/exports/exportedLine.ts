/** The lines of DynamoDB's exports, full and incremental. */
import { revived } from "../aws/dynamoJson";
import type { Item } from "../aws/itemSize";
import { isPlainObject } from "../json";

/**
 * What a line says. `item`: as it is in a full export, or the new image of one that was written. `deleted`: the key of one that
 * was deleted.
 */
export type ExportedLine = { readonly item: Item } | { readonly deleted: Item };

/**
 * Reads a line: `{"Item":…}` of a full export; of an incremental one `Metadata`, `Keys`, `NewImage` where the item was
 * written, and `OldImage` where it was there before and the export has both images.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
 *
 * Undefined: the line is neither.
 */
export function exportedLine(line: string): ExportedLine | undefined {
  try {
    const { Item, NewImage, Keys } = JSON.parse(line) as Record<string, unknown>;
    if (isPlainObject(Item)) return { item: itemOf(Item) };
    if (isPlainObject(NewImage)) return { item: itemOf(NewImage) };
    if (isPlainObject(Keys)) return { deleted: itemOf(Keys) };
  } catch {
    // Not JSON, or no attribute values in it.
  }
  return undefined;
}

function itemOf(json: Record<string, unknown>): Item {
  return revived(json as Parameters<typeof revived>[0]);
}
