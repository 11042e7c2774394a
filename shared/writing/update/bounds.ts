/**
 * Finds, before an item is sent, what DynamoDB would refuse: an item that is too large, and values that an index key can't
 * have. A test compares them with DynamoDB Local.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { atMostItemBytes, type Item, valueBytes } from "../../aws/itemSize";
import type { KeyType, TableSchema } from "../../tables/schema";
import { appliedBytes } from "../applied";
import { type Failure, failure } from "./itemUpdate";

/** 400 KB, names and values together. */
export const MOST_ITEM_BYTES = 409_600;
const MOST_PARTITION_KEY_BYTES = 2_048;
const MOST_SORT_KEY_BYTES = 1_024;

/** The rule for values of a key attribute. */
export interface KeyRule {
  readonly type: KeyType;
  readonly mostBytes: number;
  /** Whose key it is: `table orders` or `index "by-day"`. */
  readonly of: string;
}

export type KeyRules = ReadonlyMap<string, KeyRule>;

/** The rules for a change of an item: without the table's keys, which don't change. */
export function keyRules(schema: TableSchema): KeyRules {
  return new Map([...putRules(schema)].filter(([attribute]) => !schema.keys.includes(attribute)));
}

/**
 * The rules for a new item, by attribute: the table's keys, then those of indexes. If the table and indexes have an attribute
 * as a key, the strictest one.
 */
export function putRules({ name, keys, keyTypes, indexes }: TableSchema): KeyRules {
  const rules = new Map<string, KeyRule>();
  const holders = [{ of: `table ${name}`, keys }, ...indexes.map((each) => ({ ...each, of: `index "${each.name}"` }))];
  for (const { of, keys: attributes } of holders) {
    for (const [place, attribute] of attributes.entries()) {
      const mostBytes = place === 0 ? MOST_PARTITION_KEY_BYTES : MOST_SORT_KEY_BYTES;
      if (mostBytes >= (rules.get(attribute)?.mostBytes ?? Number.POSITIVE_INFINITY)) continue;
      rules.set(attribute, { type: keyTypes[attribute] ?? "S", mostBytes, of });
    }
  }
  return rules;
}

/** A text that follows the attribute's name. */
export function keyProblem(value: AttributeValue, { type, mostBytes, of }: KeyRule): string | undefined {
  const key = `because it is a key of ${of}`;
  if (value[type] === undefined) return `must be of type ${type}, ${key}`;
  if (type === "N") return undefined;
  const bytes = valueBytes(value);
  if (bytes === 0) return `must not be empty, ${key}`;
  return bytes > mostBytes ? `must have at most ${mostBytes} bytes, ${key}, but would have ${bytes}` : undefined;
}

/** Why DynamoDB would refuse the changed item; undefined: it wouldn't. */
export function outOfBounds(item: Item, set: Item, remove: readonly string[], rules: KeyRules): Failure | undefined {
  for (const [attribute, rule] of rules) {
    const value = Object.hasOwn(set, attribute) ? set[attribute] : undefined;
    const problem = value && keyProblem(value, rule);
    if (problem !== undefined) return failure("INDEX_KEY_INVALID", `${attribute} ${problem}.`);
  }
  if (atMostItemBytes(item) + atMostItemBytes(set) <= MOST_ITEM_BYTES) return undefined;
  const bytes = appliedBytes(item, set, remove);
  if (bytes <= MOST_ITEM_BYTES) return undefined;
  return failure("ITEM_TOO_LARGE", `The item would have ${bytes} bytes; DynamoDB allows at most ${MOST_ITEM_BYTES}.`);
}
