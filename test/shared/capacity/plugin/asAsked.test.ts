import { ConditionalCheckFailedException, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { errorAsAsked, metered, outputAsAsked } from "../../../../shared/capacity/plugin/asAsked";
import type { Input } from "../../../../shared/capacity/plugin/operations";
import type { Output } from "../../../../shared/capacity/plugin/outcome";

const ALL_OLD = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" };
const INDEXES = { ReturnConsumedCapacity: "INDEXES" };
const TOTAL = { ReturnConsumedCapacity: "TOTAL" };
const item = () => ({ k: { S: "1" } });

const select = { Statement: "SELECT * FROM bulk" };
const insert = { Statement: "INSERT INTO bulk VALUE {'k':'1'}" };
const update = { Statement: "UPDATE bulk SET a=1 WHERE k='1'", Parameters: [{ S: "x" }] };
const remove = { Statement: "DELETE FROM bulk WHERE k='1'" };
const exists = { Statement: "EXISTS(SELECT * FROM bulk WHERE k='1')" };
const odd = { Statement: "FROM bulk WHERE k='1' SET a=1" };
const get = { Get: { TableName: "bulk" } };

test.each<[string, Input, Input]>([
  ["a request", { TableName: "bulk" }, { TableName: "bulk", ...INDEXES }],
  ["a request that asks for less", { TableName: "bulk", ...TOTAL }, { TableName: "bulk", ...INDEXES }],
  [
    "a conditional request",
    { TableName: "bulk", ConditionExpression: "c" },
    { TableName: "bulk", ConditionExpression: "c", ...INDEXES, ...ALL_OLD },
  ],
  [
    "a transaction that writes",
    { TransactItems: [{ Put: { TableName: "bulk" } }, { Delete: { TableName: "bulk", ConditionExpression: "c" } }] },
    {
      TransactItems: [
        { Put: { TableName: "bulk" } },
        { Delete: { TableName: "bulk", ConditionExpression: "c", ...ALL_OLD } },
      ],
      ...INDEXES,
    },
  ],
  ["a transaction that reads", { TransactItems: [get] }, { TransactItems: [get], ...TOTAL }],
  [
    "a transaction that reads, with a value that the service may refuse",
    { TransactItems: [get], ...INDEXES },
    { TransactItems: [get], ...INDEXES },
  ],
  ["a SELECT", select, { ...select, ...INDEXES }],
  ["an INSERT", insert, { ...insert, ...INDEXES }],
  ["an UPDATE", update, { ...update, ...INDEXES, ...ALL_OLD }],
  ["a DELETE", remove, { ...remove, ...INDEXES, ...ALL_OLD }],
  ["an unknown form", odd, { ...odd, ...INDEXES }],
  [
    "a batch of statements",
    { Statements: [update, insert] },
    { Statements: [{ ...update, ...ALL_OLD }, insert], ...INDEXES },
  ],
  [
    "a transaction of statements that write",
    { TransactStatements: [remove, exists] },
    { TransactStatements: [{ ...remove, ...ALL_OLD }, exists], ...INDEXES },
  ],
  [
    "a transaction of statements that read",
    { TransactStatements: [select], ...TOTAL },
    { TransactStatements: [select], ...TOTAL },
  ],
  [
    "a transaction with an unknown form",
    { TransactStatements: [remove, odd] },
    { TransactStatements: [{ ...remove, ...ALL_OLD }, odd], ...TOTAL },
  ],
])("with %s, the request asks for what metering needs", (_, input, expected) => {
  const before = structuredClone(input);
  expect(metered(input)).toEqual(expected);
  expect(input).toEqual(before);
});

describe("a caller gets", () => {
  const full = () => ({
    TableName: "bulk",
    CapacityUnits: 6,
    Table: { CapacityUnits: 2 },
    LocalSecondaryIndexes: { byL: { CapacityUnits: 2 } },
    GlobalSecondaryIndexes: { byG: { CapacityUnits: 2 } },
  });
  const sums = { TableName: "bulk", CapacityUnits: 6 };

  test.each<[string | undefined, unknown, unknown]>([
    [undefined, undefined, undefined],
    ["NONE", undefined, undefined],
    ["TOTAL", sums, [sums, sums]],
    ["INDEXES", full(), [full(), full()]],
  ])("the capacity that it asked for: %s", (asked, one, several) => {
    const input = asked === undefined ? {} : { ReturnConsumedCapacity: asked };
    const outputs: Output[] = [{ ConsumedCapacity: full() }, { ConsumedCapacity: [full(), full()] }, {}];
    for (const output of outputs) outputAsAsked(output, input);
    expect(outputs[0]!.ConsumedCapacity).toEqual(one);
    expect(outputs[1]!.ConsumedCapacity).toEqual(several);
    expect(outputs[2]).toEqual({});
    if (asked === undefined) expect(outputs[0]).not.toHaveProperty("ConsumedCapacity");
  });

  test("the items of failed statements of a batch, if it asked for them", () => {
    const failed = () => ({ Error: { Code: "ConditionalCheckFailed", Item: item() } });
    const output = { Responses: [failed(), failed(), {}] };
    outputAsAsked(output, { Statements: [{ ...update, ...ALL_OLD }, update, update] });
    expect(output.Responses).toEqual([failed(), { Error: { Code: "ConditionalCheckFailed" } }, {}]);
  });

  test.each([
    ["UpdateItem or ExecuteStatement, not asked", {}, undefined],
    ["not quite asked", { ReturnValuesOnConditionCheckFailure: "NONE" }, undefined],
    ["asked", ALL_OLD, item()],
  ])("the item that failed a condition, if it asked for the item: %s", (_, input, expected) => {
    const error = new ConditionalCheckFailedException({ message: "no", $metadata: {}, Item: item() });
    errorAsAsked(error, input);
    expect(error.Item).toEqual(expected);
  });

  test.each<[string, Input]>([
    ["items", { TransactItems: [{ Put: undefined, Update: { ...ALL_OLD } }, { Delete: {} }, {}] }],
    ["statements", { TransactStatements: [{ ...update, ...ALL_OLD }, update] }],
  ])("the items that failed a transaction's conditions, if it asked for them: %s", (_, input) => {
    const CancellationReasons = [{ Code: "a", Item: item() }, { Code: "b", Item: item() }, { Code: "c" }];
    const error = new TransactionCanceledException({ message: "no", $metadata: {}, CancellationReasons });
    errorAsAsked(error, input);
    expect(error.CancellationReasons).toEqual([{ Code: "a", Item: item() }, { Code: "b" }, { Code: "c" }]);
  });

  test("any other error as it is", () => {
    const error = Object.assign(new Error("no"), { Item: item(), CancellationReasons: [{ Item: item() }] });
    const before = structuredClone({ ...error });
    errorAsAsked(error, {});
    expect({ ...error }).toEqual(before);
    errorAsAsked(new TransactionCanceledException({ message: "no", $metadata: {} }), {});
  });
});
