/** Reads the items of keys with BatchGetItem. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { inBatches } from "../../aws/batches";
import { type GetBatchOptions, getBatch } from "../../aws/getBatch";
import type { Item } from "../../aws/itemSize";
import { keyName } from "./keyValue";
import type { KeysSpec } from "./spec";

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
export const MOST_BATCH_KEYS = 100;
/** Requests at the same time. */
const CONCURRENCY = 4;

export interface ReadItemsOptions {
  readonly spec: Pick<KeysSpec, "table" | "keys" | "consistentRead">;
  readonly dynamodb: DynamoDBClient;
  /** Keys of a request, 1 to 100. */
  readonly batch: number;
  /** Makes a call until it succeeds, fails for good, or time is over; must treat throttling as transient. */
  readonly retry: <T>(call: () => Promise<T>) => Promise<T>;
  readonly signal: AbortSignal;
}

export interface ReadItems {
  /** In the order of the keys. */
  readonly items: readonly Item[];
  /** Keys that have no item. */
  readonly missing: readonly Item[];
  readonly rcu: number;
}

/** Reads the items of these keys. Each key may occur only once. */
export async function readItems(keys: readonly Item[], options: ReadItemsOptions): Promise<ReadItems> {
  const { spec, batch: size, dynamodb, retry, signal } = options;
  const found = new Map<string, Item>();
  let rcu = 0;
  const { table, consistentRead } = spec;
  const answered: GetBatchOptions["answered"] = (consumed = []) => {
    for (const { CapacityUnits = 0 } of consumed) rcu += CapacityUnits;
  };
  await inBatches(keys, { size, concurrency: CONCURRENCY }, async (batch) => {
    const items = await getBatch(batch, { dynamodb, table, consistentRead, retry, signal, answered });
    for (const item of items) found.set(keyName(item, spec.keys), item);
  });
  const [items, missing]: [Item[], Item[]] = [[], []];
  for (const key of keys) {
    const item = found.get(keyName(key, spec.keys));
    if (item === undefined) missing.push(key);
    else items.push(item);
  }
  return { items, missing, rcu };
}
