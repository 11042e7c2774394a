/** Makes a table and fills it, for demonstrations, benchmarks and the soak. */
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import type { Item } from "../shared/aws/itemSize";

/** BatchWriteItem takes at most this many items. */
const BATCH = 25;
/** Requests under way at once: enough to keep DynamoDB Local busy. */
const LANES = 8;

/** An on-demand table whose key is the string `id`, unless `changes` differ. */
export async function createTable(
  client: DynamoDBClient,
  table: string,
  changes: Partial<CreateTableCommandInput> = {},
): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      ...changes,
    }),
  );
}

/** A key of strings, for {@link createTable}: a hash attribute, and perhaps a range attribute. */
export function stringKeys(...names: [hash: string] | [hash: string, range: string]) {
  return {
    KeySchema: names.map((AttributeName, at) => ({ AttributeName, KeyType: at === 0 ? "HASH" : "RANGE" }) as const),
    AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: "S" }) as const),
  };
}

/**
 * Puts items 0 to `count` - 1.
 * @param item makes the n-th one. @param progress gets the number of items after each batch.
 */
export async function fillTable(
  client: DynamoDBClient,
  table: string,
  count: number,
  item: (n: number) => Item,
  progress: (done: number) => void = () => undefined,
): Promise<void> {
  let next = 0;
  let done = 0;
  const lane = async () => {
    while (next < count) {
      const first = next;
      next = Math.min(count, first + BATCH);
      const size = next - first;
      await putBatch(
        client,
        table,
        Array.from({ length: size }, (_, index) => item(first + index)),
      );
      done += size;
      progress(done);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

async function putBatch(client: DynamoDBClient, table: string, items: readonly Item[]): Promise<void> {
  let RequestItems = { [table]: items.map((Item) => ({ PutRequest: { Item } })) };
  for (;;) {
    const { UnprocessedItems = {} } = await client.send(new BatchWriteItemCommand({ RequestItems }));
    if (Object.keys(UnprocessedItems).length === 0) return;
    RequestItems = UnprocessedItems as typeof RequestItems;
  }
}
