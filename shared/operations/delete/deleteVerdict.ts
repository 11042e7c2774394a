/** Which items a deletion deletes. */
import type { Condition } from "../../aws/expressions/condition";
import type { Path } from "../../aws/expressions/path";
import type { Item } from "../../aws/itemSize";

/** `read`: all attributes that the verdict depends on. */
export type DeleteVerdict =
  | { readonly do: "delete"; readonly read: readonly Path[] }
  | { readonly do: "count"; readonly outcome: "skipped" };

/** Decides on one item after the other. Pure. `onlyIf`: delete only items that meet it; undefined: all. */
export function deleteVerdict(onlyIf: Condition | undefined): (item: Item) => DeleteVerdict {
  const deletion: DeleteVerdict = { do: "delete", read: onlyIf?.paths ?? [] };
  const skipped: DeleteVerdict = { do: "count", outcome: "skipped" };
  return (item) => (onlyIf?.holds(item) === false ? skipped : deletion);
}
