import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { type Item, itemBytes } from "../../shared/aws/itemSize";

/** An attribute value as DynamoDB's JSON writes it, such as `{ "S": "x" }`; bytes are base64. */
export type Value = Readonly<Record<string, unknown>>;
/** An item in that form. */
export type WireItem = Readonly<Record<string, Value>>;

/** The item in the SDK clients' form. */
export function itemOf(item: WireItem): Item {
  return mapValues(item, decoded);
}

/** Bytes of an item as it stands in a request or an answer. */
export function wireItemBytes(item: WireItem): number {
  return itemBytes(itemOf(item));
}

/** The value in the SDK clients' form. */
function decoded(value: Value): AttributeValue {
  const { B, BS, L, M } = value as { B?: string; BS?: string[]; L?: Value[]; M?: WireItem };
  if (B !== undefined) return { B: Buffer.from(B, "base64") };
  if (BS) return { BS: BS.map((bytes) => Buffer.from(bytes, "base64")) };
  if (L) return { L: L.map(decoded) };
  return M ? { M: mapValues(M, decoded) } : (value as unknown as AttributeValue);
}

function mapValues<T>(item: WireItem, map: (value: Value) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, map(value)]));
}
