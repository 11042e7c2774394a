/** The lines of DynamoDB's exports, full and incremental. */
import { revived } from "../aws/dynamoJson";
import type { Item } from "../aws/itemSize";
import { isPlainObject } from "../json";

/**
 * The content of a line. `item`: the item in a full export, or the new image of a written item. `deleted`: the key of a deleted
 * item.
 */
export type ExportedLine = { readonly item: Item } | { readonly deleted: Item };

/**
 * Reads a line: `{"Item":…}` of a full export; of an incremental one `Metadata`, `Keys`, `NewImage` if the item was
 * written, and `OldImage` if it existed before and the export has both images.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
 *
 * Undefined: the line has neither form.
 */
export function exportedLine(line: string): ExportedLine | undefined {
  try {
    const { Item, NewImage, Keys } = JSON.parse(line) as Record<string, unknown>;
    if (isPlainObject(Item)) return { item: itemOf(Item) };
    if (isPlainObject(NewImage)) return { item: itemOf(NewImage) };
    if (isPlainObject(Keys)) return { deleted: itemOf(Keys) };
  } catch {
    // Not JSON, or not attribute values.
  }
  return undefined;
}

function itemOf(json: Record<string, unknown>): Item {
  return revived(json as Parameters<typeof revived>[0]);
}
