import {
  BatchExecuteStatementCommand,
  BatchWriteItemCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  ExecuteTransactionCommand,
  PutItemCommand,
  SearchVectorsCommand,
  StartBulkPutItemsCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import type { Direction } from "../../../../shared/capacity/metering/direction";
import { capacityPlugin, type Gate } from "../../../../shared/capacity/plugin/capacityPlugin";
import { RecordingGate, settings } from "./limitedTables";

/** A client whose network answers with the given statuses, one after the other. */
function stubbed(
  gate: Gate,
  answers: { statusCode: number; type?: string; body?: object }[],
  direction: Direction = "write",
  sent: unknown[] = [],
): DynamoDBClient {
  const handler = {
    handle: async ({ body: request }: { body: Uint8Array }) => {
      sent.push(JSON.parse(new TextDecoder().decode(request)));
      const { statusCode, type, body } = answers.shift()!;
      const text = JSON.stringify({ ...(type ? { __type: type, message: type } : {}), ...body });
      const headers = { "content-type": "application/x-amz-json-1.0" };
      return { response: { statusCode, headers, body: new TextEncoder().encode(text) } };
    },
  };
  const client = new DynamoDBClient({ ...settings, requestHandler: handler as never, maxAttempts: 4 });
  client.middlewareStack.use(capacityPlugin(gate, { table: "bulk", direction }));
  return client;
}

const put = new PutItemCommand({ TableName: "bulk", Item: { k: { S: "1" } } });

describe("the gate in the client", () => {
  test("is below the retries and above signing", () => {
    const names = stubbed(new RecordingGate(), []).middlewareStack.identify();
    const place = (name: string) => names.findIndex((each) => each.startsWith(name));
    expect(place("retryMiddleware")).toBeGreaterThanOrEqual(0);
    expect(place("capacityGate_bulk_write")).toBe(place("retryMiddleware") + 1);
    expect(place("httpSigningMiddleware")).toBeGreaterThan(place("capacityGate_bulk_write"));
  });

  test("is in this place once, however often it is added", async () => {
    const gate = new RecordingGate();
    const client = stubbed(gate, [{ statusCode: 200, body: {} }]);
    client.middlewareStack.use(capacityPlugin(gate, { table: "bulk", direction: "write" }));
    await client.send(put);
    expect(gate.ended).toEqual(["kept"]);
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

  test("counts unprocessed items of a batch as a throttle", async () => {
    const gate = new RecordingGate();
    const left = { bulk: [{ PutRequest: { Item: { k: { S: "1" } } } }] };
    const body = { UnprocessedItems: left, ConsumedCapacity: [{ TableName: "bulk", CapacityUnits: 1 }] };
    const client = stubbed(gate, [{ statusCode: 200, body }]);
    await client.send(new BatchWriteItemCommand({ RequestItems: left }));
    expect([gate.ended, gate.throttles]).toEqual([[{ table: 1 }], 1]);
  });

  test("charges nothing for a transaction that was throttled, in any part", async () => {
    const gate = new RecordingGate();
    const CancellationReasons = [{ Code: "None" }, { Code: "ThrottlingError" }];
    const type = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
    const client = stubbed(gate, [{ statusCode: 400, type, body: { CancellationReasons } }]);
    const items = ["1", "2"].map((k) => ({ Put: { TableName: "bulk", Item: { k: { S: k } } } }));
    await expect(client.send(new TransactWriteItemsCommand({ TransactItems: items }))).rejects.toThrow();
    expect([gate.ended, gate.throttles]).toEqual([["released"], 1]);
  });

  const units = (CapacityUnits: number) => ({ TableName: "bulk", CapacityUnits, Table: { CapacityUnits } });
  const select = { Statement: 'SELECT * FROM "bulk"' };
  const update = { Statement: 'UPDATE "bulk" SET a=1' };
  const get = { Get: { TableName: "bulk", Key: { k: { S: "1" } } } };

  test.each([
    ["ExecuteStatement", "read", new ExecuteStatementCommand(select), units(3), "INDEXES"],
    ["ExecuteStatement", "write", new ExecuteStatementCommand(update), units(3), "INDEXES"],
    [
      "BatchExecuteStatement",
      "read",
      new BatchExecuteStatementCommand({ Statements: [select] }),
      [units(1), units(2)],
      "INDEXES",
    ],
    [
      "BatchExecuteStatement",
      "write",
      new BatchExecuteStatementCommand({ Statements: [update] }),
      [units(3)],
      "INDEXES",
    ],
    [
      "ExecuteTransaction",
      "read",
      new ExecuteTransactionCommand({ TransactStatements: [select] }),
      [units(3)],
      "TOTAL",
    ],
    [
      "ExecuteTransaction",
      "write",
      new ExecuteTransactionCommand({ TransactStatements: [update] }),
      [units(3)],
      "INDEXES",
    ],
    ["TransactGetItems", "read", new TransactGetItemsCommand({ TransactItems: [get] }), [units(3)], "TOTAL"],
  ] as const)("charges what %s reports, for a %s", async (_, direction, command, ConsumedCapacity, asked) => {
    const gate = new RecordingGate();
    const sent: unknown[] = [];
    const client = stubbed(gate, [{ statusCode: 200, body: { ConsumedCapacity } }], direction, sent);
    const output = await client.send(command as unknown as PutItemCommand);
    expect(gate.ended).toEqual([{ table: 3 }]);
    expect(sent).toEqual([expect.objectContaining({ ReturnConsumedCapacity: asked })]);
    expect(output).not.toHaveProperty("ConsumedCapacity");
  });

  test("counts a throttled statement of a batch as a throttle", async () => {
    const gate = new RecordingGate();
    const Responses = [{ TableName: "bulk" }, { Error: { Code: "ThrottlingError" } }];
    const client = stubbed(gate, [{ statusCode: 200, body: { Responses, ConsumedCapacity: [units(1)] } }]);
    await client.send(new BatchExecuteStatementCommand({ Statements: [update, update] }));
    expect([gate.ended, gate.throttles]).toEqual([[{ table: 1 }], 1]);
  });

  const vectors = { TableName: "bulk", IndexName: "byV", SearchVector: [{ N: "1" }], TopK: 1 };

  test("charges the estimate for an operation whose consumption is not reported, and asks for nothing", async () => {
    const gate = new RecordingGate();
    const sent: unknown[] = [];
    const body = { ConsumedCapacity: { VectorSearchRequestBytes: 5 } };
    const client = stubbed(gate, [{ statusCode: 200, body }], "read", sent);
    await client.send(new SearchVectorsCommand(vectors));
    expect([gate.ended, sent]).toEqual([["kept"], [vectors]]);
  });

  test("charges nothing for such an operation that was refused, and counts its throttles", async () => {
    const gate = new RecordingGate();
    const answers = [
      { statusCode: 400, type: "ThrottlingException" },
      { statusCode: 400, type: "ValidationException" },
    ];
    const client = stubbed(gate, answers, "read");
    await expect(client.send(new SearchVectorsCommand(vectors))).rejects.toMatchObject({ name: "ValidationException" });
    expect([gate.ended, gate.throttles]).toEqual([["released", "released"], 1]);
  });

  test("refuses an operation that lets the service write at its own rate, but only on this table", async () => {
    const gate = new RecordingGate();
    const client = stubbed(gate, [{ statusCode: 200, body: {} }]);
    const bulk = (TableName: string) =>
      client.send(
        new StartBulkPutItemsCommand({
          TableName,
          InputS3Configuration: { S3Bucket: "b" } as never,
          OutputS3Configuration: { S3Bucket: "b" } as never,
        }),
      );
    await expect(bulk("bulk")).rejects.toMatchObject({
      code: "capacity.unlimited-operation",
      message: expect.stringContaining("table bulk must share its limit, which StartBulkPutItemsCommand cannot"),
      value: "StartBulkPutItemsCommand",
      retryable: false,
    });
    await bulk("other");
    expect(gate.ended).toEqual([]);
  });

  test("passes the abort signal on to the queue of waiting requests", async () => {
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
