import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { sameItem, sameValue } from "../../../../shared/aws/expressions/sameValue";
import { arbitraryItem } from "./arbitraryConditions";

const bytes = (...all: number[]) => Uint8Array.from(all);

const same: [AttributeValue, AttributeValue][] = [
  [{ S: "" }, { S: "" }],
  [{ N: "1" }, { N: "1.0" }],
  [{ N: "12345678901234567890123456789012345678" }, { N: "1.2345678901234567890123456789012345678e37" }],
  [{ B: bytes(1, 2) }, { B: Buffer.from([1, 2]) }],
  [{ B: bytes() }, { B: bytes() }],
  [{ BOOL: false }, { BOOL: false }],
  [{ NULL: true }, { NULL: true }],
  [{ SS: ["a", "b"] }, { SS: ["b", "a"] }],
  [{ NS: ["1", "2"] }, { NS: ["2.0", "1e0"] }],
  [{ BS: [bytes(1), bytes(255)] }, { BS: [bytes(255), bytes(1)] }],
  [{ L: [{ SS: ["a", "b"] }, { N: "1" }] }, { L: [{ SS: ["b", "a"] }, { N: "1.0" }] }],
  [{ M: { a: { N: "1" }, b: { S: "x" } } }, { M: { b: { S: "x" }, a: { N: "1.00" } } }],
];

const different: [AttributeValue | undefined, AttributeValue | undefined][] = [
  [undefined, { S: "" }],
  [{ NULL: true }, undefined],
  [{ S: "1" }, { N: "1" }],
  [{ S: "a" }, { SS: ["a"] }],
  [{ N: "12345678901234567890123456789012345678" }, { N: "12345678901234567890123456789012345679" }],
  [{ BOOL: true }, { BOOL: false }],
  [{ BOOL: false }, { NULL: true }],
  [{ B: bytes(1) }, { B: bytes(1, 0) }],
  [{ SS: ["a"] }, { SS: ["a", "b"] }],
  [{ SS: ["1"] }, { NS: ["1"] }],
  [{ L: [{ S: "a" }, { S: "b" }] }, { L: [{ S: "b" }, { S: "a" }] }],
  [{ L: [] }, { M: {} }],
  [{ M: { a: { S: "x" } } }, { M: { b: { S: "x" } } }],
  [{ M: {} }, { M: { constructor: { S: "x" } } }],
  [{ M: { toString: { S: "x" } } }, { M: { a: { S: "x" } } }],
];

test.each(same)("%j is the same as %j", (a, b) => {
  expect([sameValue(a, b), sameValue(b, a)]).toEqual([true, true]);
});

test.each(different)("%j is not the same as %j", (a, b) => {
  expect([sameValue(a, b), sameValue(b, a)]).toEqual([false, false]);
});

test("nothing is the same as nothing", () => expect(sameValue(undefined, undefined)).toBe(true));

test("any item is the same as its copy", () => {
  fc.assert(fc.property(arbitraryItem, (item) => expect(sameItem(item, structuredClone(item))).toBe(true)));
});
