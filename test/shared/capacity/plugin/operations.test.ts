import * as sdk from "@aws-sdk/client-dynamodb";
import type { Direction } from "../../../../shared/capacity/metering/direction";
import { type Input, names, type Use, useOf } from "../../../../shared/capacity/plugin/operations";

const TABLE = "bulk";
const ARN = `arn:aws:dynamodb:eu-central-1:1:table/${TABLE}`;
const read = { read: "metered", write: "none" };
const write = { read: "none", write: "metered" };
const neither = { read: "none", write: "none" };
const guessed = { read: "estimated", write: "estimated" };

const usesOf = (command: string | undefined, input: object) => {
  const of = (direction: Direction): Use => useOf(command, input as Input, TABLE, direction);
  return { read: of("read"), write: of("write") };
};

const commands = Object.keys(sdk).filter((name) => name.endsWith("Command") && name !== "$Command");

describe("every operation of the SDK", () => {
  test.each(commands)("is known: %s", (command) => {
    expect(usesOf(command, { TableName: TABLE })).not.toEqual(guessed);
  });

  test("uses capacity as in this list; operations that are not in the list consume none", () => {
    const named = commands.map((command) => [command.slice(0, -7), usesOf(command, { TableName: TABLE })] as const);
    const consuming = named.filter(([, { read, write }]) => read !== "none" || write !== "none");
    expect(Object.fromEntries(consuming)).toEqual({
      ...{ GetItem: read, Query: read, Scan: read, BatchGetItem: read, TransactGetItems: read },
      ...{ PutItem: write, UpdateItem: write, DeleteItem: write, BatchWriteItem: write, TransactWriteItems: write },
      SearchVectors: { read: "estimated", write: "none" },
      StartBulkPutItems: { read: "none", write: "unlimited" },
    });
    expect(commands.length).toBeGreaterThan(55);
  });
});

describe("a table is used by", () => {
  const statement = (Statement: string) => ({ Statement });
  const selects = statement('SELECT * FROM "bulk"');
  const updates = statement('UPDATE "bulk" SET a=1');
  const elsewhere = statement('UPDATE "other" SET a=1');
  const odd = statement("FROM other WHERE a=1 SET b=2");

  test.each<[string, string | undefined, object, ReturnType<typeof usesOf> | object]>([
    ["its name", "GetItemCommand", { TableName: TABLE }, read],
    ["its ARN", "PutItemCommand", { TableName: ARN }, write],
    ["another table's name", "PutItemCommand", { TableName: "other" }, neither],
    ["no name", "PutItemCommand", {}, neither],
    ["a batch with the table among others", "BatchGetItemCommand", { RequestItems: { other: {}, [TABLE]: {} } }, read],
    ["a batch of others", "BatchWriteItemCommand", { RequestItems: { other: [] } }, neither],
    [
      "a transaction with the table among others",
      "TransactGetItemsCommand",
      { TransactItems: [{ Get: { TableName: "other" } }, { Get: { TableName: ARN } }] },
      read,
    ],
    [
      "a transaction of others",
      "TransactGetItemsCommand",
      { TransactItems: [{ Get: { TableName: "other" } }] },
      neither,
    ],
    [
      "a transaction's condition",
      "TransactWriteItemsCommand",
      { TransactItems: [{ Put: undefined, ConditionCheck: { TableName: TABLE } }] },
      write,
    ],
    ["a statement that reads", "ExecuteStatementCommand", selects, read],
    ["a statement that writes", "ExecuteStatementCommand", updates, write],
    ["its ARN in a statement", "ExecuteStatementCommand", statement(`SELECT * FROM "${ARN}"`), read],
    ["its index in a statement", "ExecuteStatementCommand", statement('SELECT * FROM "bulk"."byG"'), read],
    ["a statement on another table", "ExecuteStatementCommand", elsewhere, neither],
    [
      "a statement on another table's index of the same name",
      "ExecuteStatementCommand",
      statement('SELECT * FROM "o"."bulk"'),
      neither,
    ],
    ["a statement of an unknown form", "ExecuteStatementCommand", odd, { read: "metered", write: "metered" }],
    ["a request without statement", "ExecuteStatementCommand", {}, neither],
    ["a batch of statements, some on it", "BatchExecuteStatementCommand", { Statements: [elsewhere, selects] }, read],
    [
      "a batch of statements in both directions",
      "BatchExecuteStatementCommand",
      { Statements: [updates, selects] },
      { read: "metered", write: "metered" },
    ],
    ["a batch of statements on others", "BatchExecuteStatementCommand", { Statements: [elsewhere] }, neither],
    ["a transaction of statements", "ExecuteTransactionCommand", { TransactStatements: [elsewhere, updates] }, write],
    ["a known operation on the table itself", "UpdateTableCommand", { TableName: TABLE }, neither],
    ["an unknown operation that names it", "NewCommand", { TableName: TABLE }, guessed],
    ["an unknown operation with its ARN", "NewCommand", { Source: ARN }, guessed],
    ["an unknown operation that names it deep inside", "NewCommand", { Parts: [{ Get: { From: TABLE } }] }, guessed],
    ["an unknown operation with it as a key", "NewCommand", { Tables: { [TABLE]: null } }, guessed],
    [
      "an unknown operation on others",
      "NewCommand",
      { TableName: "other", n: 1, b: new Uint8Array(9), x: null },
      neither,
    ],
    ["an operation without a name", undefined, { TableName: TABLE }, guessed],
  ])("%s: %s", (_, command, input, expected) => {
    expect(usesOf(command, input)).toEqual(expected);
  });
});

test.each([
  [TABLE, true],
  [ARN, true],
  [undefined, false],
  ["bulky", false],
  ["x/table/bulk", false],
  [`${ARN}/index/byG`, false],
])("%s is the table: %s", (name, expected) => {
  expect(names(name, TABLE)).toBe(expected);
});
