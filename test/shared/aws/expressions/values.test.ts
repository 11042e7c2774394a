import * as v from "valibot";
import { plainValues, readValues, typedValues } from "../../../../shared/aws/expressions/valueOptions";
import { attributeValues } from "../../../../shared/aws/expressions/values";
import { lostNumber } from "../../../../shared/json";
import { Unreadable } from "../../../../shared/requestOption";

const messages = (schema: v.GenericSchema, given: unknown) =>
  (v.safeParse(schema, given).issues ?? []).map(({ message }) => message);
const plain = (value: unknown) => messages(plainValues, { ":a": value });
const typed = (value: unknown) => messages(typedValues, { ":a": value });

const LOOKS_TYPED =
  "must be plain JSON, this looks like DynamoDB JSON: give it as typedValues, or name the map's attribute otherwise";
const BEYOND = "must have no numbers beyond 2^53, which JSON does not keep exactly; typedValues keeps them";

describe("plain values", () => {
  test.each<[unknown]>([
    ["x"],
    [""],
    [3],
    [-0.5],
    [Number.MAX_SAFE_INTEGER],
    [-Number.MAX_SAFE_INTEGER],
    [true],
    [null],
    [[1, "a", null, []]],
    [{}],
    [{ s: "x" }],
    [{ S: "x", N: "1" }],
    [{ name: { first: "a", last: "b" } }],
  ])("%j is plain JSON", (value) => expect(plain(value)).toEqual([]));

  test.each(["S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"])("a map of %s alone is refused", (type) => {
    expect(plain({ [type]: "x" })).toEqual([LOOKS_TYPED]);
    expect(plain({ deep: [{ [type]: 1 }] })).toEqual([LOOKS_TYPED]);
  });

  test.each<[unknown]>([
    [2 ** 53],
    [-(2 ** 53)],
    [1e300],
    [Number.POSITIVE_INFINITY],
    [Number.NaN],
    [[1, 2 ** 53]],
    [{ a: { b: 2 ** 60 } }],
  ])("%j is refused", (value) => expect(plain(value)).toEqual([BEYOND]));

  test.each([["a"], ["a:"], [":"], [":a b"], [""]])("a key %j is refused", (key) => {
    expect(messages(plainValues, { [key]: 1 })).toEqual(['must have keys such as ":value"']);
    expect(messages(typedValues, { [key]: { N: "1" } })).toEqual(['must have keys such as ":value"']);
  });
});

describe("typed values", () => {
  const digits = "1234567890".repeat(4);
  test.each<[unknown]>([
    [{ S: "" }],
    [{ N: "3" }],
    [{ N: "-0.5" }],
    [{ N: "+7" }],
    [{ N: ".5" }],
    [{ N: "5." }],
    [{ N: "1E-130" }],
    [{ N: "1e+125" }],
    [{ N: digits.slice(0, 38) }],
    [{ N: `0.000${digits.slice(0, 38)}` }],
    [{ N: `${digits.slice(0, 38)}000` }],
    [{ B: "" }],
    [{ B: "aGk=" }],
    [{ B: "aA==" }],
    [{ BOOL: false }],
    [{ NULL: true }],
    [{ L: [] }],
    [{ L: [{ S: "a" }, { L: [{ NULL: true }] }] }],
    [{ M: {} }],
    [{ M: { a: { M: { S: { S: "x" } } } } }],
    [{ SS: ["a", ""] }],
    [{ NS: ["1", "2.5"] }],
    [{ BS: ["aGk=", ""] }],
  ])("%j is DynamoDB JSON", (value) => expect(typed(value)).toEqual([]));

  test.each<[unknown]>([["x"], [3], [null], [[]], [{}], [{ X: "x" }], [{ s: "x" }], [{ S: "x", N: "1" }], [undefined]])(
    "%j is none",
    (value) => {
      expect(typed(value)).toEqual(['must be DynamoDB JSON such as { "N": "3" }']);
    },
  );

  test.each<[string, unknown]>([
    ["S", 5],
    ["S", null],
    ["N", 5],
    ["N", ""],
    ["N", "."],
    ["N", "1e"],
    ["N", "1e5.5"],
    ["N", "0x1"],
    ["N", " 1"],
    ["N", "Infinity"],
    ["N", digits.slice(0, 39)],
    ["N", `1.${"0".repeat(37)}1`],
    ["B", "a"],
    ["B", "aGk"],
    ["B", "a-_="],
    ["B", 5],
    ["BOOL", "true"],
    ["NULL", false],
    ["L", {}],
    ["L", ["x"]],
    ["M", []],
    ["M", { a: "x" }],
    ["SS", []],
    ["SS", "a"],
    ["SS", [1]],
    ["SS", ["a", "a"]],
    ["NS", []],
    ["NS", [1]],
    ["NS", ["x"]],
    ["BS", []],
    ["BS", ["a"]],
  ])("the content does not fit: %s %j", (type, content) => {
    expect(typed({ [type]: content })).toEqual([`must be DynamoDB JSON: the content does not fit type ${type}`]);
  });
});

describe("values as Scan takes them", () => {
  test("there are none", () => {
    expect(attributeValues()).toBeUndefined();
    expect(attributeValues({}, {})).toBeUndefined();
  });

  test("plain and typed ones together, without changing the input", () => {
    const given = { ":b": { B: "aGk=" }, ":l": { L: [{ BS: ["aGk="] }, { M: { B: { B: "aA==" } } }] } };
    const before = structuredClone(given);
    expect(attributeValues({ ":a": [1, "x", null, { deep: true }] }, given)).toEqual({
      ":a": { L: [{ N: "1" }, { S: "x" }, { NULL: true }, { M: { deep: { BOOL: true } } }] },
      ":b": { B: new Uint8Array([104, 105]) },
      ":l": { L: [{ BS: [new Uint8Array([104, 105])] }, { M: { B: { B: new Uint8Array([104]) } } }] },
    });
    expect(given).toEqual(before);
  });
});

describe("numbers that lose digits", () => {
  test.each([
    ["0"],
    ["-0"],
    ["1.50"],
    ["15e-1"],
    ["150E-2"],
    ["1e21"],
    ["1000000000000000000000"],
    ["0.1"],
    ["9007199254740991"],
    ["9007199254740992"],
    ["1e-7"],
    ["5e-324"],
    ["100"],
    ["0.000"],
    ["123456789012345"],
  ])("%s is kept", (number) => expect(lostNumber(`{"a":[${number}]}`)).toBeUndefined());

  test.each([
    ["9007199254740993"],
    ["0.12345678901234567890"],
    ["12345678901234567890"],
    ["-12345678901234567890"],
    ["1e400"],
    ["1e-400"],
    ["1.00000000000000000001"],
  ])("%s is lost", (number) => {
    expect(lostNumber(`{"a":[1,{"b":${number}}]}`)).toBe(number);
    expect(readValues(`{":a":${number}}`)).toEqual(
      new Unreadable(
        `JSON without numbers that have more digits than JSON keeps, such as ${number}; --typed-values keeps them`,
      ),
    );
  });

  test("the first one is named, and a text of digits doesn't count", () => {
    expect(lostNumber("[1e400,1e500]")).toBe("1e400");
    expect(lostNumber('["12345678901234567890"]')).toBeUndefined();
    expect(lostNumber("{")).toBeUndefined();
  });

  test.each([["[1]"], ["{"], ["5"], ["null"], [""]])("a flag's text %j is no object", (text) => {
    expect(readValues(text)).toEqual(new Unreadable("a JSON object"));
  });

  test("a flag's object is read", () => expect(readValues('{":a":3}')).toEqual({ ":a": 3 }));
});

test.each<[unknown]>([
  [{ N: "1e126" }],
  [{ N: "1e-131" }],
  [{ NS: ["1", "1.0"] }],
  [{ L: [{ NS: ["10", "1e1"] }] }],
  [{ M: { a: { N: "1e126" } } }],
])("%j is refused: DynamoDB has no such value", (value) => expect(typed(value)).toHaveLength(1));
