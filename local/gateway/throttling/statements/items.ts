/** Reads the statements' items from DynamoDB itself. */

import { sameValue } from "../../../../shared/aws/expressions/sameValue";
import type { Item } from "../../../../shared/aws/itemSize";
import type { TableSchema } from "../../../../shared/tables/schema";
import { askDynamoDb } from "../../askDynamoDb";
import type { BackendRequest, BackendResponse } from "../../message";
import { jsonOf } from "../../rewrite";
import { itemOf, type WireItem } from "../../wire";

/** An item by its table and its key attributes. */
export interface ItemKey {
  readonly schema: TableSchema;
  readonly key: WireItem;
}

/** The key from these attributes; undefined unless they are the complete key, with the table's types. */
export function keyIn(attributes: WireItem, schema: TableSchema): ItemKey | undefined {
  const { keys, keyTypes } = schema;
  const valid = (name: string) => Boolean(attributes[name]?.[keyTypes[name] ?? ""]);
  if (!keys.every(valid)) return undefined;
  return { schema, key: Object.fromEntries(keys.map((name) => [name, attributes[name]!])) };
}

/** The items as they are now, in the order of the keys; undefined if there is no item, or no key. */
export async function readItems(
  keys: readonly (ItemKey | undefined)[],
  send: (request: BackendRequest) => Promise<BackendResponse>,
  region: string,
): Promise<(Item | undefined)[]> {
  const RequestItems = requestItems(keys);
  if (Object.keys(RequestItems).length === 0) return keys.map(() => undefined);
  const response = await askDynamoDb(send, region, "BatchGetItem", { RequestItems });
  const found = jsonOf<{ Responses?: Record<string, WireItem[]> }>(response)?.Responses ?? {};
  const items = Object.fromEntries(Object.entries(found).map(([table, of]) => [table, of.map(itemOf)]));
  return keys.map((wanted) => wanted && items[wanted.schema.name]?.find((item) => isOf(wanted, item)));
}

/** Each key once: BatchGetItem refuses duplicates. */
function requestItems(keys: readonly (ItemKey | undefined)[]): Record<string, object> {
  const byTable = new Map<string, Map<string, WireItem>>();
  for (const wanted of keys) {
    if (!wanted) continue;
    const own = byTable.get(wanted.schema.name) ?? new Map<string, WireItem>();
    byTable.set(wanted.schema.name, own.set(JSON.stringify(wanted.key), wanted.key));
  }
  const entries = [...byTable].map(([table, own]) => [table, { Keys: [...own.values()], ConsistentRead: true }]);
  return Object.fromEntries(entries);
}

function isOf({ schema, key }: ItemKey, item: Item): boolean {
  const wanted = itemOf(key);
  return schema.keys.every((name) => item[name] !== undefined && sameValue(item[name], wanted[name]!));
}
