/**
 * Values of expressions and updates. Most can be plain JSON. Those that JSON cannot hold without loss (sets, binary, numbers
 * of up to 38 digits) are written in DynamoDB JSON.
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { isPlainObject } from "../../json";
import { isNumberText, plainNumber } from "../decimal";
import { revived } from "../dynamoJson";

/** The types of DynamoDB JSON. */
export const TYPES = new Set(["S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"]);
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** One value in DynamoDB JSON, in the low-level client's form. Call it only for a value without problems. */
export function attributeValue(typed: unknown): AttributeValue {
  return revived({ value: structuredClone(typed) as Record<string, unknown> }).value!;
}

/** Both in the form that Scan takes; undefined if there are none. Call it only for values without problems. */
export function attributeValues(
  plain: Readonly<Record<string, unknown>> = {},
  typed: Readonly<Record<string, unknown>> = {},
): Record<string, AttributeValue> | undefined {
  const values = { ...marshall(plain), ...revived(structuredClone(typed) as Parameters<typeof revived>[0]) };
  return Object.keys(values).length === 0 ? undefined : values;
}

/** Whether a value's content fits its type. `binary`: the check for bytes. */
type Fits = (content: unknown, binary: (content: unknown) => boolean) => boolean;

const contents: Readonly<Record<string, Fits>> = {
  S: (content) => typeof content === "string",
  N: isNumber,
  B: (content, binary) => binary(content),
  BOOL: (content) => typeof content === "boolean",
  NULL: (content) => content === true,
  L: (content, binary) => Array.isArray(content) && content.every((element) => fits(element, binary)),
  M: (content, binary) => isPlainObject(content) && Object.values(content).every((value) => fits(value, binary)),
  SS: (content) => isSet(content, (element) => typeof element === "string"),
  NS: (content) => isSet(content, isNumber, plainNumber as (element: unknown) => string),
  BS: (content, binary) => isSet(content, binary, bytesText),
};

/** What is wrong with a value in DynamoDB JSON: "must be …". */
export function typedProblem(value: unknown): string | undefined {
  return valueProblem(value, isBase64, "DynamoDB JSON");
}

/** What is wrong with a value as the low-level client has it, with bytes as Uint8Array: "must be …". */
export function attributeProblem(value: unknown): string | undefined {
  return valueProblem(value, (content) => content instanceof Uint8Array, "an attribute value");
}

function valueProblem(value: unknown, binary: (content: unknown) => boolean, what: string): string | undefined {
  const type = onlyType(value);
  if (type === undefined) return `must be ${what} such as { "N": "3" }`;
  return fits(value, binary) ? undefined : `must be ${what}: the content does not fit type ${type}`;
}

function fits(value: unknown, binary: (content: unknown) => boolean): boolean {
  const type = onlyType(value);
  return type !== undefined && contents[type]!((value as Record<string, unknown>)[type], binary);
}

function onlyType(value: unknown): string | undefined {
  const [type, ...others] = isPlainObject(value) ? Object.keys(value) : [];
  return type !== undefined && others.length === 0 && TYPES.has(type) ? type : undefined;
}

function isNumber(content: unknown): content is string {
  return typeof content === "string" && isNumberText(content);
}

function isBase64(content: unknown): boolean {
  return typeof content === "string" && BASE64.test(content);
}

/** @param same the same text for elements that are equal */
function isSet(
  content: unknown,
  fits: (element: unknown) => boolean,
  same: (element: unknown) => string = String,
): boolean {
  if (!Array.isArray(content) || content.length === 0 || !content.every(fits)) return false;
  return new Set(content.map((element) => same(element))).size === content.length;
}

function bytesText(bytes: unknown): string {
  return bytes instanceof Uint8Array ? Buffer.from(bytes).toString("base64") : String(bytes);
}
