import {
  BatchExecuteStatementCommand,
  type BatchStatementRequest,
  ConditionalCheckFailedException,
  DuplicateItemException,
  ExecuteStatementCommand,
  ExecuteTransactionCommand,
  GetItemCommand,
  ThrottlingException,
  TransactionCanceledException,
} from "@aws-sdk/client-dynamodb";
import {
  createTable,
  failure,
  key,
  type ModelledGateway,
  modelledGateway,
  provision,
  putItem,
  recorded,
  text,
} from "../modelledGateway";

let gateway: ModelledGateway;
let tables = 0;
let TableName: string;

beforeAll(async () => {
  gateway = await modelledGateway();
});
afterAll(() => gateway?.stop());

beforeEach(async () => {
  TableName = `table.${tables++}`;
  await createTable(gateway, TableName);
});
afterEach(() => gateway.throttling.off());

const put = (pk: string, more: object = {}) => putItem(gateway, TableName, pk, { Item: more as never });
const units = (kind: "rcu" | "wcu", index?: string) => recorded(gateway, TableName, kind, index);
const record = () => gateway.throttling.set({ table: TableName, mode: "record" });
const where = (pk: string) => `WHERE "pk" = '${pk}'`;
const update = (pk: string, more: Partial<BatchStatementRequest> = {}): BatchStatementRequest => ({
  Statement: `UPDATE "${TableName}" SET "q" = ? ${where(pk)}`,
  Parameters: [{ N: "1" }],
  ...more,
});
const unmet = (pk: string): BatchStatementRequest => ({
  Statement: `UPDATE "${TableName}" SET "q" = 1 ${where(pk)} AND "q" = 7`,
});
const insert = (pk: string, length = 0): BatchStatementRequest => ({
  Statement: `INSERT INTO "${TableName}" VALUE {'pk': ?, 'group': 'g', 'fill': ?}`,
  Parameters: [{ S: pk }, text(length)],
});
const remove = (pk: string): BatchStatementRequest => ({ Statement: `DELETE FROM "${TableName}" ${where(pk)}` });
const select = (pk: string): BatchStatementRequest => ({
  Statement: `SELECT "pk" FROM "${TableName}" ${where(pk)}`,
  ConsistentRead: true,
});
const batch = (Statements: BatchStatementRequest[], ReturnConsumedCapacity?: "INDEXES" | "TOTAL" | "NONE") =>
  gateway.client.send(
    new BatchExecuteStatementCommand({ Statements, ...(ReturnConsumedCapacity && { ReturnConsumedCapacity }) }),
  );
const get = async (pk: string) => (await gateway.client.send(new GetItemCommand({ TableName, Key: key(pk) }))).Item;
const large = { fill: text(1_500), group: { S: "g" } };
const ALL_OLD = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;

describe("the consumption of statements, by the sizes of their items", () => {
  test("an update by the larger item, in an index of everything too", async () => {
    await put("a", large);
    const { ConsumedCapacity } = await batch([update("a")], "INDEXES");
    expect(ConsumedCapacity).toEqual([
      {
        TableName,
        CapacityUnits: 4,
        Table: { CapacityUnits: 2 },
        GlobalSecondaryIndexes: { byGroup: { CapacityUnits: 2 } },
      },
    ]);
  });

  test("a batch as a sum; failed conditions are in the record but not in the report", async () => {
    await put("a", large);
    await put("b", large);
    await put("c");
    await put("e", large);
    await record();
    const { ConsumedCapacity, Responses } = await batch(
      [update("c"), unmet("a"), remove("b"), remove("none"), insert("d", 900), insert("e"), update("neither")],
      "INDEXES",
    );
    expect(Responses?.map(({ Error: error }) => error?.Code)).toEqual([
      ...[undefined, "ConditionalCheckFailed", undefined, undefined, undefined, "DuplicateItem"],
      "ConditionalCheckFailed",
    ]);
    // The table: update 1, delete 2, delete of nothing 1, insert 1. The index: delete 2, insert 1.
    expect(ConsumedCapacity).toEqual([
      {
        TableName,
        CapacityUnits: 8,
        Table: { CapacityUnits: 5 },
        GlobalSecondaryIndexes: { byGroup: { CapacityUnits: 3 } },
      },
    ]);
    // Failed: a condition and a duplicate met 2 KB, an update met nothing.
    expect([units("wcu"), units("wcu", "byGroup")]).toEqual([5 + 2 + 2 + 1, 3]);
  });

  test("only what the caller asks for is returned", async () => {
    await put("a", large);
    await record();
    const total = await batch([update("a"), { ...unmet("b") }], "TOTAL");
    expect(total.ConsumedCapacity).toEqual([{ TableName, CapacityUnits: 4 }]);
    const nothing = await batch([unmet("a")]);
    expect([nothing.ConsumedCapacity, nothing.Responses?.[0]?.Error]).toEqual([
      undefined,
      { Code: "ConditionalCheckFailed", Message: "The conditional request failed" },
    ]);
    const asked = await batch([{ ...unmet("a"), ...ALL_OLD }], "NONE");
    expect(asked.Responses?.[0]?.Error?.Item).toMatchObject({ ...key("a"), ...large });
    expect((await batch([unmet("a")], "INDEXES")).ConsumedCapacity).toEqual([]);
  });

  test("reads of single items", async () => {
    await put("a", { fill: text(5_000) });
    await record();
    const { ConsumedCapacity, Responses } = await batch([select("a"), select("none")], "INDEXES");
    expect(ConsumedCapacity).toEqual([{ TableName, CapacityUnits: 3, Table: { CapacityUnits: 3 } }]);
    expect(Responses?.map(({ Item }) => Item)).toEqual([key("a"), undefined]);
    expect(units("rcu")).toBe(3);
  });

  test("a statement by itself", async () => {
    await put("a", large);
    await record();
    const send = (statement: BatchStatementRequest) =>
      gateway.client.send(
        new ExecuteStatementCommand({
          ...statement,
          Statement: statement.Statement!,
          ReturnConsumedCapacity: "INDEXES",
        }),
      );
    expect((await send(update("a"))).ConsumedCapacity?.CapacityUnits).toBe(4);
    const failed = await failure(send(unmet("a")));
    expect(failed).toBeInstanceOf(ConditionalCheckFailedException);
    expect((failed as ConditionalCheckFailedException).Item).toBeUndefined();
    expect(units("wcu")).toBe(2 + 2);
    const page = await send({ Statement: `SELECT * FROM "${TableName}"."byGroup" WHERE "group" = 'g'` });
    expect([page.Items?.length, page.ConsumedCapacity?.CapacityUnits]).toEqual([1, 0.5]);
    expect([units("rcu"), units("rcu", "byGroup")]).toEqual([0, 0.5]);
  });

  test("a transaction twice for tables and once for indexes, even if it is cancelled", async () => {
    await put("a", large);
    await put("b");
    await record();
    const transact = (...TransactStatements: BatchStatementRequest[]) =>
      gateway.client.send(
        new ExecuteTransactionCommand({
          TransactStatements: TransactStatements as { Statement: string }[],
          ReturnConsumedCapacity: "TOTAL",
        }),
      );
    const { ConsumedCapacity } = await transact(update("a"), remove("b"));
    expect(ConsumedCapacity).toEqual([{ TableName, CapacityUnits: 8 }]);
    expect([units("wcu"), units("wcu", "byGroup")]).toEqual([6, 2]);
    const error = await failure(transact(unmet("a"), update("b")));
    expect(error).toBeInstanceOf(TransactionCanceledException);
    expect((error as TransactionCanceledException).CancellationReasons?.[0]?.Item).toBeUndefined();
    expect(units("wcu")).toBe(6 + 4 + 2);
    await transact(select("a"));
    expect(units("rcu")).toBe(2);
  });

  test("statements that DynamoDB Local refuses consume nothing", async () => {
    await put("a");
    await record();
    const wrong = { Statement: `UPDATE "${TableName}" SET "pk" = 'b' ${where("a")}` };
    const { Responses, ConsumedCapacity } = await batch(
      [wrong, { Statement: "UPDATE none SET q = 1 WHERE pk = 'a'" }, { Statement: "UPDAT" }],
      "INDEXES",
    );
    expect(Responses?.map(({ Error: error }) => error?.Code)).toEqual([
      "ValidationError",
      "ResourceNotFound",
      "ValidationError",
    ]);
    expect([ConsumedCapacity, units("wcu")]).toEqual([[], 0]);
  });
});

describe("throttling", () => {
  test("each statement of a batch is admitted or throttled by itself, in its place", async () => {
    await provision(gateway, TableName, { wcu: 2 });
    const { Responses, ConsumedCapacity } = await batch([insert("a"), insert("b"), insert("c")], "INDEXES");
    expect(Responses?.map(({ Error: error }) => error?.Code)).toEqual([
      undefined,
      undefined,
      "ProvisionedThroughputExceeded",
    ]);
    expect(Responses?.[2]).toEqual({
      TableName,
      Error: { Code: "ProvisionedThroughputExceeded", Message: expect.stringContaining("was exceeded") },
    });
    expect(ConsumedCapacity?.[0]?.CapacityUnits).toBe(4);
    expect([await get("b"), await get("c")]).toEqual([expect.anything(), undefined]);
    const none = await batch([insert("d")]);
    expect(none.Responses?.[0]?.Error?.Code).toBe("ProvisionedThroughputExceeded");
    gateway.clock.advance(1);
    expect((await batch([insert("d")])).Responses?.[0]?.Error).toBeUndefined();
  });

  test("a partition takes 1,000 write units in a second, by the hash of the item's partition key", async () => {
    await gateway.throttling.set({ table: TableName, mode: "on-demand", partitions: 64 });
    const heavy = { ...update("hot"), Parameters: [text(395_000)] };
    await put("hot");
    for (let i = 0; i < 3; i++) await batch([heavy]);
    const { Responses } = await batch([update("hot"), update("cold")]);
    expect(Responses?.map(({ Error: error }) => error?.Code)).toEqual(["ThrottlingError", "ConditionalCheckFailed"]);
    expect((await batch([insert("hot")])).Responses?.[0]?.Error?.Code).toBe("ThrottlingError");
    gateway.clock.advance(10);
    expect((await batch([update("hot")])).Responses?.[0]?.Error).toBeUndefined();
  });

  test("a single statement fails, and a transaction is cancelled", async () => {
    await gateway.throttling.set({ table: TableName, mode: "on-demand", partitions: 1 });
    for (let i = 0; i < 3; i++) await put("hot", { fill: text(395_000) });
    const { Statement = "", Parameters = [] } = update("hot");
    const one = await failure(gateway.client.send(new ExecuteStatementCommand({ Statement, Parameters })));
    expect(one).toBeInstanceOf(ThrottlingException);
    const TransactStatements = [{ Statement, Parameters }];
    expect(await failure(gateway.client.send(new ExecuteTransactionCommand({ TransactStatements })))).toMatchObject({
      name: "TransactionCanceledException",
      CancellationReasons: [{ Code: "ThrottlingError" }],
    });
  });
});

test("an INSERT that meets an item fails with the name AWS gives the error", async () => {
  await put("a");
  const { Statement = "", Parameters = [] } = insert("a");
  const error = await failure(gateway.client.send(new ExecuteStatementCommand({ Statement, Parameters })));
  expect(error).toBeInstanceOf(DuplicateItemException);
});

describe("behaviour in which DynamoDB Local follows AWS's documentation", () => {
  const item = {
    ...key("a"),
    text: { S: "x" },
    nothing: { NULL: true as const },
    map: { M: { "x.y": { L: [{ S: "e" }, { N: "2" }] } } },
    list: { L: [{ S: "a" }] },
    strings: { SS: ["a", "b"] },
    numbers: { NS: ["1", "2"] },
    bytes: { B: Uint8Array.from([1, 2]) },
    byteSets: { BS: [Uint8Array.from([1]), Uint8Array.from([2])] },
  };
  const guarded = (condition: string, ...Parameters: object[]): BatchStatementRequest => ({
    Statement: `UPDATE "${TableName}" SET "q" = 1 ${where("a")} AND ${condition}`,
    ...(Parameters.length > 0 && { Parameters: Parameters as never }),
    ...ALL_OLD,
  });
  const code = async (statement: BatchStatementRequest) => (await batch([statement])).Responses?.[0]?.Error?.Code;

  test.each(Object.keys(item).slice(1))("compares %s by `=` with a parameter", async (name) => {
    await put("a", item);
    const value = item[name as keyof typeof item];
    expect(await code(guarded(`"${name}" = ?`, value))).toBeUndefined();
    expect(await code(guarded(`"${name}" = ?`, { S: "another" }))).toBe("ConditionalCheckFailed");
  });

  test.each([
    ['"none" IS MISSING AND "map"."none" IS MISSING AND "map"."x.y"[9] IS MISSING', undefined],
    ['"text" IS NOT MISSING AND "map"."x.y"[0] IS NOT MISSING', undefined],
    ['"map"."x.y"[0] = \'e\'', undefined],
    ['"text" IS MISSING', "ConditionalCheckFailed"],
    ['"nothing" IS MISSING', "ConditionalCheckFailed"],
  ])("%s: %s", async (condition, expected) => {
    await put("a", item);
    expect(await code(guarded(condition))).toBe(expected);
  });

  test.each([
    ["UPDATE", "ConditionalCheckFailed"],
    ["DELETE", undefined],
  ])("an %s of a missing item, with or without a condition: %s", async (verb, expected) => {
    const head = verb === "UPDATE" ? `UPDATE "${TableName}" SET "q" = 1` : `DELETE FROM "${TableName}"`;
    for (const condition of ["", ` AND "q" = 1`, ` AND "q" IS MISSING`]) {
      expect(await code({ Statement: `${head} ${where("none")}${condition}`, ...ALL_OLD })).toBe(expected);
    }
    expect(await get("none")).toBeUndefined();
  });

  test("a DELETE returns the item that it deleted, if it is asked to", async () => {
    await put("a");
    const deleting = { Statement: `DELETE FROM "${TableName}" ${where("a")} RETURNING ALL OLD *` };
    expect((await batch([deleting])).Responses?.[0]?.Item).toEqual(key("a"));
    expect((await batch([deleting])).Responses?.[0]?.Item).toBeUndefined();
  });
});
