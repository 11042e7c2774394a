import { createHash } from "node:crypto";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Item } from "../shared/aws/itemSize";

/** The same text for equal items: the order of attributes and of elements in sets doesn't matter. */
export function digestOf(item: Item): string {
  return createHash("sha1").update(canonicalMap(item)).digest("base64");
}

function canonicalMap(map: Record<string, AttributeValue>): string {
  const names = Object.keys(map).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(map[name]!)}`).join(",")}}`;
}

function canonical(value: AttributeValue): string {
  if (value.M !== undefined) return canonicalMap(value.M);
  if (value.L !== undefined) return `[${value.L.map(canonical).join(",")}]`;
  if (value.B !== undefined) return `B${base64(value.B)}`;
  if (value.BS !== undefined) return `BS${value.BS.map(base64).sort().join(",")}`;
  if (value.SS !== undefined) return `SS${JSON.stringify([...value.SS].sort())}`;
  if (value.NS !== undefined) return `NS${[...value.NS].sort().join(",")}`;
  return JSON.stringify(value);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
