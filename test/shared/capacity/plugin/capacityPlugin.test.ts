import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  CreateTableCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  type TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { Consumption } from "../../../../shared/capacity/metering/consumption";
import { capacityPlugin, type Gate } from "../../../../shared/capacity/plugin/capacityPlugin";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../../support/dynamoDbLocal";

/** A gate that lets everyone through and writes down how each attempt ended. */
class RecordingGate implements Gate {
  ended: (Consumption | "kept" | "released")[] = [];
  throttles = 0;

  async acquire() {
    return {
      charge: (consumption: Consumption) => void this.ended.push(consumption),
      keep: () => void this.ended.push("kept"),
      release: () => void this.ended.push("released"),
    };
  }

  throttled() {
    this.throttles++;
  }
}

const settings = { region: "eu-central-1", credentials: { accessKeyId: "local", secretAccessKey: "local" } };

/** A client whose network answers with the given statuses, one after the other. */
function stubbed(gate: Gate, answers: { statusCode: number; type?: string; body?: object }[]): DynamoDBClient {
  const handler = {
    handle: async () => {
      const { statusCode, type, body } = answers.shift()!;
      const text = JSON.stringify({ ...(type ? { __type: type, message: type } : {}), ...body });
      const headers = { "content-type": "application/x-amz-json-1.0" };
      return { response: { statusCode, headers, body: new TextEncoder().encode(text) } };
    },
  };
  const client = new DynamoDBClient({ ...settings, requestHandler: handler as never, maxAttempts: 4 });
  client.middlewareStack.use(capacityPlugin(gate, { table: "bulk", direction: "write" }));
  return client;
}

const put = new PutItemCommand({ TableName: "bulk", Item: { k: { S: "1" } } });

describe("the gate in the client", () => {
  test("stands below the retries and above signing", () => {
    const names = stubbed(new RecordingGate(), []).middlewareStack.identify();
    const place = (name: string) => names.findIndex((each) => each.startsWith(name));
    expect(place("retryMiddleware")).toBeGreaterThanOrEqual(0);
    expect(place("capacityGate_bulk_write")).toBe(place("retryMiddleware") + 1);
    expect(place("httpSigningMiddleware")).toBeGreaterThan(place("capacityGate_bulk_write"));
  });

  test("gates and settles every attempt by itself", async () => {
    const gate = new RecordingGate();
    const capacity = { TableName: "bulk", CapacityUnits: 3, Table: { CapacityUnits: 3 } };
    const client = stubbed(gate, [
      { statusCode: 400, type: "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException" },
      { statusCode: 500, type: "InternalServerError" },
      { statusCode: 200, body: { ConsumedCapacity: capacity } },
    ]);
    await client.send(put);
    expect(gate.ended).toEqual(["released", "kept", { table: 3 }]);
    expect(gate.throttles).toBe(1);
  });

  test("charges nothing for a request that was refused", async () => {
    const gate = new RecordingGate();
    const client = stubbed(gate, [{ statusCode: 400, type: "ValidationException" }]);
    await expect(client.send(put)).rejects.toMatchObject({ name: "ValidationException" });
    expect(gate.ended).toEqual(["released"]);
  });

  test("takes unprocessed items of a batch for a throttle", async () => {
    const gate = new RecordingGate();
    const left = { bulk: [{ PutRequest: { Item: { k: { S: "1" } } } }] };
    const body = { UnprocessedItems: left, ConsumedCapacity: [{ TableName: "bulk", CapacityUnits: 1 }] };
    const client = stubbed(gate, [{ statusCode: 200, body }]);
    await client.send(new BatchWriteItemCommand({ RequestItems: left }));
    expect([gate.ended, gate.throttles]).toEqual([[{ table: 1 }], 1]);
  });

  test("charges nothing for a transaction that was throttled, in whatever part", async () => {
    const gate = new RecordingGate();
    const CancellationReasons = [{ Code: "None" }, { Code: "ThrottlingError" }];
    const type = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
    const client = stubbed(gate, [{ statusCode: 400, type, body: { CancellationReasons } }]);
    const items = ["1", "2"].map((k) => ({ Put: { TableName: "bulk", Item: { k: { S: k } } } }));
    await expect(client.send(new TransactWriteItemsCommand({ TransactItems: items }))).rejects.toThrow();
    expect([gate.ended, gate.throttles]).toEqual([["released"], 1]);
  });

  test("passes the abort signal on to the waiting line", async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const refusing = {
      acquire: (options: { signal?: AbortSignal } = {}) => {
        signals.push(options.signal);
        return Promise.reject(new Error("no"));
      },
      throttled: () => undefined,
    };
    const { signal } = new AbortController();
    await expect(stubbed(refusing, []).send(put, { abortSignal: signal })).rejects.toThrow("no");
    expect(signals).toEqual([signal]);
  });
});

describe("on DynamoDB Local", () => {
  let local: DynamoDbLocal;
  let read: RecordingGate;
  let write: RecordingGate;
  let client: DynamoDBClient;

  beforeAll(async () => {
    local = await startDynamoDbLocal();
    const attributes = ["k", "s", "l", "g"].map((name) => ({ AttributeName: name, AttributeType: "S" as const }));
    const key = (sort: string) => [
      { AttributeName: "k", KeyType: "HASH" as const },
      { AttributeName: sort, KeyType: "RANGE" as const },
    ];
    const all = { Projection: { ProjectionType: "ALL" as const } };
    for (const TableName of ["bulk", "other"]) {
      await local.client.send(
        new CreateTableCommand({
          TableName,
          KeySchema: key("s"),
          AttributeDefinitions: attributes,
          LocalSecondaryIndexes: [{ IndexName: "byL", KeySchema: key("l"), ...all }],
          GlobalSecondaryIndexes: [{ IndexName: "byG", KeySchema: [{ AttributeName: "g", KeyType: "HASH" }], ...all }],
          BillingMode: "PAY_PER_REQUEST",
        }),
      );
    }
  });

  afterAll(() => local?.stop());

  beforeEach(() => {
    read = new RecordingGate();
    write = new RecordingGate();
    client = new DynamoDBClient({ ...settings, endpoint: local.endpoint, maxAttempts: 1 });
    client.middlewareStack.use(capacityPlugin(read, { table: "bulk", direction: "read" }));
    client.middlewareStack.use(capacityPlugin(write, { table: "bulk", direction: "write" }));
  });

  afterEach(() => client.destroy());

  const Key = { k: { S: "1" }, s: { S: "1" } };
  const Item = { ...Key, l: { S: "l" }, g: { S: "g" }, fill: { S: "x".repeat(1500) } };
  const TableName = "bulk";
  /** 2 units each in table, local and global index; the local one shares the table's capacity. */
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

  test("reads are charged by what they read, of table or index", async () => {
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
  ] as const)("a caller that asks for %s capacity gets just that", async (ReturnConsumedCapacity, expected) => {
    const ask = ReturnConsumedCapacity === undefined ? {} : { ReturnConsumedCapacity };
    const fresh = { ...Item, s: { S: `fresh-${ReturnConsumedCapacity}` } };
    const output = await client.send(new PutItemCommand({ TableName, Item: fresh, ...ask }));
    expect(output.ConsumedCapacity).toEqual(expected);
  });

  test.each([undefined, "ALL_OLD"] as const)(
    "a failed condition is charged by the item it met; caller asks %s",
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
