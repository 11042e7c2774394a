import { parseCondition } from "../../../../shared/aws/expressions/condition";
import { unusedIn } from "../../../../shared/aws/expressions/references";

const context = {
  names: { "#a": "a.b", "#empty": "" },
  values: { ":v": { S: "x" }, ":n": { N: "1" }, ":x": { S: "X" } },
};

describe("a condition", () => {
  test("reads each path once, as names stand for it", () => {
    const { paths } = parseCondition(
      "l[0].x = :v AND (size(#a) > :n OR l[0].x <> #a) AND begins_with(l[1], c)",
      context,
    );
    expect(paths).toEqual([["l", 0, "x"], ["a.b"], ["l", 1], ["c"]]);
  });

  test("is evaluated as it was when its values were given", () => {
    const { holds } = parseCondition("attribute_not_exists(GSISK) AND Price > :n", context);
    expect(holds({ Price: { N: "1.01" } })).toBe(true);
    expect(holds({ Price: { N: "1.00" } })).toBe(false);
    expect(holds({ Price: { N: "2" }, GSISK: { NULL: true } })).toBe(false);
  });

  test("finds attributes of any name, and nothing that an item inherits", () => {
    expect(parseCondition("attribute_exists(toString)").holds({})).toBe(false);
    expect(parseCondition("attribute_exists(m.valueOf)").holds({ m: { M: {} } })).toBe(false);
    expect(parseCondition("attribute_exists(toString)").holds({ toString: { S: "" } })).toBe(true);
  });
});

test.each([
  ["", 1, "expected an operand: a path, a :value or a function, found the end"],
  ["a = ", 5, "expected an operand: a path, a :value or a function, found the end"],
  ["a", 1, "expected a condition, found an operand that nothing compares"],
  ["a = :v b", 8, 'expected AND, OR or the end, found "b"'],
  ["a = :v AND c", 12, "expected a condition, found an operand that nothing compares"],
  ["a in :v", 6, 'expected "(", found ":v"'],
  ["a in (:v", 9, 'expected "," or ")", found the end'],
  ["a BETWEEN :v", 13, "expected AND and the upper bound of BETWEEN, found the end"],
  ["a.b. = :v", 6, 'expected a name, found "="'],
  ["a[x] = :v", 3, 'expected the number of a list\'s element, found "x"'],
  ["a = 'x'", 5, 'expected an operand: a path, a :value or a function, found "\'"'],
  ["a = :w", 5, "the value :w isn't defined"],
  ["#b = :v", 1, "the name #b isn't defined"],
  ["#empty = :v", 1, "the name #empty stands for an empty name"],
  ["((a = :v))", 1, "these parentheses are redundant, which DynamoDB refuses"],
  [
    "exists(a)",
    1,
    "there is no function exists, but attribute_exists, attribute_not_exists, attribute_type, begins_with, contains, size",
  ],
  ["begins_with(a)", 1, "begins_with takes 2 operands, got 1"],
  ["begins_with(a, :n)", 1, "begins_with takes operands of the types S, B, got N"],
  ["attribute_type(a, :x)", 1, 'there is no type "X"'],
  ["attribute_exists(:v)", 1, "attribute_exists takes a document path"],
  ["size(a)", 1, "size is no condition; compare it with a value"],
  ["attribute_exists(a) = :v", 1, "expected an operand, found a condition; it can't be compared or passed on"],
  ["a = a", 3, "= must not compare a path with itself"],
  ["a BETWEEN :v AND :n", 3, "the bounds of BETWEEN must be of the same type"],
  ["a BETWEEN :v AND :x", 3, "the lower bound of BETWEEN must not be above the upper bound"],
  ["a = :v\u00a0", 7, 'expected AND, OR or the end, found "\u00a0"'],
])("%j is refused with the position and the reason", (text, position, reason) => {
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

test("names and values that no expression uses are known", () => {
  const [one, other] = [parseCondition("#a = :v", context), parseCondition("b = :n", context)];
  expect(unusedIn(context, [one.used, other.used])).toEqual(["#empty", ":x"]);
  expect(unusedIn({}, [])).toEqual([]);
});
