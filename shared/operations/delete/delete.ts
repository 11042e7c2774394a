/** Deletes items: all, or those that meet a condition. */
import { withoutRepetitions } from "../../aws/expressions/condition";
import type { Path } from "../../aws/expressions/path";
import type { Item } from "../../aws/itemSize";
import type { Decide } from "../../writing/conditionalWrite";
import { attributePaths, seenIn } from "../../writing/decideBy";
import { keyOf } from "../../writing/itemKey";
import { changeItems, type Ground } from "../changeItems";
import { conditionOf } from "./condition";
import { deleteVerdict } from "./deleteVerdict";

export const deleteItems = changeItems({ decider: deleteDecider });

export function deleteDecider({ params, target }: Pick<Ground, "params" | "target">): Decide {
  const verdictOf = deleteVerdict(conditionOf(params));
  return (item) => {
    const verdict = verdictOf(item);
    if (verdict.do === "count") return verdict;
    const { paths, kept } = params.keepBefore === true ? wholly(item, verdict.read) : { paths: verdict.read };
    const change = { kind: "delete", ...(kept && { before: kept }) } as const;
    return { do: "write", write: { key: keyOf(item, target), change, seen: seenIn(item, paths, target) } };
  };
}

/**
 * Deletes the item only if it is unchanged, because an item of an export may be old. Changes of attributes beyond the
 * first 100, and new attributes, go unnoticed.
 */
function wholly(item: Item, read: readonly Path[]) {
  return { paths: withoutRepetitions([...read, ...attributePaths(item)]), kept: item };
}
