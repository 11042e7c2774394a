import { exportedLine } from "../../../shared/exports/exportedLine";

const time = { Metadata: { WriteTimestampMicros: { N: "1680109764000000" } } };
const key = { id: { S: "a" } };

test.each<[string, object, unknown]>([
  ["an item of a full export", { Item: { ...key, n: { N: "1" } } }, { item: { ...key, n: { N: "1" } } }],
  ["binary", { Item: { id: { B: "aGk=" } } }, { item: { id: { B: Uint8Array.of(104, 105) } } }],
  ["an insert", { ...time, Keys: key, NewImage: { ...key, n: { N: "1" } } }, { item: { ...key, n: { N: "1" } } }],
  [
    "an update",
    { ...time, Keys: key, OldImage: key, NewImage: { ...key, n: { N: "2" } } },
    { item: { ...key, n: { N: "2" } } },
  ],
  ["a delete", { ...time, Keys: key, OldImage: { ...key, n: { N: "1" } } }, { deleted: key }],
  ["a delete without images", { ...time, Keys: key }, { deleted: key }],
  ["something else", { id: "a" }, undefined],
  ["no attribute values", { Item: { id: null } }, undefined],
  ["a value without its type", { Item: { id: "a" } }, undefined],
  ["a value of two types", { Item: { id: { S: "a", N: "1" } } }, undefined],
  ["a value of no type", { Item: { id: {} } }, undefined],
  ["a value of an unknown type", { Item: { ...key, a: { Q: "1" } } }, undefined],
  ["a number that is no text", { Item: { ...key, a: { N: 1 } } }, undefined],
  ["a list that is none", { Item: { ...key, a: { L: "x" } } }, undefined],
  ["a map without values", { Item: { ...key, a: { M: { b: 7 } } } }, undefined],
  ["a set with something else", { ...time, NewImage: { ...key, a: { SS: ["b", 7] } } }, undefined],
  ["a key that is none", { ...time, Keys: { id: { S: null } } }, undefined],
])("%s", (_, line, expected) => {
  expect(exportedLine(JSON.stringify(line))).toEqual(expected);
});

test.each([["{"], ["null"], ["7"], [""]])("%j is none", (line) => {
  expect(exportedLine(line)).toBeUndefined();
});
