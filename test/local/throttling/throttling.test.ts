import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  ProvisionedThroughputExceededException,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  ScanCommand,
  ThrottlingException,
  TransactGetItemsCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import {
  ACCOUNT_ID,
  createTable,
  failure,
  key,
  type ModelledGateway,
  modelledGateway,
  provision,
  putItem,
  REGION,
  recorded,
  text,
} from "./modelledGateway";

const TABLE_MESSAGE =
  "The level of configured provisioned throughput for the table was exceeded. " +
  "Consider increasing your provisioning level with the UpdateTable API.";
const ON_DEMAND_MESSAGE = /^Throughput exceeds the current capacity of your table or index\. DynamoDB is automatically/;

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

describe("throttled requests", () => {
  test("a provisioned table answers ProvisionedThroughputExceededException until time has passed", async () => {
    await provision(gateway, TableName, { wcu: 2 });
    await put("a");
    await put("b");
    const error = await failure(put("c"));
    expect(error).toBeInstanceOf(ProvisionedThroughputExceededException);
    expect(error).toMatchObject({
      name: "ProvisionedThroughputExceededException",
      message: TABLE_MESSAGE,
      $metadata: { httpStatusCode: 400 },
      ThrottlingReasons: [
        {
          reason: "TableWriteProvisionedThroughputExceeded",
          resource: `arn:aws:dynamodb:${REGION}:${ACCOUNT_ID}:table/${TableName}`,
        },
      ],
    });
    gateway.clock.advance(1);
    await put("c");
  });

  test("an on-demand table answers ThrottlingException", async () => {
    await gateway.throttling.set({ table: TableName, mode: "on-demand", partitions: 1 });
    await drainPartition(3);
    const error = await failure(put("a"));
    expect(error).toBeInstanceOf(ThrottlingException);
    expect(error).toMatchObject({
      name: "ThrottlingException",
      message: expect.stringMatching(ON_DEMAND_MESSAGE),
      throttlingReasons: [{ reason: "TableWriteKeyRangeThroughputExceeded" }],
    });
  });

  test("reads and writes have separate capacity, and reads are throttled too", async () => {
    await provision(gateway, TableName, { rcu: 1, wcu: 1 });
    await put("a");
    await get("a");
    expect(await failure(get("a"))).toMatchObject({
      ThrottlingReasons: [{ reason: "TableReadProvisionedThroughputExceeded" }],
    });
  });

  test("the SDK retries by itself", async () => {
    await gateway.throttling.set({ table: TableName, mode: "on-demand", partitions: 1 });
    await drainPartition(3);
    const { endpoint, region, credentials } = gateway.client.config;
    const client = new DynamoDBClient({ ...(endpoint && { endpoint }), region, credentials, maxAttempts: 2 });
    let attempts = 0;
    client.middlewareStack.add(
      (next) => (args) => {
        if (++attempts === 2) gateway.clock.advance(3_600);
        return next(args);
      },
      { step: "finalizeRequest", priority: "low" },
    );
    const { $metadata } = await client.send(new PutItemCommand({ TableName, Item: key("b") }));
    client.destroy();
    expect($metadata.attempts).toBe(2);
  });

  test("a global secondary index out of capacity throttles the table's writes that touch it", async () => {
    await provision(gateway, TableName, { wcu: 1_000, rcu: 1_000, index: 1 });
    await put("a", { Item: { group: { S: "g" } } });
    expect(await failure(put("b", { Item: { group: { S: "g" } } }))).toMatchObject({
      name: "ProvisionedThroughputExceededException",
      message: expect.stringContaining("one or more global secondary indexes of the table"),
      ThrottlingReasons: [
        {
          reason: "IndexWriteProvisionedThroughputExceeded",
          resource: `arn:aws:dynamodb:${REGION}:${ACCOUNT_ID}:table/${TableName}/index/byGroup`,
        },
      ],
    });
    await put("b");
    const query = new QueryCommand({
      TableName,
      IndexName: "byGroup",
      KeyConditionExpression: "#g = :g",
      ExpressionAttributeNames: { "#g": "group" },
      ExpressionAttributeValues: { ":g": { S: "g" } },
    });
    expect((await gateway.client.send(query)).Items).toHaveLength(1);
    expect(units("rcu", "byGroup")).toBe(0.5);
    expect(units("rcu")).toBe(0);
  });

  test("a hot partition is throttled while others are not", async () => {
    await provision(gateway, TableName, { wcu: 40_000, partitions: 64 });
    await drainPartition(3);
    expect(await failure(put("a"))).toMatchObject({
      name: "ProvisionedThroughputExceededException",
      ThrottlingReasons: [{ reason: "TableWriteKeyRangeThroughputExceeded" }],
    });
    await put("b");
  });

  test("after hours, 300 s of unused capacity have come back, and no more", async () => {
    await provision(gateway, TableName, { wcu: 1, credit: 0 });
    expect(await failure(put("a"))).toBeDefined();
    gateway.clock.advance(7_200);
    await put("a", { Item: { text: text(298 * 1_024) } });
    await put("b", { Item: { text: text(2 * 1_024) } });
    expect(await failure(put("c"))).toBeDefined();
    gateway.clock.advance(2);
    expect(await failure(put("c"))).toBeDefined();
    gateway.clock.advance(1);
    await put("c");
  });
});

/** Each item consumes 391 WCU of a partition. Three of them are more than the partition allows in a second. */
async function drainPartition(items: number): Promise<void> {
  for (let i = 0; i < items; i++) await put("a", { Item: { text: text(390 * 1_024) } });
}

describe("batches", () => {
  const writes = (...pks: string[]) => pks.map((pk) => ({ PutRequest: { Item: key(pk) } }));

  test("a batch write returns items that were not admitted as UnprocessedItems", async () => {
    await provision(gateway, TableName, { wcu: 2 });
    const RequestItems = { [TableName]: writes("a", "b", "c", "d") };
    const { UnprocessedItems } = await gateway.client.send(new BatchWriteItemCommand({ RequestItems }));
    expect(UnprocessedItems).toEqual({ [TableName]: writes("c", "d") });
    gateway.clock.advance(60);
    const { Items = [] } = await gateway.client.send(new ScanCommand({ TableName }));
    expect(Items.map(({ pk }) => pk?.S).sort()).toEqual(["a", "b"]);
  });

  test("a batch get returns keys that were not admitted as UnprocessedKeys, with their options", async () => {
    for (const pk of ["a", "b", "c"]) await put(pk, { Item: { text: text(10) } });
    await provision(gateway, TableName, { rcu: 2 });
    const how = { ConsistentRead: true, ProjectionExpression: "#p", ExpressionAttributeNames: { "#p": "pk" } };
    const Keys = ["a", "b", "c"].map(key);
    const { Responses, UnprocessedKeys } = await gateway.client.send(
      new BatchGetItemCommand({ RequestItems: { [TableName]: { ...how, Keys } } }),
    );
    expect(Responses?.[TableName]).toHaveLength(2);
    expect(UnprocessedKeys).toEqual({ [TableName]: { ...how, Keys: [key("c")] } });
  });

  test("a batch with no admitted item is an error", async () => {
    await provision(gateway, TableName, { wcu: 1, rcu: 1 });
    await put("a");
    await get("a");
    const RequestItems = { [TableName]: writes("b", "c") };
    expect(await failure(gateway.client.send(new BatchWriteItemCommand({ RequestItems })))).toBeInstanceOf(
      ProvisionedThroughputExceededException,
    );
    const Keys = { [TableName]: { Keys: [key("b")] } };
    expect(await failure(gateway.client.send(new BatchGetItemCommand({ RequestItems: Keys })))).toBeInstanceOf(
      ProvisionedThroughputExceededException,
    );
  });

  test("only the part of a table out of capacity comes back from a batch over two", async () => {
    const other = `${TableName}-other`;
    await createTable(gateway, other);
    await provision(gateway, TableName, { wcu: 1 });
    await put("a");
    const RequestItems = { [TableName]: writes("b"), [other]: writes("b") };
    const { UnprocessedItems } = await gateway.client.send(new BatchWriteItemCommand({ RequestItems }));
    expect(UnprocessedItems).toEqual({ [TableName]: writes("b") });
  });
});

describe("transactions", () => {
  const write = (pk: string, table = TableName) => ({ Put: { TableName: table, Item: key(pk) } });

  test("a transaction with a throttled item is cancelled with a reason for each", async () => {
    const other = `${TableName}-other`;
    await createTable(gateway, other);
    await provision(gateway, TableName, { wcu: 1 });
    await put("a");
    const TransactItems = [write("b", other), write("b")];
    const error = await failure(gateway.client.send(new TransactWriteItemsCommand({ TransactItems })));
    expect(error).toBeInstanceOf(TransactionCanceledException);
    expect(error).toMatchObject({
      name: "TransactionCanceledException",
      message:
        "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ProvisionedThroughputExceeded]",
      CancellationReasons: [{ Code: "None" }, { Code: "ProvisionedThroughputExceeded", Message: TABLE_MESSAGE }],
    });
    expect((await gateway.client.send(new ScanCommand({ TableName: other }))).Count).toBe(0);
  });

  test("a reading transaction is cancelled, too; an on-demand table cancels with ThrottlingError", async () => {
    await provision(gateway, TableName, { rcu: 1 });
    await get("a");
    const TransactItems = [{ Get: { TableName, Key: key("a") } }];
    expect(await failure(gateway.client.send(new TransactGetItemsCommand({ TransactItems })))).toMatchObject({
      CancellationReasons: [{ Code: "ProvisionedThroughputExceeded", Message: TABLE_MESSAGE }],
    });
    await gateway.throttling.set({ table: TableName, mode: "on-demand", partitions: 1 });
    await drainPartition(3);
    const writing = new TransactWriteItemsCommand({ TransactItems: [write("b")] });
    expect(await failure(gateway.client.send(writing))).toMatchObject({
      CancellationReasons: [{ Code: "ThrottlingError", Message: expect.stringMatching(ON_DEMAND_MESSAGE) }],
    });
  });

  test("capacity that was taken for items beside a throttled one is given back", async () => {
    await provision(gateway, TableName, { wcu: 5, index: 1 });
    await put("a", { Item: { group: { S: "g" } } });
    const indexed = { Put: { TableName, Item: { ...key("c"), group: { S: "g" } } } };
    const transaction = new TransactWriteItemsCommand({ TransactItems: [write("b"), indexed] });
    for (let i = 0; i < 5; i++) {
      expect(await failure(gateway.client.send(transaction))).toMatchObject({
        CancellationReasons: [{ Code: "None" }, { Code: "ProvisionedThroughputExceeded" }],
      });
    }
    await put("b");
    expect(units("wcu")).toBe(2);
  });
});
