/** The item that a copy puts. Pure. */
import { type Item, itemBytes } from "../../aws/itemSize";
import type { TableSchema } from "../../tables/schema";
import { applied } from "../../writing/applied";
import { MOST_ITEM_BYTES } from "../../writing/update/bounds";
import { type Count, type Failure, failure, type ItemUpdate } from "../../writing/update/itemUpdate";

/** Undefined: items are copied as they are. */
export type Transform = ItemUpdate | undefined;

/** The item to put, or why there is none. */
export function copiedItem(
  item: Item,
  transform: Transform,
  { name, keys, keyTypes }: TableSchema,
): { readonly made: Item } | Count | Failure {
  const verdict = transform?.verdict(item) ?? ({ do: "count", outcome: "already" } as const);
  if (verdict.do === "fail" || (verdict.do === "count" && verdict.outcome === "skipped")) return verdict;
  // If the transform has nothing to change, the item is copied as it is.
  const made = verdict.do === "change" ? applied(item, verdict.set, verdict.remove) : item;
  for (const key of keys) {
    const value = made[key];
    const type = keyTypes[key] ?? "S";
    if (value?.[type] === undefined) {
      const got = value === undefined ? "is missing" : `has type ${Object.keys(value)[0]}`;
      return failure("KEY_INVALID", `${key} must be of type ${type}, being a key of table ${name}, but ${got}.`);
    }
  }
  const bytes = itemBytes(made);
  if (bytes <= MOST_ITEM_BYTES) return { made };
  return failure("ITEM_TOO_LARGE", `The item would have ${bytes} bytes, an item has at most ${MOST_ITEM_BYTES}.`);
}
