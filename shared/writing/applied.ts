/** What an item is after a change. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Item } from "../aws/itemSize";

/** The item with these attributes set and removed: a new object that shares unchanged values with the old one. */
export function applied(item: Item, set: Item, remove: readonly string[]): Item {
  const next: Record<string, AttributeValue> = { ...item, ...set };
  for (const name of remove) delete next[name];
  return next;
}
