import fc from "fast-check";
import { addNumbers, compareNumbers, isNumberText, plainNumber } from "../../../shared/aws/decimal";

const NINES = "9".repeat(38);

test.each([
  ["1", "1.0"],
  ["1", "1e0"],
  ["10", "1E+1"],
  ["-0.5", "-5e-1"],
  ["0", "-0.00"],
  ["0", "0e500"],
  [".1", "+00.10"],
  ["1e125", `1${"0".repeat(125)}`],
  ["1e-130", `0.${"0".repeat(129)}1`],
])("%s and %s are the same number", (a, b) => {
  expect(compareNumbers(a, b)).toBe(0);
  expect(plainNumber(a)).toBe(plainNumber(b));
});

test.each([
  ["1", "2"],
  ["-2", "-1"],
  ["-1", "0"],
  ["0", "1e-130"],
  ["9", "10"],
  ["-1e125", "-9"],
  ["12345678901234567890123456789012345678", "12345678901234567890123456789012345679"],
  ["0.10000000000000001", "0.10000000000000002"],
  ["-12345678901234567890123456789012345679", "-12345678901234567890123456789012345678"],
])("%s is less than %s", (less, more) => {
  expect(compareNumbers(less, more)).toBeLessThan(0);
  expect(compareNumbers(more, less)).toBeGreaterThan(0);
});

test.each([
  ["1", "1", "2"],
  ["1", "-1", "0"],
  ["0.1", "0.2", "0.3"],
  ["99", "1", "100"],
  ["1e37", "1", `1${"0".repeat(36)}1`],
  [NINES, "1", `1${"0".repeat(38)}`],
  ["-5", "0.5", "-4.5"],
  ["1e100", "0", `1${"0".repeat(100)}`],
  ["9007199254740993", "1", "9007199254740994"],
])("%s + %s = %s", (a, b, sum) => expect(addNumbers(a, b)).toBe(sum));

test.each([
  [NINES, "0.1"],
  ["1e100", "1"],
  ["9.9e125", "9.9e125"],
  ["1.1e-130", "-1e-130"],
])("DynamoDB can't hold %s + %s", (a, b) => expect(addNumbers(a, b)).toBeUndefined());

test.each(["0", "-1", "+1", "1.", ".5", "1e125", "9.9e125", "1e-130", NINES, `${NINES}000`, "0.0", "1E5"])(
  "%s is a number",
  (text) => expect(isNumberText(text)).toBe(true),
);

test.each(["", " 1", "1 ", ".", "e1", "1e", "0x1", "NaN", "Infinity", "1e126", "1e-131", `${NINES}9`, "1,5", "--1"])(
  "%j is no number",
  (text) => expect(isNumberText(text)).toBe(false),
);

const integer = fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n });

test("integers are compared and added as integers", () => {
  fc.assert(
    fc.property(integer, integer, (a, b) => {
      expect(Math.sign(compareNumbers(String(a), String(b)))).toBe(a < b ? -1 : Number(a > b));
      const sum = String(a + b);
      expect(addNumbers(String(a), String(b))).toBe(isNumberText(sum) ? sum : undefined);
    }),
  );
});

test("moving the decimal point of both numbers moves the sum's in the same way", () => {
  const places = fc.integer({ min: -60, max: 60 });
  fc.assert(
    fc.property(integer, integer, places, (a, b, shift) => {
      const moved = addNumbers(`${a}e${shift}`, `${b}e${shift}`);
      const sum = addNumbers(String(a), String(b));
      expect(moved).toBe(sum === undefined ? undefined : plainNumber(`${sum}e${shift}`));
    }),
  );
});
