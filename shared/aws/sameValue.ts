/** Whether values are the same to DynamoDB: the order of a set, and how a number is written, make no difference. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Item } from "./itemSize";

export function sameItem(a: Item, b: Item): boolean {
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => Object.hasOwn(b, name) && sameValue(a[name]!, b[name]!));
}

export function sameValue(a: AttributeValue, b: AttributeValue): boolean {
  if (a.M !== undefined) return b.M !== undefined && sameItem(a.M, b.M);
  if (a.L !== undefined) {
    const { L: other } = b;
    return other?.length === a.L.length && a.L.every((value, i) => sameValue(value, other[i]!));
  }
  return canonical(a) === canonical(b);
}

/** A text that is the same for all ways to write a value that is no list and no map. */
function canonical(value: AttributeValue): string {
  const [type, content] = Object.entries(value).find(([, given]) => given !== undefined) ?? [];
  if (type === "N") return `N ${canonicalNumber(content)}`;
  if (type === "B") return `B ${base64(content)}`;
  if (type === "SS") return `SS ${JSON.stringify([...content].sort())}`;
  if (type === "NS") return `NS ${content.map(canonicalNumber).sort()}`;
  if (type === "BS") return `BS ${content.map(base64).sort()}`;
  return `${type} ${content}`;
}

/** Significant digits and the power of ten they begin with: `1.50` and `15e-1` are `15 0`. */
function canonicalNumber(text: string): string {
  const [, sign, mantissa = "0", exponent = "0"] = /^([+-]?)([\d.]+)(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const [whole = "", fraction = ""] = mantissa.split(".");
  const digits = whole + fraction;
  const first = digits.search(/[1-9]/);
  if (first < 0) return "0";
  const significant = digits.slice(first).replace(/0+$/, "");
  return `${sign === "-" ? "-" : ""}${significant} ${whole.length - first - 1 + Number(exponent)}`;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
