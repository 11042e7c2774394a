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
])("%s", (_, line, expected) => {
  expect(exportedLine(JSON.stringify(line))).toEqual(expected);
});

test.each([["{"], ["null"], ["7"], [""]])("%j is none", (line) => {
  expect(exportedLine(line)).toBeUndefined();
});
