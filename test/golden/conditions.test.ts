/** What conditions answer, and which are refused. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { type Condition, parseCondition } from "../../shared/aws/expressions/condition";
import type { SluiceError } from "../../shared/errors";
import type { Json } from "../../shared/json";
import { arbitraryCondition, arbitraryItem, names } from "../shared/aws/expressions/arbitraryConditions";
import { cases, context, item, placeholders, refused, usedOf, values } from "../shared/aws/expressions/conditionCases";
import { expectGolden } from "../support/golden";
import { itemJson, sample } from "./arbitraryItems";

const items = [{}, item, ...sample(arbitraryItem, 40)];

test("conditions have these answers", () => {
  const random = sample(arbitraryCondition, 400).map(({ text, values }) => answered(text, usedOf(text, names), values));
  expectGolden("conditions", {
    items: items.map(itemJson),
    cases: [
      ...cases.map((text) => answered(text, usedOf(text, placeholders), usedOf(text, values))),
      ...refused.map(([text]) => answered(text, context.names, context.values)),
      answered("😀 = :v", {}, {}),
      answered("a = #😀", {}, {}),
      answered('a = "\u0007\u007f"', {}, {}),
      ...random,
    ],
  });
});

/** The paths it reads and what it answers for each of the items, or why it is refused. */
function answered(text: string, names: Record<string, string>, values: Record<string, AttributeValue>): Json {
  const given = { text, names, values: itemJson(values) };
  let condition: Condition;
  try {
    condition = parseCondition(text, { names, values }, "onlyIf");
  } catch (error) {
    return { ...given, refused: (error as SluiceError).message };
  }
  const answers = items.map((item) => (condition.holds(item) ? "1" : "0")).join("");
  return { ...given, paths: condition.paths as never, answers };
}
