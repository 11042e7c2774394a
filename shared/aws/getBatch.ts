/** Reads items of a table with BatchGetItem. */
import { BatchGetItemCommand, type ConsumedCapacity, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Item } from "./itemSize";
import { unprocessed } from "./unprocessed";

export interface GetBatchOptions {
  readonly dynamodb: DynamoDBClient;
  readonly table: string;
  readonly consistentRead: boolean;
  /** Makes a call until it succeeds, fails for good, or time is over; must treat throttling as transient. */
  readonly retry: <T>(call: () => Promise<T>) => Promise<T>;
  readonly signal: AbortSignal | undefined;
  /** Called with what each answer consumed, and how many keys it processed. */
  readonly answered: (consumed: readonly ConsumedCapacity[] | undefined, keys: number) => void;
}

/**
 * Reads the keys that DynamoDB leaves unprocessed again.
 * @param keys 1 to 100, each once. @returns the items that exist, in any order
 */
export async function getBatch(keys: readonly Item[], options: GetBatchOptions): Promise<Item[]> {
  const { dynamodb, table, consistentRead, retry, signal, answered } = options;
  const items: Item[] = [];
  let left = [...keys];
  await retry(async () => {
    const request = { Keys: left, ConsistentRead: consistentRead || undefined };
    const command = new BatchGetItemCommand({ RequestItems: { [table]: request }, ReturnConsumedCapacity: "INDEXES" });
    const output = await dynamodb.send(command, signal === undefined ? {} : { abortSignal: signal });
    items.push(...(output.Responses?.[table] ?? []));
    const undone = output.UnprocessedKeys?.[table]?.Keys ?? [];
    answered(output.ConsumedCapacity, left.length - undone.length);
    left = undone;
    if (left.length > 0) throw unprocessed(left.length, "keys");
  });
  return items;
}
