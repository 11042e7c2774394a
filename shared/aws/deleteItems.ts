/** Deletes many items of a table. */
import { BatchWriteItemCommand, type DynamoDBClient, type WriteRequest } from "@aws-sdk/client-dynamodb";
import { inBatches } from "./batches";
import type { Item } from "./itemSize";
import { unprocessed } from "./unprocessed";

/** BatchWriteItem takes at most this many requests. */
const BATCH = 25;
/** Batches at the same time: some thousand items a second. */
const CONCURRENCY = 8;

export interface DeleteItemsOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** Makes a call until it succeeds, fails for good, or time is over; must treat throttling as transient. */
  readonly retry: <T>(call: () => Promise<T>) => Promise<T>;
}

/**
 * Deletes the items of these keys; keys of missing items do no harm. Each key may occur only once.
 * @returns the number of keys.
 */
export function deleteItems(options: DeleteItemsOptions, keys: AsyncIterable<Item> | Iterable<Item>): Promise<number> {
  return inBatches(keys, { size: BATCH, concurrency: CONCURRENCY }, (batch) => deleteBatch(options, batch));
}

async function deleteBatch({ client, table, retry }: DeleteItemsOptions, keys: readonly Item[]): Promise<void> {
  let left: WriteRequest[] = keys.map((Key) => ({ DeleteRequest: { Key } }));
  await retry(async () => {
    const input = { RequestItems: { [table]: left } };
    const { UnprocessedItems = {} } = await client.send(new BatchWriteItemCommand(input));
    left = UnprocessedItems[table] ?? [];
    if (left.length > 0) throw unprocessed(left.length, "items");
  });
}
