import type { BatchGetItemCommandInput, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createTable, fillTable } from "../../../../local/fillTable";
import type { Item } from "../../../../shared/aws/itemSize";
import { isTransient } from "../../../../shared/aws/transient";
import { keysReader } from "../../../../shared/sources/keys/keysReader";
import { readItems } from "../../../../shared/sources/keys/readItems";
import type { KeysSpec } from "../../../../shared/sources/keys/spec";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../../support/dynamoDbLocal";

const { signal } = new AbortController();
let database: DynamoDbLocal;
beforeAll(async () => {
  database = await startDynamoDbLocal();
  await createTable(database.client, "numbers", {
    KeySchema: [{ AttributeName: "n", KeyType: "HASH" }],
    AttributeDefinitions: [{ AttributeName: "n", AttributeType: "N" }],
  });
  await fillTable(database.client, "numbers", 300, (n) => ({ n: { N: String(n) }, text: { S: "x".repeat(5_000) } }));
});
afterAll(() => database?.stop());

const spec = {
  ...{ kind: "keys", table: "numbers", bucket: "b", readItems: true, consistentRead: false },
  ...{ keys: [{ name: "n", type: "N" }], list: { form: "folder", prefix: "f/", objects: 0, digest: "" } },
} satisfies KeysSpec;

async function retry<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isTransient(error)) throw error;
    }
  }
}

function read(keys: readonly Item[], more: { batch?: number; consistentRead?: boolean; dynamodb?: DynamoDBClient }) {
  const { batch = 100, consistentRead = false, dynamodb = database.client } = more;
  return readItems(keys, { spec: { ...spec, consistentRead }, dynamodb, batch, retry, signal });
}
const numbers = (items: readonly Item[]) => items.map(({ n }) => n!.N);
const keys = (texts: readonly string[]) => texts.map((N) => ({ n: { N } }));

test.each([1, 7, 100])("returns items in the order of the keys, in requests of %i", async (batch) => {
  const asked = Array.from({ length: 250 }, (_, n) => String((n * 7) % 300));
  const { items, missing, rcu } = await read(keys(asked), { batch });
  expect(numbers(items)).toEqual(asked);
  expect(missing).toEqual([]);
  expect(items[0]!.text!.S).toHaveLength(5_000);
  expect(rcu).toBe(250);
});

test("keys without an item are missing, in their given form; numbers are found however they are written", async () => {
  const { items, missing } = await read(keys(["1e3", "2.0", "00", "-1", "3E0"]), {});
  expect(numbers(items)).toEqual(["2", "0", "3"]);
  expect(missing).toEqual(keys(["1e3", "-1"]));
});

test("strongly consistent reads cost twice as much", async () => {
  expect((await read(keys(["1", "2"]), { consistentRead: true })).rcu).toBe(4);
});

test("without keys there is no request", async () => {
  expect(await read([], { dynamodb: {} as DynamoDBClient })).toEqual({ items: [], missing: [], rcu: 0 });
});

test("keys that DynamoDB leaves unprocessed are requested again", async () => {
  const sizes: number[] = [];
  const send = async ({ input }: { input: BatchGetItemCommandInput }) => {
    const all = input.RequestItems!.numbers!.Keys!;
    sizes.push(all.length);
    const [done, left] = [all.slice(0, 4), all.slice(4)];
    return {
      Responses: { numbers: done },
      ConsumedCapacity: [{ CapacityUnits: 2 }],
      ...(left.length === 0 ? {} : { UnprocessedKeys: { numbers: { Keys: left } } }),
    };
  };
  const asked = Array.from({ length: 10 }, (_, n) => String(n));
  const { items, rcu } = await read(keys(asked), { dynamodb: { send } as unknown as DynamoDBClient });
  expect(numbers(items)).toEqual(asked);
  expect(sizes).toEqual([10, 6, 2]);
  expect(rcu).toBe(6);
});

describe("DynamoDB's real answers are read", () => {
  const verdict = async (key: Item, table = "numbers") => {
    const error = await readItems([key], {
      ...{ spec: { ...spec, table }, dynamodb: database.client, batch: 100, retry, signal },
    }).catch((thrown: unknown) => thrown);
    return keysReader.verdict(error, { ...spec, table });
  };

  test("the table is gone", async () => {
    expect(await verdict({ n: { N: "1" } }, "gone")).toBe("Table gone no longer exists.");
  });

  test.each<[Item]>([[{ id: { N: "1" } }], [{ n: { S: "1" } }]])("the key schema is another: %j", async (key) => {
    expect(await verdict(key)).toMatch(/^The keys of table numbers are not what they were when the job began: /);
  });
});
