/**
 * Reads one line of a list of keys.
 *
 * | line                                               | is                                           |
 * | -------------------------------------------------- | -------------------------------------------- |
 * | `{"pk":"a","sk":3}`                                | plain JSON; other attributes don't matter    |
 * | `{"pk":{"S":"a"},"sk":{"N":"3"}}`                  | DynamoDB JSON                                |
 * | `{"key":{"pk":{"S":"a"},"sk":{"N":"3"}},"code":…}` | the record of a failure                      |
 * | `a,3`                                              | CSV, with the names in the list's first line |
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Item } from "../../aws/itemSize";
import { isPlainObject } from "../../json";
import { csvFields } from "./csvLine";
import { keyValue } from "./keyValue";
import type { KeyAttribute } from "./spec";

/** The key, or what is wrong with the line, a sentence. */
export type KeyLine = { readonly key: Item } | { readonly reason: string };

/** The strings of valid JSON, and the numbers between them. */
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/** @param columns names of the columns of CSV; undefined: JSON Lines. */
export function keyLine(line: string, keys: readonly KeyAttribute[], columns?: readonly string[]): KeyLine {
  const values = columns === undefined ? jsonValues(line, keys) : csvValues(line, columns);
  if (values === undefined) {
    const form = columns === undefined ? "a JSON object" : "CSV whose quotes end on the line";
    return { reason: `The line must be ${form}.` };
  }
  const key: [string, AttributeValue][] = [];
  for (const [place, { name, type }] of keys.entries()) {
    if (!values.has(name)) return { reason: `The line must have the key attribute ${name}.` };
    const value = keyValue(values.get(name), type, place);
    if (typeof value === "string") return { reason: `Attribute ${name} ${value}.` };
    key.push([name, value]);
  }
  return { key: Object.fromEntries(key) };
}

type Values = ReadonlyMap<string, unknown>;

function csvValues(line: string, columns: readonly string[]): Values | undefined {
  const fields = csvFields(line);
  return fields && new Map(columns.slice(0, fields.length).map((name, i) => [name, fields[i]]));
}

function jsonValues(line: string, keys: readonly KeyAttribute[]): Values | undefined {
  try {
    // Some programs put a byte order mark before the first line.
    const object = parsed(line.replace(/^\ufeff/, ""), keys);
    return isPlainObject(object) ? new Map(Object.entries(object)) : undefined;
  } catch {
    return undefined;
  }
}

/** The object with the key attributes. Their numbers keep all digits: they become DynamoDB JSON. */
function parsed(text: string, keys: readonly KeyAttribute[]): unknown {
  const object = withKey(JSON.parse(text), keys);
  if (!isPlainObject(object) || !keys.some(({ name }) => typeof object[name] === "number")) return object;
  const exact = text.replace(STRING_OR_NUMBER, (token) => (token.startsWith('"') ? token : `{"N":"${token}"}`));
  return withKey(JSON.parse(exact), keys);
}

/** The key in a failure's record; any other object unchanged. A table's own attribute may be named `key` as well. */
function withKey(object: unknown, keys: readonly KeyAttribute[]): unknown {
  if (!isPlainObject(object) || !Object.hasOwn(object, "key")) return object;
  const { key } = object;
  return isPlainObject(key) && keys.every(({ name }) => Object.hasOwn(key, name)) ? key : object;
}
