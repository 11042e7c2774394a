import { crc32 } from "node:zlib";
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  ExecuteTransactionCommand,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { CapacitySettingsInput } from "../../../local/gateway/throttling/settings";
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
} from "./modelledGateway";

let gateway: ModelledGateway;
let tables = 0;
let TableName: string;

beforeAll(async () => {
  gateway = await modelledGateway();
});
afterAll(() => gateway?.stop());

beforeEach(async () => {
  TableName = `table-${tables++}`;
  await createTable(gateway, TableName);
});
afterEach(() => gateway.throttling.off());

const put = (pk: string, more?: Partial<PutItemCommandInput>) => putItem(gateway, TableName, pk, more);
const get = (pk: string) => gateway.client.send(new GetItemCommand({ TableName, Key: key(pk), ConsistentRead: true }));
const units = (kind: "rcu" | "wcu", index?: string) => recorded(gateway, TableName, kind, index);
const record = () => gateway.throttling.set({ table: TableName, mode: "record" });

describe("consumption", () => {
  test("equals DynamoDB Local's report, for table and index", async () => {
    await record();
    await put("a", { Item: { group: { S: "g" }, text: text(2_500) } });
    expect([units("wcu"), units("wcu", "byGroup")]).toEqual([3, 3]);
    await gateway.client.send(
      new UpdateItemCommand({
        TableName,
        Key: key("a"),
        UpdateExpression: "SET #g = :g",
        ExpressionAttributeNames: { "#g": "group" },
        ExpressionAttributeValues: { ":g": { S: "h" } },
      }),
    );
    expect([units("wcu"), units("wcu", "byGroup")]).toEqual([6, 9]);
    await get("a");
    await gateway.client.send(new ScanCommand({ TableName }));
    expect(units("rcu")).toBe(1.5);
    const TransactItems = [{ Put: { TableName, Item: key("t") } }];
    await gateway.client.send(new TransactWriteItemsCommand({ TransactItems }));
    expect(units("wcu")).toBe(8);
  });

  test("is that of AWS in a transaction: twice for the table and once for its indexes; the caller sees it", async () => {
    const TransactItems = [{ Put: { TableName, Item: { ...key("t"), group: { S: "g" } } } }];
    const transact = (ReturnConsumedCapacity: "INDEXES" | "TOTAL") =>
      gateway.client.send(new TransactWriteItemsCommand({ TransactItems, ReturnConsumedCapacity }));
    const told = {
      ...{ TableName, CapacityUnits: 3, Table: { CapacityUnits: 2 } },
      GlobalSecondaryIndexes: { byGroup: { CapacityUnits: 1 } },
    };
    expect((await transact("INDEXES")).ConsumedCapacity).toMatchObject([told]);
    await gateway.client.send(new DeleteItemCommand({ TableName, Key: key("t") }));
    await record();
    expect((await transact("TOTAL")).ConsumedCapacity).toEqual([{ TableName, CapacityUnits: 3 }]);
    expect([units("wcu"), units("wcu", "byGroup")]).toEqual([2, 1]);
  });

  test("is that of AWS in a transaction on a local index, too, by items or by statements", async () => {
    const table = `${TableName}-local`;
    const attribute = (AttributeName: string) => ({ AttributeName, AttributeType: "S" as const });
    const hash = { AttributeName: "pk", KeyType: "HASH" as const };
    const range = (AttributeName: string) => ({ AttributeName, KeyType: "RANGE" as const });
    const byDay = {
      IndexName: "byDay",
      KeySchema: [hash, range("day")],
      Projection: { ProjectionType: "ALL" as const },
    };
    await gateway.client.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [hash, range("sk")],
        AttributeDefinitions: ["pk", "sk", "day"].map(attribute),
        LocalSecondaryIndexes: [byDay],
      }),
    );
    const item = (sk: string) => ({ ...key("t"), sk: { S: sk }, day: { S: "1" } });
    const asked = { ReturnConsumedCapacity: "INDEXES" as const };
    const Put = { TableName: table, Item: item("a") };
    const byItems = await gateway.client.send(new TransactWriteItemsCommand({ ...asked, TransactItems: [{ Put }] }));
    const Statement = `INSERT INTO "${table}" VALUE {'pk': 't', 'sk': 'b', 'day': '1'}`;
    const TransactStatements = [{ Statement }];
    const byStatements = await gateway.client.send(new ExecuteTransactionCommand({ ...asked, TransactStatements }));
    const told = {
      ...{ TableName: table, CapacityUnits: 3, Table: { CapacityUnits: 2 } },
      LocalSecondaryIndexes: { byDay: { CapacityUnits: 1 } },
    };
    expect(byItems.ConsumedCapacity).toMatchObject([told]);
    expect(byStatements.ConsumedCapacity).toMatchObject([told]);
  });

  const notThere = { ConditionExpression: "attribute_not_exists(pk)" };

  test.each<[string, number, number, (pk: string) => Promise<unknown>]>([
    ["a put meets a larger item", 2_500, 3, (pk) => put(pk, notThere)],
    ["a put has the larger item", 10, 4, (pk) => put(pk, { ...notThere, Item: { text: text(4_000) } })],
    [
      "an update meets an item",
      1_500,
      2,
      (pk) =>
        gateway.client.send(
          new UpdateItemCommand({ TableName, Key: key(pk), UpdateExpression: "REMOVE x", ...notThere }),
        ),
    ],
    [
      "there is no item",
      0,
      1,
      () =>
        gateway.client.send(
          new DeleteItemCommand({ TableName, Key: key("nobody"), ConditionExpression: "attribute_exists(pk)" }),
        ),
    ],
    [
      "a transaction is cancelled: twice, for each of its items",
      1_500,
      2 * (2 + 1),
      (pk) =>
        gateway.client.send(
          new TransactWriteItemsCommand({
            TransactItems: [
              { Put: { TableName, Item: key(pk), ...notThere } },
              { Put: { TableName, Item: key("new") } },
            ],
          }),
        ),
    ],
  ])("a failed condition is charged by the item's size where %s", async (_, size, charged, act) => {
    await put("met", { Item: { text: text(size) } });
    await record();
    expect(await failure(act("met"))).toBeDefined();
    expect(units("wcu")).toBe(charged);
  });

  test("an invalid request consumes nothing and keeps no capacity", async () => {
    await provision(gateway, TableName, { wcu: 1, credit: 1 });
    for (let i = 0; i < 3; i++) {
      const invalid = gateway.client.send(
        new UpdateItemCommand({ TableName, Key: key("a"), UpdateExpression: "SET no sense" }),
      );
      expect(await failure(invalid)).toMatchObject({ name: "ValidationException" });
    }
    await put("a");
    expect(units("wcu")).toBe(1);
  });

  test("is recorded per 100 ms, refusals too", async () => {
    await provision(gateway, TableName, { wcu: 2 });
    const start = gateway.clock.now();
    await put("a");
    gateway.clock.advance(0.1);
    await put("b", { Item: { text: text(1_500) } });
    expect(await failure(put("c"))).toBeDefined();
    expect(gateway.throttling.consumption(TableName).consumption).toEqual([
      { at: start, rcu: 0, wcu: 1, throttled: 0 },
      { at: start + 100, rcu: 0, wcu: 2, throttled: 1 },
    ]);
  });
});

describe("the answer has only the fields that the caller asked for", () => {
  test.each([
    [undefined, undefined],
    ["NONE", undefined],
    ["TOTAL", { TableName: expect.any(String), CapacityUnits: 2 }],
    [
      "INDEXES",
      {
        TableName: expect.any(String),
        CapacityUnits: 2,
        Table: { CapacityUnits: 1 },
        GlobalSecondaryIndexes: { byGroup: { CapacityUnits: 1 } },
      },
    ],
  ] as const)("ReturnConsumedCapacity %s", async (wish, expected) => {
    await record();
    const Item = { ...key("a"), group: { S: "g" } };
    const asked = wish ? { ReturnConsumedCapacity: wish } : {};
    expect((await put("a", { Item, ...asked })).ConsumedCapacity).toEqual(expected);
    const RequestItems = { [TableName]: [{ PutRequest: { Item: { ...Item, pk: { S: "b" } } } }] };
    const batch = await gateway.client.send(new BatchWriteItemCommand({ RequestItems, ...asked }));
    expect(batch.ConsumedCapacity).toEqual(expected && [expected]);
  });

  test("the item that a failed condition met, only if the caller asked for it", async () => {
    await record();
    await put("a", { Item: { text: text(3) } });
    const condition = { ConditionExpression: "attribute_not_exists(pk)" };
    const item = { ...key("a"), text: text(3) };
    const asking = { ...condition, ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const };
    expect(await failure(put("a", condition))).toMatchObject({
      name: "ConditionalCheckFailedException",
      Item: undefined,
    });
    expect(await failure(put("a", asking))).toMatchObject({ name: "ConditionalCheckFailedException", Item: item });
    const Item = key("a");
    const TransactItems = [{ Put: { TableName, Item, ...condition } }];
    expect(await failure(gateway.client.send(new TransactWriteItemsCommand({ TransactItems })))).toMatchObject({
      CancellationReasons: [{ Code: "ConditionalCheckFailed", Message: "The conditional request failed" }],
    });
    const Asking = [{ Put: { TableName, Item, ...asking } }];
    expect(await failure(gateway.client.send(new TransactWriteItemsCommand({ TransactItems: Asking })))).toMatchObject({
      CancellationReasons: [{ Code: "ConditionalCheckFailed", Item: item }],
    });
  });

  test("a changed body has the right length and checksum", async () => {
    await record();
    const seen: { headers: Record<string, string>; body: Buffer }[] = [];
    const command = new PutItemCommand({ TableName, Item: key("a") });
    command.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        const { headers, body } = result.response as { headers: Record<string, string>; body: AsyncIterable<Buffer> };
        const chunks: Buffer[] = [];
        for await (const chunk of body) chunks.push(chunk);
        seen.push({ headers, body: Buffer.concat(chunks) });
        return { ...result, response: { ...(result.response as object), body: Buffer.concat(chunks) } };
      },
      { step: "deserialize", priority: "low" },
    );
    await gateway.client.send(command);
    expect(seen).toHaveLength(1);
    const [{ headers, body }] = seen as [(typeof seen)[0]];
    expect(body.toString()).toBe("{}");
    expect(headers["content-length"]).toBe(String(body.length));
    expect(headers["x-amz-crc32"]).toBe(String(crc32(body)));
  });
});

describe("switching it on and off", () => {
  test("over the administrative endpoint, by the administrator alone", async () => {
    const settings = { table: TableName, mode: "record" };
    expect((await gateway.administer("PUT /_sluice/capacity", settings, "somebody:else")).status).toBe(403);
    expect(await gateway.administer("PUT /_sluice/capacity", settings)).toEqual({ status: 200, body: settings });
    expect((await gateway.administer("GET /_sluice/capacity")).body).toEqual([settings]);
    await put("a");
    const at = gateway.clock.now();
    const consumption = [{ at, rcu: 0, wcu: 1, throttled: 0 }];
    const query = `GET /_sluice/consumption?table=${TableName}`;
    expect((await gateway.administer(query)).body).toEqual({
      table: TableName,
      slotMs: 100,
      consumption,
      indexes: {},
    });
    expect((await gateway.administer(`${query}&since=${at + 100}`)).body).toMatchObject({ consumption: [] });
    await gateway.administer(`DELETE /_sluice/capacity?table=${TableName}`);
    expect((await gateway.administer(query)).status).toBe(400);
  });

  test("new settings take effect at once and the record goes on", async () => {
    await record();
    await put("a");
    await provision(gateway, TableName, { wcu: 1, credit: 0 });
    expect(await failure(put("b"))).toBeDefined();
    await record();
    await put("b");
    expect(units("wcu")).toBe(2);
  });

  test.each<[string, object, string]>([
    ["a table that is not there", { table: "nowhere", mode: "record" }, "NO_SUCH_TABLE"],
    ["an index left out", { mode: "provisioned", rcu: 1, wcu: 1 }, "BAD_CAPACITY"],
    ["an unknown mode", { mode: "fast" }, "BAD_CAPACITY"],
  ])("refuses %s", async (_, settings, code) => {
    const input = { table: TableName, ...settings } as CapacitySettingsInput;
    await expect(gateway.throttling.set(input)).rejects.toMatchObject({ code });
  });

  test("the model doesn't touch a table for which it is off", async () => {
    await provision(gateway, TableName, { wcu: 1, credit: 0 });
    const other = `${TableName}-other`;
    await createTable(gateway, other);
    const command = new PutItemCommand({ TableName: other, Item: key("a"), ReturnConsumedCapacity: "TOTAL" });
    expect((await gateway.client.send(command)).ConsumedCapacity?.CapacityUnits).toBe(1);
    expect(() => gateway.throttling.consumption(other)).toThrow(expect.objectContaining({ code: "NOT_RECORDED" }));
  });
});
