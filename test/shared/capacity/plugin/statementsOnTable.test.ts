import {
  BatchExecuteStatementCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  ExecuteStatementCommand,
  ExecuteTransactionCommand,
  PutItemCommand,
  TransactGetItemsCommand,
  type TransactionCanceledException,
} from "@aws-sdk/client-dynamodb";
import type { DynamoDbLocal } from "../../../support/dynamoDbLocal";
import { Item, limitedClient, type RecordingGate, startTables } from "./limitedTables";

describe("transactions that read and statements, on DynamoDB Local", () => {
  let local: DynamoDbLocal;
  let read: RecordingGate;
  let write: RecordingGate;
  let client: DynamoDBClient;

  beforeAll(async () => {
    local = await startTables();
  });

  afterAll(() => local?.stop());

  beforeEach(async () => {
    ({ client, read, write } = limitedClient(local.endpoint));
    await client.send(new PutItemCommand({ TableName, Item }));
    write.ended = [];
  });

  afterEach(() => client.destroy());

  const TableName = "bulk";
  const update = "UPDATE bulk SET q=? WHERE k='1' AND s='1'";
  const both = () => [read.ended, write.ended];
  const failed = "UPDATE \"bulk\" SET q=1 WHERE k='1' AND s='1' AND l='no'";
  const ALL_OLD = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;

  test("TransactGetItems is charged twice its reads, even for a missing item", async () => {
    const get = (table: string, k: string) => ({ Get: { TableName: table, Key: { k: { S: k }, s: { S: "1" } } } });
    const TransactItems = [get(TableName, "1"), get(TableName, "none"), get("other", "1")];
    const output = await client.send(new TransactGetItemsCommand({ TransactItems }));
    expect(both()).toEqual([[{ table: 4 }], []]);
    expect([output.ConsumedCapacity, output.Responses?.[0]?.Item]).toEqual([undefined, Item]);
  });

  // DynamoDB Local reports no consumption for statements, so the estimate stands.
  test.each([
    ["a SELECT", "SELECT * FROM \"bulk\" WHERE k='1' AND s='1'", undefined, [["kept"], []]],
    ["a SELECT without quotes", "select * from bulk", undefined, [["kept"], []]],
    ["a SELECT of an index", 'SELECT * FROM "bulk"."byG" WHERE g=\'g\'', undefined, [["kept"], []]],
    ["a SELECT of another table", 'SELECT * FROM "other"', undefined, [[], []]],
    ["an INSERT", "INSERT INTO bulk VALUE {'k':'i','s':?}", [{ S: "1" }], [[], ["kept"]]],
    ["an UPDATE", update, [{ N: "1" }], [[], ["kept"]]],
    ["a DELETE", "DELETE FROM bulk WHERE k='i' AND s='1'", undefined, [[], ["kept"]]],
    ["an unknown form", "FROM bulk WHERE k='1' AND s='1' SET q=2", undefined, [["kept"], ["kept"]]],
  ] as const)("ExecuteStatement of %s is gated in its direction", async (_, Statement, Parameters, expected) => {
    await client.send(new ExecuteStatementCommand({ Statement, ...(Parameters && { Parameters: [...Parameters] }) }));
    expect(both()).toEqual(expected);
  });

  test.each([{}, ALL_OLD])(
    "a statement's failed condition is charged by the item it met; caller asks %j",
    async (ask) => {
      const error = await client.send(new ExecuteStatementCommand({ Statement: failed, ...ask })).catch((each) => each);
      expect(both()).toEqual([[], [{ table: 2 }]]);
      expect(error).toBeInstanceOf(ConditionalCheckFailedException);
      expect(error.Item).toEqual(ask === ALL_OLD ? Item : undefined);
    },
  );

  test("an INSERT that meets an item is charged by the estimate", async () => {
    const Statement = "INSERT INTO bulk VALUE {'k':'1','s':'1'}";
    await expect(client.send(new ExecuteStatementCommand({ Statement }))).rejects.toThrow("Duplicate");
    expect(both()).toEqual([[], ["kept"]]);
  });

  test("a batch of statements is gated if one of them uses the table; its caller gets only the fields that it asked for", async () => {
    const other = { Statement: "UPDATE other SET q=1 WHERE k='9' AND s='1'" };
    const failedToo = { Statement: failed.replaceAll("s='1'", "s='2'"), ...ALL_OLD };
    const second = { ...Item, s: { S: "2" } };
    await client.send(new PutItemCommand({ TableName, Item: second }));
    write.ended = [];
    const Statements = [{ Statement: failed }, failedToo, other];
    const output = await client.send(new BatchExecuteStatementCommand({ Statements }));
    expect(both()).toEqual([[], ["kept"]]);
    expect(output.Responses?.map(({ Error: error }) => [error?.Code, error?.Item])).toEqual([
      ["ConditionalCheckFailed", undefined],
      ["ConditionalCheckFailed", second],
      ["ConditionalCheckFailed", undefined],
    ]);
    await client.send(new BatchExecuteStatementCommand({ Statements: [other] }));
    const selects = [{ Statement: "SELECT * FROM bulk WHERE k='1' AND s='1'" }];
    await client.send(new BatchExecuteStatementCommand({ Statements: selects }));
    expect(both()).toEqual([["kept"], ["kept"]]);
  });

  test("a transaction of statements is gated; a cancelled one is charged twice the size of its items", async () => {
    const exists = { Statement: "EXISTS(SELECT * FROM bulk WHERE k='1' AND s='1' AND l='l')" };
    const transact = (...Statements: { Statement: string }[]) =>
      client.send(new ExecuteTransactionCommand({ TransactStatements: Statements }));
    await transact({ Statement: "SELECT * FROM bulk WHERE k='1' AND s='1'" });
    await transact(exists, { Statement: "DELETE FROM bulk WHERE k='2' AND s='2'" });
    expect(both()).toEqual([["kept"], ["kept"]]);
    const error = await transact({ Statement: failed }, { Statement: "DELETE FROM bulk WHERE k='2' AND s='2'" }).catch(
      (each: TransactionCanceledException) => each,
    );
    expect(both()).toEqual([["kept"], ["kept", { table: 6 }]]);
    expect((error as TransactionCanceledException).CancellationReasons?.map(({ Item: item }) => item)).toEqual([
      undefined,
      undefined,
    ]);
  });
});
