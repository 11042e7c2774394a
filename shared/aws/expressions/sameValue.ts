/**
 * Equality of attribute values by DynamoDB's rules: numbers by value, sets in any order, binary by bytes, lists and maps
 * deeply. Values of different types are never the same.
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { compareNumbers, plainNumber } from "../decimal";
import type { Item } from "../itemSize";

/** Two missing values are the same here; in an expression nothing equals a missing value. */
export function sameValue(a: AttributeValue | undefined, b: AttributeValue | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.S !== undefined) return a.S === b.S;
  if (a.N !== undefined) return b.N !== undefined && compareNumbers(a.N, b.N) === 0;
  if (a.BOOL !== undefined) return a.BOOL === b.BOOL;
  if (a.NULL !== undefined) return b.NULL !== undefined;
  if (a.M !== undefined) return b.M !== undefined && sameItem(a.M, b.M);
  if (a.L !== undefined) return b.L !== undefined && sameList(a.L, b.L);
  if (a.B !== undefined) return b.B !== undefined && Buffer.compare(a.B, b.B) === 0;
  if (a.SS !== undefined) return b.SS !== undefined && sameSet(a.SS, b.SS);
  if (a.NS !== undefined) return b.NS !== undefined && sameSet(a.NS.map(plainNumber), b.NS.map(plainNumber));
  if (a.BS !== undefined) return b.BS !== undefined && sameSet(a.BS.map(bytesText), b.BS.map(bytesText));
  return false;
}

/** Whether two items, or maps, have the same attributes. */
export function sameItem(a: Item, b: Item): boolean {
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => Object.hasOwn(b, name) && sameValue(a[name], b[name]));
}

function sameList(a: readonly AttributeValue[], b: readonly AttributeValue[]): boolean {
  return a.length === b.length && a.every((element, i) => sameValue(element, b[i]));
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  const all = new Set(b);
  return a.every((element) => all.has(element));
}

function bytesText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
