import { evaluateIntrinsic } from "../../../../local/stepfunctions/language/intrinsics";
import type { Json } from "../../../../shared/json";

const source = {
  data: {
    name: "Ada",
    list: [1, 2, 2, 3],
    nested: { "a, b)": 7 },
    json: '{"x":[1]}',
    one: { a: 1, b: 1 },
    two: { b: 2 },
  },
  context: { Execution: { Name: "job-1" } },
};
const evaluate = (call: string) => evaluateIntrinsic(call, source, () => 0.5);

// The examples of the developer guide, "Intrinsics for JSONPath states".
test.each<[string, Json]>([
  ["States.Array($.name, 1, null, true)", ["Ada", 1, null, true]],
  ["States.ArrayContains($.list, 2)", true],
  ["States.ArrayContains(States.Array($.one), $.one)", true],
  ["States.ArrayContains($.list, 9)", false],
  ["States.ArrayGetItem($.list, 3)", 3],
  ["States.ArrayLength($.list)", 4],
  ["States.ArrayPartition($.list, 3)", [[1, 2, 2], [3]]],
  ["States.ArrayRange(1, 9, 2)", [1, 3, 5, 7, 9]],
  ["States.ArrayRange(3, 1, -1)", [3, 2, 1]],
  ["States.ArrayRange(3, 1, 1)", []],
  ["States.ArrayUnique($.list)", [1, 2, 3]],
  ["States.Base64Encode('Data to encode')", "RGF0YSB0byBlbmNvZGU="],
  ["States.Base64Decode('RGVjb2RlZCBkYXRh')", "Decoded data"],
  ["States.Hash('a', 'SHA-1')", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"],
  ["States.JsonMerge($.one, $.two, false)", { a: 1, b: 2 }],
  ["States.StringToJson($.json)", { x: [1] }],
  ["States.JsonToString($.two)", '{"b":2}'],
  ["States.MathAdd(111, -1)", 110],
  ["States.MathRandom(1, 11)", 6],
  ["States.StringSplit('1.2+3.4', '.+')", ["1", "2", "3", "4"]],
  ["States.Format('Hello, my name is {}.', $.name)", "Hello, my name is Ada."],
  ["States.Format('{}-{}-{}', $$.Execution.Name, 1.5, true)", "job-1-1.5-true"],
  ["States.Format('it\\'s \\{\\} and \\\\ of {}', $.name)", "it's {} and \\ of Ada"],
  ["States.Format('{}', $.nested['a, b)'])", "7"],
  ["States.Format('{}', States.ArrayGetItem(States.Array('a', 'b'), 1))", "b"],
  ["States.Array()", []],
])("%s", (call, expected) => {
  expect(evaluate(call)).toEqual(expected);
});

test("a seed repeats a random number", () => {
  expect(evaluate("States.MathRandom(0, 1000000, 7)")).toBe(evaluate("States.MathRandom(0, 1000000, 7)"));
  expect(evaluate("States.MathRandom(0, 1000000, 7)")).not.toBe(evaluate("States.MathRandom(0, 1000000, 8)"));
});

test("a UUID is a new one each time", () => {
  expect(evaluate("States.UUID()")).toMatch(/^[\da-f-]{36}$/);
  expect(evaluate("States.UUID()")).not.toBe(evaluate("States.UUID()"));
});

test.each([
  ["States.Format('{} {}', 1)", /2 places for 1 values/],
  ["States.ArrayGetItem($.list, 4)", /no item 4 in an array of 4/],
  ["States.ArrayLength($.name)", /"Ada" is no array/],
  ["States.MathAdd($.name, 1)", /"Ada" is no whole number/],
  ["States.ArrayRange(1, 1001, 1)", /1001 items are more than 1000/],
  ["States.Hash('a', 'CRC')", /CRC is none of/],
  ["States.JsonMerge($.one, $.two, true)", /shallow/],
  ["States.StringToJson($.name)", /JSON/],
  ["States.Format('{}', $.missing)", /nothing is at \$\.missing/],
])("%s fails", (call, why) => {
  expect(() => evaluate(call)).toThrow(
    expect.objectContaining({ error: "States.IntrinsicFailure", cause: expect.stringMatching(why) }),
  );
});
