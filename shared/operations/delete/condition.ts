/** The condition on the items that are deleted. */
import { type Condition, parseCondition } from "../../aws/expressions/condition";
import { attributeValues } from "../../aws/expressions/values";
import type { Params } from "../operation";

/** Undefined: the operation deletes all items. @throws SluiceError INVALID_EXPRESSION */
export function conditionOf({ onlyIf, names, values, typedValues }: Params): Condition | undefined {
  if (onlyIf === undefined) return undefined;
  type Values = Readonly<Record<string, unknown>> | undefined;
  const context = {
    names: names as Readonly<Record<string, string>> | undefined,
    values: attributeValues(values as Values, typedValues as Values),
  };
  return parseCondition(onlyIf as string, context, "onlyIf");
}
