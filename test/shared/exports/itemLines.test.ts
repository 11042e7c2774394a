import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import * as fc from "fast-check";
import { itemLines } from "../../../shared/exports/itemLines";
import { parseLine } from "../../../shared/exports/readExport";
import { anyItem, numberText } from "./attributeValues";

const B = Uint8Array.of(0, 1, 254, 255);

test("lines of DynamoDB JSON are read back as the same items, with any attributes", () => {
  fc.assert(
    fc.property(fc.array(anyItem, { maxLength: 5 }), (items) => {
      const lines = itemLines(items, "dynamodb-json").split("\n");
      expect(lines.pop()).toBe("");
      expect(lines.map(parseLine)).toEqual(items);
    }),
    { numRuns: 300 },
  );
});

test("in both formats an item takes one line for every kind of reader", () => {
  fc.assert(
    fc.property(fc.array(anyItem, { maxLength: 5 }), fc.constantFrom("dynamodb-json", "json"), (items, format) => {
      const lines = itemLines(items, format as "json").split(/\r\n|[\n\r\u2028\u2029]/);
      expect(lines).toHaveLength(items.length + 1);
      for (const line of lines.slice(0, -1)) expect(() => JSON.parse(line)).not.toThrow();
    }),
  );
});

test.each<[string, AttributeValue, string]>([
  ["text", { S: 'a "b"\n' }, '{"S":"a \\"b\\"\\n"}'],
  ["number", { N: "12345678901234567890.5" }, '{"N":"12345678901234567890.5"}'],
  ["binary", { B }, '{"B":"AAH+/w=="}'],
  ["boolean", { BOOL: false }, '{"BOOL":false}'],
  ["null", { NULL: true }, '{"NULL":true}'],
  ["set of texts", { SS: ["a", "b"] }, '{"SS":["a","b"]}'],
  ["set of numbers", { NS: ["1", "2.5"] }, '{"NS":["1","2.5"]}'],
  ["set of binaries", { BS: [B, new Uint8Array()] }, '{"BS":["AAH+/w==",""]}'],
  ["list with binary", { L: [{ S: "a" }, { B }] }, '{"L":[{"S":"a"},{"B":"AAH+/w=="}]}'],
  ["map with binary", { M: { x: { B }, y: { N: "1" } } }, '{"M":{"x":{"B":"AAH+/w=="},"y":{"N":"1"}}}'],
])("DynamoDB JSON of a %s", (_, value, text) => {
  expect(itemLines([{ a: value }], "dynamodb-json")).toBe(`{"Item":{"a":${text}}}\n`);
});

test.each<[string, AttributeValue, string]>([
  ["text", { S: 'a "b"\n' }, '"a \\"b\\"\\n"'],
  [
    "number with all its digits",
    { N: "12345678901234567890.123456789012345678" },
    "12345678901234567890.123456789012345678",
  ],
  ["number with an exponent", { N: "1E+125" }, "1E+125"],
  ["number that JSON would not accept, as text", { N: ".5" }, '".5"'],
  ["binary", { B }, '"AAH+/w=="'],
  ["boolean", { BOOL: true }, "true"],
  ["null", { NULL: true }, "null"],
  ["set of texts", { SS: ["a", "b"] }, '["a","b"]'],
  ["set of numbers", { NS: ["1", "2.5"] }, "[1,2.5]"],
  ["set of binaries", { BS: [B] }, '["AAH+/w=="]'],
  ["list", { L: [{ N: "1" }, { L: [] }] }, "[1,[]]"],
  ["map", { M: { x: { N: "1" }, y: { M: {} } } }, '{"x":1,"y":{}}'],
])("plain JSON of a %s", (_, value, text) => {
  expect(itemLines([{ a: value }], "json")).toBe(`{"a":${text}}\n`);
});

test("plain JSON has every digit of every number", () => {
  fc.assert(fc.property(numberText, (N) => expect(itemLines([{ N: { N } }], "json")).toBe(`{"N":${N}}\n`)));
});

test("a view into a larger buffer gives only its own bytes", () => {
  const view = Uint8Array.of(9, 9, 1, 2, 9).subarray(2, 4);
  expect(itemLines([{ a: { B: view } }], "dynamodb-json")).toBe('{"Item":{"a":{"B":"AQI="}}}\n');
});
