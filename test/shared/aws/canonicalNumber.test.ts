import * as fc from "fast-check";
import { canonicalNumber } from "../../../shared/aws/canonicalNumber";

test.each<[string[]]>([
  [["0", "-0", "0.00", "0e7", ".0"]],
  [["1.5", "+1.50", "15e-1", "0.15E1", "00001.5", "1.5e0"]],
  [["1000", "1e3", "1E+3", "1000.000"]],
  [["-7", "-7.0", "-70e-1"]],
  [["1e125", `1${"0".repeat(125)}`]],
  [["1e-130", `0.${"0".repeat(129)}1`]],
])("%j are one number", (texts) => {
  expect(new Set(texts.map(canonicalNumber)).size).toBe(1);
  expect(canonicalNumber(texts[0]!)).not.toBeUndefined();
});

test.each(["", "x", "1.2.3", "e5", ".", "-", "1e", "0x1", " 1", "Infinity", "9".repeat(39), "1e126", "1e-131"])(
  "%j is none",
  (text) => {
    expect(canonicalNumber(text)).toBeUndefined();
  },
);

test("two numbers are one if and only if they are equal", () => {
  const whole = fc.integer({ min: -999, max: 999 });
  fc.assert(
    fc.property(whole, fc.integer({ min: -3, max: 3 }), whole, fc.integer({ min: -3, max: 3 }), (a, x, b, y) => {
      const equal = BigInt(a) * 10n ** BigInt(x + 3) === BigInt(b) * 10n ** BigInt(y + 3);
      expect(canonicalNumber(`${a}e${x}`) === canonicalNumber(`${b}e${y}`)).toBe(equal);
    }),
  );
});
