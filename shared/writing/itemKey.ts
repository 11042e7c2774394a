import type { Item } from "../aws/itemSize";
import { SluiceError } from "../errors";
import type { TableSchema } from "../tables/schema";

/** The key attributes of an item. @throws SluiceError KEY_MISSING */
export function keyOf(item: Item, { name, keys }: Pick<TableSchema, "name" | "keys">): Item {
  const key: Record<string, Item[string]> = {};
  for (const attribute of keys) {
    const value = item[attribute];
    if (value === undefined) {
      const message = `The items must have the key attribute ${attribute} of table ${name}, but one doesn't.`;
      throw new SluiceError("KEY_MISSING", message, { value: attribute });
    }
    key[attribute] = value;
  }
  return key;
}
