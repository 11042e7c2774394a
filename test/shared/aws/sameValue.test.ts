import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { sameItem, sameValue } from "../../../shared/aws/sameValue";

const bytes = (...values: number[]) => Uint8Array.from(values);

test.each<[AttributeValue, AttributeValue]>([
  [{ S: "a" }, { S: "a" }],
  [{ N: "1" }, { N: "1.0" }],
  [{ N: "1500" }, { N: "1.5e3" }],
  [{ N: "-0" }, { N: "0.00" }],
  [{ N: "0.001" }, { N: "1E-3" }],
  [{ B: bytes(1, 2) }, { B: Buffer.from([1, 2]) }],
  [{ SS: ["a", "b"] }, { SS: ["b", "a"] }],
  [{ NS: ["1", "2"] }, { NS: ["2.0", "1"] }],
  [{ BS: [bytes(1), bytes(2)] }, { BS: [bytes(2), bytes(1)] }],
  [{ L: [{ N: "1" }] }, { L: [{ N: "1.0" }] }],
  [{ M: { a: { S: "x" }, b: { NULL: true } } }, { M: { b: { NULL: true }, a: { S: "x" } } }],
])("%j is the same as %j", (a, b) => {
  expect(sameValue(a, b)).toBe(true);
});

test.each<[AttributeValue, AttributeValue]>([
  [{ S: "1" }, { N: "1" }],
  [{ N: "1" }, { N: "-1" }],
  [{ N: "1" }, { N: "10" }],
  [{ BOOL: true }, { BOOL: false }],
  [{ SS: ["a,b"] }, { SS: ["a", "b"] }],
  [{ B: bytes(1) }, { B: bytes(2) }],
  [{ L: [{ S: "a" }] }, { L: [{ S: "a" }, { S: "b" }] }],
  [{ L: [] }, { M: {} }],
  [{ M: { toString: { S: "a" } } }, { M: { a: { S: "a" } } }],
])("%j is not the same as %j", (a, b) => {
  expect(sameValue(a, b)).toBe(false);
  expect(sameItem({ v: a }, { v: b })).toBe(false);
});
