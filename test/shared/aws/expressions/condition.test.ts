import { parseCondition } from "../../../../shared/aws/expressions/condition";
import { unusedIn } from "../../../../shared/aws/expressions/references";
import { context, refused } from "./conditionCases";

describe("a condition", () => {
  test("reads each path once, after its names are replaced", () => {
    const { paths } = parseCondition(
      "l[0].x = :v AND (size(#a) > :n OR l[0].x <> #a) AND begins_with(l[1], c)",
      context,
    );
    expect(paths).toEqual([["l", 0, "x"], ["a.b"], ["l", 1], ["c"]]);
  });

  test("is evaluated with the values that it was parsed with", () => {
    const { holds } = parseCondition("attribute_not_exists(GSISK) AND Price > :n", context);
    expect(holds({ Price: { N: "1.01" } })).toBe(true);
    expect(holds({ Price: { N: "1.00" } })).toBe(false);
    expect(holds({ Price: { N: "2" }, GSISK: { NULL: true } })).toBe(false);
  });

  test("finds attributes of any name, and none that an object inherits", () => {
    expect(parseCondition("attribute_exists(toString)").holds({})).toBe(false);
    expect(parseCondition("attribute_exists(m.valueOf)").holds({ m: { M: {} } })).toBe(false);
    expect(parseCondition("attribute_exists(toString)").holds({ toString: { S: "" } })).toBe(true);
  });
});

test.each(refused)("%j is refused with the position and the reason", (text, position, reason) => {
  expect(() => parseCondition(text, context, "onlyIf")).toThrow(
    expect.objectContaining({
      code: "INVALID_EXPRESSION",
      message: `onlyIf is invalid at position ${position}: ${reason}.`,
      value: text,
    }),
  );
});

test("words that DynamoDB reserves are names like others", () => {
  const { holds, paths } = parseCondition("attribute_exists(Old) AND size <> :v AND m.Status = :v", context);
  expect(paths).toEqual([["Old"], ["size"], ["m", "Status"]]);
  expect(holds({ Old: { NULL: true }, m: { M: { Status: { S: "x" } } } })).toBe(true);
});

test("names and values that no expression uses are found", () => {
  const [one, other] = [parseCondition("#a = :v", context), parseCondition("b = :n", context)];
  expect(unusedIn(context, [one.used, other.used])).toEqual(["#empty", ":x"]);
  expect(unusedIn({}, [])).toEqual([]);
});
