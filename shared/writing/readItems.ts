/** Reads items of a table by their keys, strongly consistently. */
import { BatchGetItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { inBatches } from "../aws/batches";
import type { Item } from "../aws/itemSize";
import { unprocessed } from "../aws/unprocessed";
import { keyText } from "./keyText";

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const MOST_KEYS = 100;
/** Requests at the same time. */
const CONCURRENCY = 4;

export interface ReadItemsOptions {
  /** Its capacity is limited where the client is created. */
  readonly dynamodb: DynamoDBClient;
  /** Must treat throttling as transient. */
  readonly retry: <T>(call: () => Promise<T>) => Promise<T>;
}

/** The items that exist, by `keyText`. @param keys only the key attributes; a key may occur twice. */
export async function readItems(
  table: string,
  keys: readonly Item[],
  { dynamodb, retry }: ReadItemsOptions,
): Promise<ReadonlyMap<string, Item>> {
  const wanted = new Map(keys.map((key) => [keyText(key), key]));
  const names = Object.keys(keys[0] ?? {});
  const found = new Map<string, Item>();
  await inBatches(wanted.values(), { size: MOST_KEYS, concurrency: CONCURRENCY }, async (batch) => {
    let left = [...batch];
    await retry(async () => {
      const RequestItems = { [table]: { Keys: left, ConsistentRead: true } };
      const command = new BatchGetItemCommand({ RequestItems, ReturnConsumedCapacity: "INDEXES" });
      const { Responses, UnprocessedKeys } = await dynamodb.send(command);
      for (const item of Responses?.[table] ?? []) {
        found.set(keyText(Object.fromEntries(names.map((name) => [name, item[name]!]))), item);
      }
      left = UnprocessedKeys?.[table]?.Keys ?? [];
      if (left.length > 0) throw unprocessed(left.length, "keys");
    });
  });
  return found;
}
