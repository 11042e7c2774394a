import {
  type AttributeValue,
  type ConsumedCapacity,
  CreateTableCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import type { Item } from "../../../shared/aws/itemSize";
import { consumptionOf } from "../../../shared/capacity/metering/consumption";
import { type IndexSchema, schemaOf, type TableSchema } from "../../../shared/tables/schema";
import { writeConsumption } from "../../../shared/tables/writeConsumption";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../support/dynamoDbLocal";

const schema: TableSchema = {
  name: "orders",
  keys: ["pk", "sk"],
  keyTypes: { pk: "S", sk: "S", g: "S", l: "N" },
  indexes: [
    { name: "all", kind: "global", keys: ["g", "l"], projection: "ALL" },
    { name: "keysOnly", kind: "global", keys: ["g"], projection: [] },
    { name: "some", kind: "global", keys: ["g"], projection: ["a"] },
    { name: "local", kind: "local", keys: ["pk", "l"], projection: ["a"] },
  ],
};
const localAll: IndexSchema = { name: "localAll", kind: "local", keys: ["pk", "l"], projection: "ALL" };
const key = { pk: { S: "p" }, sk: { S: "s" } };
const text = (length: number) => ({ S: "x".repeat(length) });
const full: Item = { ...key, g: { S: "g" }, l: { N: "1" }, a: text(10), b: text(10) };
const one = { all: 1, keysOnly: 1, some: 1, local: 1 };

test.each<[string, Item | undefined, Item | undefined, number, Record<string, number> | undefined]>([
  ["a new item without index keys", undefined, key, 1, undefined],
  ["a new item goes into every index", undefined, full, 2, one],
  ["a deleted item leaves every index", full, undefined, 2, one],
  ["a delete of nothing", undefined, undefined, 1, undefined],
  ["the larger of both items counts", { ...key, b: text(3_000) }, key, 3, undefined],
  [
    "an unprojected attribute concerns only indexes that project everything",
    full,
    { ...full, b: text(9) },
    1,
    { all: 1 },
  ],
  ["a projected attribute", full, { ...full, a: text(9) }, 2, { all: 1, some: 1, local: 1 }],
  ["a changed index key is a delete and a put", full, { ...full, g: { S: "h" } }, 1, { all: 2, keysOnly: 2, some: 2 }],
  ["an index key that is removed", full, { ...key, g: { S: "g" }, a: text(10), b: text(10) }, 2, { all: 1, local: 1 }],
  ["a number written in another way is the same key", full, { ...full, l: { N: "1.0" } }, 1, undefined],
  [
    "large projections",
    undefined,
    { ...full, a: text(2_000), b: text(2_000) },
    7,
    { all: 4, keysOnly: 1, some: 2, local: 3 },
  ],
])("%s", (_, before, after, table, indexes) => {
  const consumption = writeConsumption(before, after, schema);
  expect({ ...consumption, indexes: consumption.indexes && { ...consumption.indexes } }).toEqual({ table, indexes });
});

test("a key of the wrong type keeps an item out of an index", () => {
  const item = { ...key, g: { N: "1" } } as Item;
  expect(writeConsumption(undefined, item, schema)).toEqual({ table: 1 });
});

describe("compared with DynamoDB Local", () => {
  let local: DynamoDbLocal;
  let real: TableSchema;
  const TableName = schema.name;
  beforeAll(async () => {
    local = await startDynamoDbLocal();
    await createTable();
  });
  afterAll(() => local?.stop());

  async function createTable() {
    const keySchema = ([hash, range]: readonly string[]) => [
      { AttributeName: hash, KeyType: "HASH" as const },
      ...(range === undefined ? [] : [{ AttributeName: range, KeyType: "RANGE" as const }]),
    ];
    const indexes = (kind: string) =>
      [...schema.indexes, localAll]
        .filter((index) => index.kind === kind)
        .map(({ name, keys, projection }) => ({
          IndexName: name,
          KeySchema: keySchema(keys),
          Projection:
            projection === "ALL"
              ? { ProjectionType: "ALL" as const }
              : projection.length === 0
                ? { ProjectionType: "KEYS_ONLY" as const }
                : { ProjectionType: "INCLUDE" as const, NonKeyAttributes: [...projection] },
        }));
    await local.client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: keySchema(schema.keys),
        AttributeDefinitions: Object.entries(schema.keyTypes).map(([AttributeName, AttributeType]) => ({
          AttributeName,
          AttributeType,
        })),
        GlobalSecondaryIndexes: indexes("global"),
        LocalSecondaryIndexes: indexes("local"),
      }),
    );
    const { Table = {} } = await local.client.send(new DescribeTableCommand({ TableName }));
    real = schemaOf(Table);
  }

  const size = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 900, max: 2_500 }));
  const attributes = fc.record(
    {
      g: fc.constantFrom<AttributeValue[]>({ S: "g" }, { S: "h" }),
      l: fc.constantFrom<AttributeValue[]>({ N: "1" }, { N: "2" }),
      a: size.map((length): AttributeValue => text(length)),
      b: size.map((length): AttributeValue => text(length)),
    },
    { requiredKeys: [] },
  );
  const version = fc.option(
    attributes.map((more): Item => ({ ...key, ...(more as Item) })),
    { nil: undefined },
  );

  const ask = { TableName, ReturnConsumedCapacity: "INDEXES" } as const;
  async function prepare(item: Item | undefined) {
    if (item) await local.client.send(new PutItemCommand({ TableName, Item: item }));
    else await local.client.send(new DeleteItemCommand({ TableName, Key: key }));
  }
  async function write(after: Item | undefined): Promise<ConsumedCapacity | undefined> {
    const command = after ? new PutItemCommand({ ...ask, Item: after }) : new DeleteItemCommand({ ...ask, Key: key });
    return (await local.client.send(command as PutItemCommand)).ConsumedCapacity;
  }

  async function update(before: Item, after: Item): Promise<ConsumedCapacity | undefined> {
    const names = ["g", "l", "a", "b"];
    const set = names.filter((name) => name in after);
    const remove = names.filter((name) => name in before && !(name in after));
    const list = (word: string, parts: string[]) => (parts.length === 0 ? "" : `${word} ${parts.join(", ")} `);
    const UpdateExpression =
      list(
        "SET",
        set.map((name) => `#${name} = :${name}`),
      ) +
      list(
        "REMOVE",
        remove.map((name) => `#${name}`),
      );
    const used = [...set, ...remove];
    const command = new UpdateItemCommand({
      ...ask,
      Key: key,
      ...(used.length > 0 && {
        UpdateExpression,
        ExpressionAttributeNames: Object.fromEntries(used.map((name) => [`#${name}`, name])),
      }),
      ...(set.length > 0 && {
        ExpressionAttributeValues: Object.fromEntries(set.map((name) => [`:${name}`, after[name]!])),
      }),
    });
    return (await local.client.send(command)).ConsumedCapacity;
  }

  const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

  /**
   * DynamoDB Local also charges an index with two keys if the item had only one of them before and has only the other now. Then
   * the item was never in the index, and AWS documents that this costs nothing.
   */
  const halves = (before: Item | undefined, after: Item | undefined) => {
    const has = (item: Item | undefined, name: string) => item !== undefined && name in item;
    const half = (item: Item | undefined) => has(item, "g") !== has(item, "l");
    return half(before) && half(after) && has(before, "g") !== has(after, "g");
  };

  test("puts, updates and deletes", async () => {
    const property = fc.asyncProperty(version, version, fc.boolean(), async (before, after, updates) => {
      fc.pre(!halves(before, after));
      await prepare(before);
      const capacity = await (updates && before && after ? update(before, after) : write(after));
      expect(plain(writeConsumption(before, after, real))).toEqual(plain(consumptionOf(capacity!)));
    });
    await fc.assert(property, { numRuns: 300 });
  });
});
