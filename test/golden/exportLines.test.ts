/** Lines of exports, written and read, for the Python package. */
import * as fc from "fast-check";
import { dynamoJson } from "../../shared/aws/dynamoJson";
import type { Item } from "../../shared/aws/itemSize";
import { exportedLine } from "../../shared/exports/exportedLine";
import { itemLines } from "../../shared/exports/itemLines";
import type { Json } from "../../shared/json";
import { anyItem } from "../shared/exports/attributeValues";
import { expectGolden } from "../support/golden";

const json = (item: Item): Json => JSON.parse(dynamoJson(item)) as Json;

const odd: Item[] = [
  {},
  { id: { S: 'é 🦊 \u2028\u2029\u007f\u0001\b\f\n\r\t"\\/' }, "\u2028": { S: "" } },
  { id: { S: "\ud800" }, n: { N: "1E+25" } },
  { n: { NS: ["1", "-0.5", "+7", ".5", "1.", "00", "12345678901234567890123456789012345678"] } },
  {
    B: { B: Uint8Array.of(0, 255) },
    BS: { BS: [Uint8Array.of(1), Uint8Array.of()] },
    L: { L: [{ B: Uint8Array.of(2) }] },
  },
  { M: { M: { B: { S: "no binary" }, b: { B: Uint8Array.of(3) } } }, N: { NULL: true }, t: { BOOL: false } },
];

test("items as lines", () => {
  const items = [...odd, ...fc.sample(anyItem, { numRuns: 120, seed: 14 })];
  const cases = items.map((item) => ({
    item: json(item),
    typed: itemLines([item], "dynamodb-json"),
    plain: itemLines([item], "json"),
  }));
  expectGolden("item-lines", cases);
});

test("lines as items", () => {
  const key = { id: { S: "a" } };
  const time = { Metadata: { WriteTimestampMicros: { N: "1680109764000000" } } };
  const lines = [
    ...fc.sample(anyItem, { numRuns: 60, seed: 15 }).map((item) => itemLines([item], "dynamodb-json").trimEnd()),
    ...[
      { ...time, Keys: key, NewImage: { ...key, n: { N: "1" } } },
      { ...time, Keys: key, OldImage: key, NewImage: { ...key, photo: { B: "aGk=" } } },
      { ...time, Keys: { id: { B: "AP8=" } }, OldImage: { ...key, n: { N: "1" } } },
      { ...time, Keys: key },
      { id: "a" },
      { Item: { id: null } },
      { Item: [] },
      { Item: null, Keys: key },
      ...[
        ...[{ a: "b" }, { a: { S: "b", N: "1" } }, { a: {} }, { a: { Q: "1" } }, { a: { N: 1 } }, { a: { L: "x" } }],
        ...[{ a: { M: { b: 7 } } }, { a: { SS: ["b", 7] } }, { a: { BS: "AP8=" } }, { a: { NULL: false } }],
        ...[{ a: { BOOL: "true" } }, { a: { L: [{ M: { b: { BOOL: false } } }, { NULL: true }] } }],
      ].map((more) => ({ Item: { ...key, ...more } })),
    ].map((line) => JSON.stringify(line)),
    ...["{", "null", "7", '"Item"', "[]", "", '{"Item":{"id":{"S":"a"}}} x', '{"Item":{"id":{"S":NaN}}}', "\ufeff{}"],
  ];
  const cases = lines.map((line) => {
    const read = exportedLine(line);
    if (read === undefined) return { line, read: null };
    return { line, read: "item" in read ? { item: json(read.item) } : { deleted: json(read.deleted) } };
  });
  expectGolden("exported-lines", cases);
});
