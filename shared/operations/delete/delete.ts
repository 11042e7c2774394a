/** Deletes items: all, or those that meet a condition. */
import { type Condition, parseCondition, withoutRepetitions } from "../../aws/expressions/condition";
import type { Path } from "../../aws/expressions/path";
import { attributeValues } from "../../aws/expressions/values";
import type { Item } from "../../aws/itemSize";
import type { Decide } from "../../writing/conditionalWrite";
import { attributePaths, seenIn } from "../../writing/decideBy";
import { keyOf } from "../../writing/itemKey";
import { changeItems } from "../changeItems";
import type { Params } from "../operation";
import { deleteVerdict } from "./deleteVerdict";
import { deleteOptions } from "./params";

export const deleteItems = changeItems({
  options: deleteOptions,
  check: (params, { partly = false }) => [
    ...conditionProblems(params),
    ...(params.keepBefore === true && partly
      ? ["keepBefore needs whole items: delete without index and projection."]
      : []),
  ],
  needsItems: ({ onlyIf, keepBefore }) => onlyIf !== undefined || keepBefore === true,
  decider: ({ params, target }): Decide => {
    const verdictOf = deleteVerdict(conditionOf(params));
    return (item) => {
      const verdict = verdictOf(item);
      if (verdict.do === "count") return verdict;
      const { paths, kept } = params.keepBefore === true ? wholly(item, verdict.read) : { paths: verdict.read };
      const change = { kind: "delete", ...(kept && { before: kept }) } as const;
      return { do: "write", write: { key: keyOf(item, target), change, seen: seenIn(item, paths, target) } };
    };
  },
});

/**
 * Deletes the item only as it is on record: an item of an export may be old. Attributes beyond the first 100 may change
 * unnoticed, as do new ones.
 */
function wholly(item: Item, read: readonly Path[]) {
  return { paths: withoutRepetitions([...read, ...attributePaths(item)]), kept: item };
}

/** Undefined: all items are to be deleted. @throws SluiceError INVALID_EXPRESSION */
function conditionOf({ onlyIf, names, values, typedValues }: Params): Condition | undefined {
  if (onlyIf === undefined) return undefined;
  type Values = Readonly<Record<string, unknown>> | undefined;
  const context = {
    names: names as Readonly<Record<string, string>> | undefined,
    values: attributeValues(values as Values, typedValues as Values),
  };
  return parseCondition(onlyIf as string, context, "onlyIf");
}

function conditionProblems(params: Params): string[] {
  try {
    conditionOf(params);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}
