/** The item that a copy puts. Pure. */
import { attributeOf } from "../../aws/expressions/path";
import { type Item, itemBytes } from "../../aws/itemSize";
import type { TableSchema } from "../../tables/schema";
import { applied } from "../../writing/applied";
import { type KeyRule, keyProblem, MOST_ITEM_BYTES, putRules } from "../../writing/update/bounds";
import { type Count, type Failure, failure, type ItemUpdate } from "../../writing/update/itemUpdate";

/** The item to put, or why there is none. */
export type Copied = (item: Item) => { readonly made: Item } | Count | Failure;

/** @param transform undefined: items are copied as they are. */
export function copier(transform: ItemUpdate | undefined, target: TableSchema): Copied {
  const keyFailure = keyCheck(target);
  return (item) => {
    const verdict = transform?.verdict(item) ?? ({ do: "count", outcome: "already" } as const);
    if (verdict.do === "fail" || (verdict.do === "count" && verdict.outcome === "skipped")) return verdict;
    // If the transform has nothing to change, the item is copied as it is.
    const made = verdict.do === "change" ? applied(item, verdict.set, verdict.remove) : item;
    return keyFailure(made) ?? sizeFailure(made) ?? { made };
  };
}

/** Finds what DynamoDB would refuse in the keys of table and indexes. */
function keyCheck(target: TableSchema): (made: Item) => Failure | undefined {
  const rules = [...putRules(target)].map(([name, rule]) => ({ name, rule, isOwn: target.keys.includes(name) }));
  return (made) => {
    for (const { name, rule, isOwn } of rules) {
      const value = attributeOf(made, name);
      // An item without the keys of an index isn't in it.
      if (value === undefined && !isOwn) continue;
      const problem =
        value === undefined
          ? `must be of type ${rule.type}, because it is a key of table ${target.name}, but is missing`
          : keyProblem(value, rule);
      if (problem === undefined) continue;
      const code = isOwn ? "KEY_INVALID" : "INDEX_KEY_INVALID";
      return failure(code, `${name} ${problem}${otherType(value, rule)}.`);
    }
    return undefined;
  };
}

function otherType(value: Item[string] | undefined, { type }: KeyRule): string {
  return value === undefined || value[type] !== undefined ? "" : `, but has type ${Object.keys(value)[0]}`;
}

function sizeFailure(made: Item): Failure | undefined {
  const bytes = itemBytes(made);
  if (bytes <= MOST_ITEM_BYTES) return undefined;
  return failure("ITEM_TOO_LARGE", `The item would have ${bytes} bytes; DynamoDB allows at most ${MOST_ITEM_BYTES}.`);
}
