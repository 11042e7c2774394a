/** Keys as text, to find equal ones. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Item } from "../aws/itemSize";

/** The same text for the same key of a table, however its numbers are written; different texts for different keys. */
export function keyText(key: Item): string {
  const names = Object.keys(key);
  if (names.length > 1) names.sort();
  return names.map((name) => `${name.length}:${name}${valueText(key[name]!)}`).join("");
}

function valueText({ S, N, B }: AttributeValue): string {
  if (S !== undefined) return `S${S.length}:${S}`;
  if (N !== undefined) return `N${numberText(N)};`;
  return `B${B === undefined ? "" : Buffer.from(B.buffer, B.byteOffset, B.byteLength).toString("hex")};`;
}

/** Significant digits and the power of ten of the last: `1.50` and `15e-1` are both `15e-1`. */
function numberText(text: string): string {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  const power = Number(exponent) - fraction.length + digits.length - significant.length;
  return `${sign === "-" ? "-" : ""}${significant}e${power}`;
}
