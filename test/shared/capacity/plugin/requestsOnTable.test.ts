import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  type TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { DynamoDbLocal } from "../../../support/dynamoDbLocal";
import { Item, Key, limitedClient, type RecordingGate, startTables } from "./limitedTables";

describe("on DynamoDB Local", () => {
  let local: DynamoDbLocal;
  let read: RecordingGate;
  let write: RecordingGate;
  let client: DynamoDBClient;

  beforeAll(async () => {
    local = await startTables();
  });

  afterAll(() => local?.stop());

  beforeEach(() => {
    ({ client, read, write } = limitedClient(local.endpoint));
  });

  afterEach(() => client.destroy());

  const TableName = "bulk";
  /**
   * An item that takes 2 units in the table, in the local and in the global index. The local index shares the table's capacity.
   */
  const written = { table: 4, indexes: { byL: 2, byG: 2 } };

  test("writes are charged with table, local and global indexes", async () => {
    await client.send(new PutItemCommand({ TableName, Item }));
    const expression = { UpdateExpression: "SET q = :q", ExpressionAttributeValues: { ":q": { N: "1" } } };
    await client.send(new UpdateItemCommand({ TableName, Key, ...expression }));
    await client.send(new DeleteItemCommand({ TableName, Key }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { bulk: [{ PutRequest: { Item } }] } }));
    expect(write.ended).toEqual([written, written, written, written]);
    await client.send(new TransactWriteItemsCommand({ TransactItems: [{ Delete: { TableName, Key } }] }));
    expect(write.ended[4]).toEqual({ table: 8, indexes: { byL: 4, byG: 4 } });
    expect(read.ended).toEqual([]);
  });

  test("reads are charged by the size that they read, from table or index", async () => {
    await client.send(new PutItemCommand({ TableName, Item }));
    await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    await client.send(new BatchGetItemCommand({ RequestItems: { bulk: { Keys: [Key] } } }));
    await client.send(new ScanCommand({ TableName }));
    const byG = { IndexName: "byG", KeyConditionExpression: "g = :g", ExpressionAttributeValues: { ":g": { S: "g" } } };
    await client.send(new QueryCommand({ TableName, ...byG }));
    expect(read.ended).toEqual([{ table: 1 }, { table: 0.5 }, { table: 0.5 }, { table: 0, indexes: { byG: 0.5 } }]);
  });

  test("other tables and other operations pass untouched", async () => {
    await client.send(new PutItemCommand({ TableName: "other", Item }));
    await client.send(new DescribeTableCommand({ TableName }));
    expect([read.ended, write.ended]).toEqual([[], []]);
  });

  test.each([
    [undefined, undefined],
    ["NONE", undefined],
    ["TOTAL", { TableName, CapacityUnits: 6 }],
    ["INDEXES", expect.objectContaining({ CapacityUnits: 6, Table: { CapacityUnits: 2 } })],
  ] as const)("a caller that asks for %s capacity gets only that", async (ReturnConsumedCapacity, expected) => {
    const ask = ReturnConsumedCapacity === undefined ? {} : { ReturnConsumedCapacity };
    const fresh = { ...Item, s: { S: `fresh-${ReturnConsumedCapacity}` } };
    const output = await client.send(new PutItemCommand({ TableName, Item: fresh, ...ask }));
    expect(output.ConsumedCapacity).toEqual(expected);
  });

  test.each([undefined, "ALL_OLD"] as const)(
    "a failed condition is charged by the item that it met; the caller asks for %s",
    async (ask) => {
      await client.send(new PutItemCommand({ TableName, Item }));
      write.ended = [];
      const returns = ask === undefined ? {} : { ReturnValuesOnConditionCheckFailure: ask };
      const command = { TableName, Key, ConditionExpression: "attribute_not_exists(k)", ...returns };
      const error = await client.send(new DeleteItemCommand(command)).catch((each: unknown) => each);
      expect(write.ended).toEqual([{ table: 2 }]);
      expect(error).toBeInstanceOf(ConditionalCheckFailedException);
      expect((error as ConditionalCheckFailedException).Item).toEqual(ask === undefined ? undefined : Item);
    },
  );

  test("a cancelled transaction is charged twice the size of its items", async () => {
    await client.send(new PutItemCommand({ TableName, Item }));
    write.ended = [];
    const condition = { ConditionExpression: "attribute_not_exists(k)" };
    const TransactItems = [
      { Delete: { TableName, Key, ...condition } },
      { Put: { TableName, Item: { k: { S: "2" }, s: { S: "2" } } } },
    ];
    const error = await client.send(new TransactWriteItemsCommand({ TransactItems })).catch((each: unknown) => each);
    expect(write.ended).toEqual([{ table: 6 }]);
    expect((error as TransactionCanceledException).CancellationReasons?.map(({ Item: item }) => item)).toEqual([
      undefined,
      undefined,
    ]);
  });
});
