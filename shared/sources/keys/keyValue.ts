/** Values of key attributes. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { isNumberText, plainNumber } from "../../aws/decimal";
import type { Item } from "../../aws/itemSize";
import { isPlainObject } from "../../json";
import type { KeyType } from "../../tables/schema";
import type { KeyAttribute } from "./spec";

/**
 * Most bytes of partition and sort key. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
const MOST_BYTES = [2048, 1024] as const;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const NAMES: Readonly<Record<KeyType, string>> = { S: "text", N: "a number", B: "base64" };

/**
 * Turns a list's value, in DynamoDB JSON or plain, into a typed one. A string may be the value of an attribute of any type,
 * because CSV has only strings.
 *
 * @param place 0: partition key, 1: sort key.
 * @returns the value, or why it can't be one, which ends the sentence "Attribute x …".
 */
export function keyValue(given: unknown, type: KeyType, place: number): AttributeValue | string {
  const content = isPlainObject(given) && Object.keys(given).length === 1 ? given[type] : given;
  if (typeof content !== "string") return `must be ${NAMES[type]}, got ${shown(given)}`;
  if (type === "N") {
    return isNumberText(content) ? { N: content } : `must be a number, got ${shown(given)}`;
  }
  if (type === "B" && !BASE64.test(content)) return `must be base64, got ${shown(given)}`;
  const bytes = type === "B" ? Uint8Array.from(Buffer.from(content, "base64")) : Buffer.from(content);
  const most = MOST_BYTES[place] ?? MOST_BYTES[1];
  if (bytes.length === 0 || bytes.length > most) return `must have 1 to ${most} bytes, got ${bytes.length}`;
  return type === "B" ? { B: bytes } : { S: content };
}

/** The same text for the same key, however its number is written. Pure. */
export function keyName(item: Item, keys: readonly KeyAttribute[]): string {
  return JSON.stringify(
    keys.map(({ name }) => {
      const { S, N = "", B } = item[name] ?? {};
      return S ?? (B === undefined ? plainNumber(N) : Buffer.from(B).toString("base64"));
    }),
  );
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 50 ? `${text.slice(0, 50)}…` : text;
}
