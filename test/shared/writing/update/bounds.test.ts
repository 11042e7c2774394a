import { CreateTableCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { type Item, itemBytes } from "../../../../shared/aws/itemSize";
import { keyRules, MOST_ITEM_BYTES, outOfBounds } from "../../../../shared/writing/update/bounds";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../../support/dynamoDbLocal";
import { orders } from "./tables";

const item: Item = { id: { S: "1" }, sort: { S: "1" }, filler: { S: "x".repeat(1_000) } };
const room = MOST_ITEM_BYTES - itemBytes({ ...item, v: { S: "" } });

describe("bounds of items, the same as DynamoDB Local's", () => {
  let local: DynamoDbLocal;

  beforeAll(async () => {
    local = await startDynamoDbLocal();
    const keys = (names: readonly string[]) =>
      names.map((AttributeName, i) => ({ AttributeName, KeyType: i === 0 ? ("HASH" as const) : ("RANGE" as const) }));
    await local.client.send(
      new CreateTableCommand({
        TableName: orders.name,
        KeySchema: keys(orders.keys),
        AttributeDefinitions: Object.entries(orders.keyTypes).map(([AttributeName, AttributeType]) => ({
          AttributeName,
          AttributeType,
        })),
        GlobalSecondaryIndexes: orders.indexes.map(({ name, keys: names }) => ({
          IndexName: name,
          KeySchema: keys(names),
          Projection: { ProjectionType: "ALL" },
        })),
        BillingMode: "PAY_PER_REQUEST",
      }),
    );
  });

  afterAll(() => local?.stop());

  async function isRefused(set: Item): Promise<boolean> {
    await local.client.send(new PutItemCommand({ TableName: orders.name, Item: item }));
    const names = Object.keys(set);
    const update = new UpdateItemCommand({
      TableName: orders.name,
      Key: { id: { S: "1" }, sort: { S: "1" } },
      UpdateExpression: `SET ${names.map((_, i) => `#n${i} = :v${i}`).join(", ")}`,
      ExpressionAttributeNames: Object.fromEntries(names.map((name, i) => [`#n${i}`, name])),
      ExpressionAttributeValues: Object.fromEntries(names.map((name, i) => [`:v${i}`, set[name]!])),
    });
    try {
      await local.client.send(update);
      return false;
    } catch (error) {
      expect(error).toMatchObject({ name: "ValidationException" });
      return true;
    }
  }

  test.each<[string, Item, string | undefined]>([
    ["an item of 400 KB", { v: { S: "x".repeat(room) } }, undefined],
    ["an item with a byte more", { v: { S: "x".repeat(room + 1) } }, "ITEM_TOO_LARGE"],
    ["an item that shrinks", { filler: { S: "" } }, undefined],
    ["an empty text for a partition key", { GSIPK: { S: "" } }, "INDEX_KEY_INVALID"],
    ["an empty text for a sort key", { GSISK: { S: "" } }, "INDEX_KEY_INVALID"],
    ["an empty text for another attribute", { other: { S: "" } }, undefined],
    ["a key of another type", { Rank: { S: "1" } }, "INDEX_KEY_INVALID"],
    ["a key of its type", { Rank: { N: "1" } }, undefined],
    ["a sort key of 1,024 bytes", { GSISK: { S: "é".repeat(512) } }, undefined],
    ["a sort key with more bytes", { GSISK: { S: `${"é".repeat(512)}x` } }, "INDEX_KEY_INVALID"],
  ])("%s", async (_, set, code) => {
    expect(outOfBounds(item, set, [], keyRules(orders))?.code).toBe(code);
    expect(await isRefused(set)).toBe(code !== undefined);
  });

  test("a partition key may have 2,048 bytes, unless another index has it as its sort key", () => {
    const [byStatus] = orders.indexes;
    const alone = keyRules({ ...orders, indexes: [byStatus!] });
    const long = { GSIPK: { S: "x".repeat(2_048) } };
    expect(outOfBounds(item, long, [], alone)).toBeUndefined();
    expect(outOfBounds(item, { GSIPK: { S: "x".repeat(2_049) } }, [], alone)).toMatchObject({
      code: "INDEX_KEY_INVALID",
    });
    expect(outOfBounds(item, long, [], keyRules(orders))).toMatchObject({
      reason: 'GSIPK must have at most 1024 bytes, because it is a key of index "by-rank", but would have 2048.',
    });
  });

  test("removed attributes no longer count", () => {
    const set = { v: { S: "x".repeat(room + 1) } };
    expect(outOfBounds(item, set, ["filler"], keyRules(orders))).toBeUndefined();
  });
});
