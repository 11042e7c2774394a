import { keepable } from "../../../../shared/operations/user/userResult";

class Bar {
  items = 1;
}

const circular: { self?: unknown } = {};
circular.self = circular;

test.each<[string, unknown]>([
  ["nothing", undefined],
  ["null", null],
  ["text, numbers, lists and maps", { "": [1, -0.5, "x", true, null, { a: {} }], left: undefined }],
  ["a map without a prototype", Object.assign(Object.create(null), { a: 1 })],
  ["299,998 letters", "x".repeat(299_998)],
])("is kept: %s", (_, result) => {
  expect(keepable(result)).toBe(result);
});

test.each<[string, unknown, object]>([
  ["a Map", new Map([["open", 1]]), { code: "RESULT_NOT_JSON", message: expect.stringContaining("got a Map.") }],
  ["a Set within", { seen: new Set([1]) }, { code: "RESULT_NOT_JSON", message: expect.stringContaining('at "seen"') }],
  ["a Date, which has a toJSON", [new Date(0)], { code: "RESULT_NOT_JSON" }],
  ["bytes", { bytes: new Uint8Array(2) }, { code: "RESULT_NOT_JSON" }],
  ["an instance of a class", { bar: new Bar() }, { code: "RESULT_NOT_JSON" }],
  ["a BigInt", { sum: 1n }, { code: "RESULT_NOT_JSON" }],
  ["NaN", { mean: 0 / 0 }, { code: "RESULT_NOT_JSON", message: expect.stringContaining("number NaN") }],
  ["Infinity", { least: Number.POSITIVE_INFINITY }, { code: "RESULT_NOT_JSON" }],
  ["a function", { add: () => 1 }, { code: "RESULT_NOT_JSON" }],
  ["what contains itself", circular, { name: "TypeError" }],
  ["299,999 letters", "x".repeat(299_999), { code: "RESULT_TOO_LARGE", value: 300_001 }],
])("is refused: %s", (_, result, error) => {
  expect(() => keepable(result)).toThrow(expect.objectContaining(error));
});
