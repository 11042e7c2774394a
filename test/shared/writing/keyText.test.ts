import fc from "fast-check";
import { keyText } from "../../../shared/writing/keyText";

test.each([
  ["1", "1.0"],
  ["1", "01"],
  ["100", "1E2"],
  ["-1.50", "-15e-1"],
  ["0", "-0.00"],
  ["0.001", "1e-3"],
  ["+7", "7"],
])("the numbers %s and %s are the same key", (a, b) => {
  expect(keyText({ id: { N: a } })).toBe(keyText({ id: { N: b } }));
});

test("the order of the attributes does not matter", () => {
  expect(keyText({ a: { S: "1" }, b: { N: "2" } })).toBe(keyText({ b: { N: "2" }, a: { S: "1" } }));
});

test("different keys have different texts", () => {
  const value = fc.oneof(
    fc.string().map((S) => ({ S })),
    fc.integer().map((n) => ({ N: String(n) })),
    fc.uint8Array().map((B) => ({ B })),
  );
  const key = fc.oneof(fc.record({ a: value }), fc.record({ a: value, b: value }));
  const plain = (each: object) => JSON.stringify(each, (_, v) => (v instanceof Uint8Array ? [...v] : v));
  fc.assert(
    fc.property(key, key, (a, b) => {
      expect(keyText(a as never) === keyText(b as never)).toBe(plain(a) === plain(b));
    }),
  );
});
