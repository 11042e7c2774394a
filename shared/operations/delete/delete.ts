/** Deletes items: all, or those that meet a condition. */
import { type Condition, parseCondition } from "../../aws/expressions/condition";
import { attributeValues } from "../../aws/expressions/values";
import type { Decide } from "../../writing/conditionalWrite";
import { seenIn } from "../../writing/decideBy";
import { keyOf } from "../../writing/itemKey";
import { changeItems } from "../changeItems";
import type { Params } from "../operation";
import { deleteVerdict } from "./deleteVerdict";
import { deleteOptions } from "./params";

export const deleteItems = changeItems({
  options: deleteOptions,
  check: (params) => conditionProblems(params),
  needsItems: ({ onlyIf }) => onlyIf !== undefined,
  decider: ({ params, target }): Decide => {
    const verdictOf = deleteVerdict(conditionOf(params));
    return (item) => {
      const verdict = verdictOf(item);
      if (verdict.do === "count") return verdict;
      const seen = seenIn(item, verdict.read, target);
      return { do: "write", write: { key: keyOf(item, target), change: { kind: "delete" }, seen } };
    };
  },
});

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
