import type { Item, Value } from "./position";

/**
 * Size of an item in bytes, of which capacity is counted.
 * Source: DynamoDB developer guide, "DynamoDB item sizes and formats"; compared with the table sizes that DynamoDB Local
 * reports in test/local/throttling.itemSize.test.ts.
 */
export function itemSize(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + utf8(name) + valueSize(value), 0);
}

/** WCU of writing an item of that many bytes once: one for each 1 KB begun, and at least one. */
export function writeUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / 1024));
}

function valueSize(value: Value): number {
  const [type, content] = Object.entries(value)[0] ?? ["NULL", true];
  return SIZES[type]?.(content as never) ?? 0;
}

const sum = (sizes: number[]) => sizes.reduce((total, size) => total + size, 0);

const SIZES: Record<string, (content: never) => number> = {
  S: (text: string) => utf8(text),
  N: (text: string) => numberSize(text),
  B: (base64: string) => Buffer.byteLength(base64, "base64"),
  BOOL: () => 1,
  NULL: () => 1,
  SS: (texts: string[]) => sum(texts.map(utf8)),
  NS: (texts: string[]) => sum(texts.map(numberSize)),
  BS: (parts: string[]) => sum(parts.map((part) => Buffer.byteLength(part, "base64"))),
  /** 3 bytes for the container, and 1 for each element. */
  L: (values: Value[]) => 3 + sum(values.map((value) => 1 + valueSize(value))),
  M: (values: Item) => 3 + Object.keys(values).length + itemSize(values),
};

function utf8(text: string): number {
  return Buffer.byteLength(text, "utf8");
}

/** One byte for each pair of digits counted from the decimal point, without zero pairs at the ends; one more; one for a minus. */
function numberSize(text: string): number {
  const [, minus = "", whole = "", fraction = "", exponent = "0"] = NUMBER.exec(text) ?? [];
  const digits = `${whole}${fraction}`;
  const significant = digits.replace(/^0+/, "");
  const beforePoint = whole.length + Number(exponent) - (digits.length - significant.length);
  const aligned = (beforePoint % 2 === 0 ? "" : "0") + significant.replace(/0+$/, "");
  return significant === "" ? 1 : 1 + minus.length + Math.ceil(aligned.length / 2);
}

const NUMBER = /^(-?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i;
