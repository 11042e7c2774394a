/** Items as lines of an export: one JSON object a line, `\n` behind each. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { base64, dynamoJson, jsonArray, jsonObject } from "../aws/dynamoJson";
import type { Item } from "../aws/itemSize";

/**
 * `dynamodb-json`: lines as in DynamoDB's own exports. `json`: plain JSON; numbers keep all their digits, sets are
 * arrays, binary is base64, so the lines no longer show types.
 */
export const exportFormats = ["dynamodb-json", "json"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** JSON.stringify leaves these two as they are, and readers of lines (Node's own readline) take them for line breaks. */
const OTHER_BREAKS = /[\u2028\u2029]/g;
const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** A page's lines. Each ends in a line feed. */
export function itemLines(items: readonly Item[], format: ExportFormat): string {
  let text = "";
  if (format === "json") for (const item of items) text += `${plainItem(item)}\n`;
  else for (const item of items) text += `{"Item":${dynamoJson(item)}}\n`;
  return text.replace(OTHER_BREAKS, (character) => (character === "\u2028" ? "\\u2028" : "\\u2029"));
}

/** An item in plain JSON. */
export function plainItem(item: Item): string {
  return jsonObject(item, plainValue);
}

function plainValue(value: AttributeValue): string {
  if (value.S !== undefined) return JSON.stringify(value.S);
  if (value.N !== undefined) return numberText(value.N);
  if (value.BOOL !== undefined) return String(value.BOOL);
  if (value.M !== undefined) return jsonObject(value.M, plainValue);
  if (value.L !== undefined) return jsonArray(value.L, plainValue);
  if (value.SS !== undefined) return jsonArray(value.SS, JSON.stringify);
  if (value.NS !== undefined) return jsonArray(value.NS, numberText);
  if (value.B !== undefined) return base64(value.B);
  if (value.BS !== undefined) return jsonArray(value.BS, base64);
  return "null";
}

/** DynamoDB's digits, up to 38; a double would keep only 15. A number that JSON does not allow becomes a string. */
function numberText(number: string): string {
  return JSON_NUMBER.test(number) ? number : JSON.stringify(number);
}
