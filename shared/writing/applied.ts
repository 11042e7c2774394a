/** The item after a change. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { attributeOf } from "../aws/expressions/path";
import { attributeBytes, type Item, itemBytes } from "../aws/itemSize";

/**
 * The item with these attributes set and removed: a new object, which shares unchanged values with the old one. `remove` and
 * `set` have no name in common.
 */
export function applied(item: Item, set: Item, remove: readonly string[]): Item {
  const next: Record<string, AttributeValue> = { ...item, ...set };
  for (const name of remove) delete next[name];
  return next;
}

/** Bytes of the changed item, computed without building it. */
export function appliedBytes(item: Item, set: Item, remove: readonly string[]): number {
  let bytes = itemBytes(item) + itemBytes(set);
  for (const name in set) bytes -= bytesOf(item, name);
  for (const name of remove) bytes -= bytesOf(item, name);
  return bytes;
}

function bytesOf(item: Item, name: string): number {
  const value = attributeOf(item, name);
  return value === undefined ? 0 : attributeBytes(name, value);
}
