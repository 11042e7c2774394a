/**
 * The size of an item by the rules DynamoDB meters by.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 * A test compares them, type by type, with what DynamoDB Local charges.
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";

/** An item in the low-level client's form: attribute name to typed value. */
export type Item = Readonly<Record<string, AttributeValue>>;

/** Bytes of names and values of all attributes. */
export function itemBytes(item: Item): number {
  let bytes = 0;
  for (const name in item) bytes += attributeBytes(name, item[name]!);
  return bytes;
}

/** At least {@link itemBytes}, and at most about three times as many, for a third of its CPU. */
export function atMostItemBytes(item: Item): number {
  let bytes = 0;
  for (const name in item) {
    const value = item[name]!;
    bytes += MOST_CHARACTER_BYTES * name.length;
    if (value.S !== undefined) bytes += MOST_CHARACTER_BYTES * value.S.length;
    else bytes += value.N !== undefined ? MOST_NUMBER_BYTES : valueBytes(value);
  }
  return bytes;
}

/** Bytes of a UTF-16 code unit in UTF-8. A character of four bytes has two units. */
const MOST_CHARACTER_BYTES = 3;
const MOST_NUMBER_BYTES = 21;

/** Bytes of one attribute: its name and its value. */
export function attributeBytes(name: string, value: AttributeValue): number {
  return nameBytes(name) + valueBytes(value);
}

/** Every item has the same names again. This many of them are measured only once. */
const MOST_NAMES = 1_000;
const measuredNames = new Map<string, number>();

function nameBytes(name: string): number {
  const known = measuredNames.get(name);
  if (known !== undefined) return known;
  const bytes = textBytes(name);
  if (measuredNames.size < MOST_NAMES) measuredNames.set(name, bytes);
  return bytes;
}

/** Bytes of one value, without its name. */
export function valueBytes(value: AttributeValue): number {
  if (value.S !== undefined) return textBytes(value.S);
  if (value.N !== undefined) return numberBytes(value.N);
  if (value.B !== undefined) return value.B.byteLength;
  if (value.BOOL !== undefined || value.NULL !== undefined) return 1;
  if (value.SS !== undefined) return sum(value.SS, textBytes);
  if (value.NS !== undefined) return sum(value.NS, numberBytes);
  if (value.BS !== undefined) return sum(value.BS, (bytes) => bytes.byteLength);
  // A list or map takes 3 bytes, and 1 more for each element.
  if (value.L !== undefined) return 3 + sum(value.L, (element) => 1 + valueBytes(element));
  if (value.M !== undefined) return 3 + itemBytes(value.M) + Object.keys(value.M).length;
  return 0;
}

/**
 * A number: one byte for every two significant digits, plus one, plus another one if it is negative. Zeros at both ends
 * do not count. Digits are paired from the decimal point, so 1.2 needs two pairs and 12 only one. Zero is one byte.
 */
export function numberBytes(text: string): number {
  return wholeNumberBytes(text) ?? anyNumberBytes(text);
}

/**
 * A fast path for numbers that are only digits, as most are; undefined for any other. Ten times as fast as the general
 * rule.
 */
function wholeNumberBytes(text: string): number | undefined {
  let first = -1;
  let last = -1;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) return undefined;
    if (code === 48) continue;
    if (first < 0) first = i;
    last = i;
  }
  if (first < 0) return text.length > 0 ? 1 : undefined;
  const pairs = Math.ceil((text.length - first) / 2) - Math.floor((text.length - 1 - last) / 2);
  return Math.min(MOST_NUMBER_BYTES, 1 + pairs);
}

function anyNumberBytes(text: string): number {
  const [, sign, mantissa = "0", exponent = "0"] = /^([+-]?)([\d.]+)(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const [whole = "", fraction = ""] = mantissa.split(".");
  const digits = whole + fraction;
  const first = digits.search(/[1-9]/);
  if (first < 0) return 1;
  const last = digits.length - (/0*$/.exec(digits)?.[0].length ?? 0);
  // The power of ten of the first significant digit, and that just behind the last one.
  const point = whole.length + Number(exponent);
  const pairs = Math.ceil((point - first) / 2) - Math.floor((point - last) / 2);
  return Math.min(MOST_NUMBER_BYTES, 1 + pairs + (sign === "-" ? 1 : 0));
}

function textBytes(text: string): number {
  return Buffer.byteLength(text, "utf8");
}

function sum<T>(values: readonly T[], bytes: (value: T) => number): number {
  let total = 0;
  for (const value of values) total += bytes(value);
  return total;
}
