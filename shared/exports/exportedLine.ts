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
    const written = isPlainObject(Item) ? Item : NewImage;
    if (isPlainObject(written)) return hasValues(written) ? { item: revived(written) } : undefined;
    if (isPlainObject(Keys)) return hasValues(Keys) ? { deleted: revived(Keys) } : undefined;
  } catch {
    // Not JSON.
  }
  return undefined;
}

const isText = (content: unknown) => typeof content === "string";
const areTexts = (content: unknown) => Array.isArray(content) && content.every(isText);

/** Whether a content has the form of its type. DynamoDB judges whether it is in bounds. */
const forms: Readonly<Record<string, (content: unknown) => boolean>> = {
  ...{ S: isText, N: isText, B: isText, SS: areTexts, NS: areTexts, BS: areTexts },
  BOOL: (content) => typeof content === "boolean",
  NULL: (content) => content === true,
  L: (content) => Array.isArray(content) && content.every(isValue),
  M: (content) => isPlainObject(content) && hasValues(content),
};

/** Whether an object's values are attribute values in DynamoDB JSON. */
function hasValues(json: Record<string, unknown>): json is Parameters<typeof revived>[0] {
  for (const name in json) if (!isValue(json[name])) return false;
  return true;
}

function isValue(value: unknown): boolean {
  if (!isPlainObject(value)) return false;
  const [type, ...others] = Object.keys(value);
  return type !== undefined && others.length === 0 && Object.hasOwn(forms, type) && forms[type]!(value[type]);
}
