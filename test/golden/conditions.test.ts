/** What conditions answer, and which are refused. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { revived } from "../../shared/aws/dynamoJson";
import { type Condition, parseCondition } from "../../shared/aws/expressions/condition";
import type { Item } from "../../shared/aws/itemSize";
import type { SluiceError } from "../../shared/errors";
import type { Json } from "../../shared/json";
import { arbitraryCondition, arbitraryItem, names } from "../shared/aws/expressions/arbitraryConditions";
import { cases, context, item, placeholders, refused, usedOf, values } from "../shared/aws/expressions/conditionCases";
import { expectGolden, pythonGolden } from "../support/golden";
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

type Given = Parameters<typeof revived>[0];

interface PythonConditions {
  readonly items: Given[];
  readonly cases: { text: string; names: Record<string, string>; values: Given }[];
}

test("random conditions get the same answers as in the Python package", () => {
  const golden = pythonGolden<PythonConditions>("conditions");
  const items = golden.items.map((item) => revived(item));
  expect(golden.cases.length).toBeGreaterThan(200);
  for (const expected of golden.cases) {
    expect(answered(expected.text, expected.names, revived(structuredClone(expected.values)), items)).toEqual(expected);
  }
});

/** The paths that a condition reads and its answer for each item, or why it is refused. */
function answered(
  text: string,
  names: Record<string, string>,
  values: Record<string, AttributeValue>,
  asked: readonly Item[] = items,
): Json {
  const given = { text, names, values: itemJson(values) };
  let condition: Condition;
  try {
    condition = parseCondition(text, { names, values }, "onlyIf");
  } catch (error) {
    return { ...given, refused: (error as SluiceError).message };
  }
  const answers = asked.map((item) => (condition.holds(item) ? "1" : "0")).join("");
  return { ...given, paths: condition.paths as never, answers };
}
