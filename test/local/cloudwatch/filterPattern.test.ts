import { filterPattern } from "../../../local/cloudwatch/filterPattern";

const line = JSON.stringify({
  message: "unit failed",
  job: "nightly-1",
  unit: 3,
  error: { code: 'the "last" one', name: "A && B" },
});

test.each<[string, string, boolean]>([
  ["nothing", "", true],
  ["blanks", "  ", true],
  ["a term in quotes", '"unit failed"', true],
  ["a term that the line has in other letters", '"Unit failed"', false],
  ["two terms", '"unit failed" "nightly-1"', true],
  ["two terms, one of them elsewhere", '"unit failed" "nightly-2"', false],
  ["a bare term", "failed", true],
  ["bare terms and one in quotes", 'unit "failed" nightly', true],
  ["quotes in a term", String.raw`"\"job\":\"nightly-1\""`, true],
  ["quotes in a term that goes on", String.raw`"\"job\":\"nightly\""`, false],
  ["a field", '{ $.job = "nightly-1" }', true],
  ["a field without blanks", '{$.job="nightly-1"}', true],
  ["a field that begins as the text", '{ $.job = "nightly" }', false],
  ["a field with an asterisk", '{ $.job = "nightly-*" }', true],
  ["a dot in a field's name", '{ $.job = "nightly.1" }', false],
  ["a field within a field", String.raw`{ $.error.code = "the \"last\" one" }`, true],
  ["a text with a conjunction", '{ $.error.name = "A && B" }', true],
  ["a number", "{ $.unit = 3 }", true],
  ["another number", "{ $.unit = 4 }", false],
  ["a number that is a text", '{ $.unit = "3" }', false],
  ["a field that is not there", '{ $.chain = "x" }', false],
  ["a field of every object", '{ $.constructor.name = "Object" }', false],
  ["two fields", '{ $.job = "nightly-1" && $.unit = 3 }', true],
  ["two fields, one of them different", '{ $.job = "nightly-1" && $.unit = 4 }', false],
  ["one of two fields", '{ $.job = "other" || $.unit = 3 }', true],
  ["neither of two fields", '{ $.job = "other" || $.unit = 4 }', false],
])("%s: %s", (_, pattern, found) => {
  expect(filterPattern(pattern)?.(line)).toBe(found);
});

test("a line that is no JSON has no fields", () => {
  expect(filterPattern('{ $.job = "x" }')?.("Task timed out")).toBe(false);
});

test.each([
  ["a term to leave out", "-DEBUG"],
  ["one of several terms", "?ERROR ?WARN"],
  ["a regular expression", "%job-[0-9]+%"],
  ["columns", "[ip, user, status = 4*]"],
  ["another comparison", "{ $.unit > 3 }"],
  ["an element of a list", '{ $.units[0] = "x" }'],
  ["brackets", '{ ($.a = "x" && $.b = "y") || $.c = "z" }'],
  ["both kinds of conjunctions", '{ $.a = "x" && $.b = "y" || $.c = "z" }'],
  ["no comparison", "{ }"],
  ["an open quote", '"job'],
  ["terms without a blank between them", '"a""b"'],
])("%s is not known: %s", (_, pattern) => {
  expect(filterPattern(pattern)).toBeUndefined();
});
