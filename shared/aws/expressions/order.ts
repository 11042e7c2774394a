/** The order of attribute values: numbers by value, strings by their UTF-8 bytes, binary by unsigned bytes. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { compareNumbers } from "../decimal";

/** Below 0: `a` comes first. Undefined: they have no order, because their types differ or their type has none. */
export function order(a: AttributeValue | undefined, b: AttributeValue | undefined): number | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (a.S !== undefined && b.S !== undefined) return compareTexts(a.S, b.S);
  if (a.N !== undefined && b.N !== undefined) return compareNumbers(a.N, b.N);
  if (a.B !== undefined && b.B !== undefined) return Buffer.compare(a.B, b.B);
  return undefined;
}

/** JavaScript itself compares UTF-16, where characters above U+FFFF come before U+E000. */
function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (left !== right) return inUtf8(left) - inUtf8(right);
  }
  return a.length - b.length;
}

/** Moves surrogates behind all other code units. */
function inUtf8(code: number): number {
  if (code < 0xd800) return code;
  return code < 0xe000 ? code + 0x2000 : code - 0x800;
}
