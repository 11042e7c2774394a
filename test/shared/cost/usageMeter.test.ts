import {
  BatchGetItemCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import {
  ChangeMessageVisibilityCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { createTable, stringKeys } from "../../../local/fillTable";
import { noUsage, type Usage } from "../../../shared/cost/usage";
import { UsageMeter, type WatchedClient } from "../../../shared/cost/usageMeter";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../support/dynamoDbLocal";

const NOW = 1_800_000_000_000;
const JOBS = { TableName: "jobs" };
const key = (sk: string) => ({ pk: { S: "job#a" }, sk: { S: sk } });
const text = (kilobytes: number) => ({ S: "x".repeat(kilobytes * 1024) });

let meter: UsageMeter;
beforeEach(() => {
  meter = new UsageMeter({ jobsTable: "jobs", megabytes: 256 });
});

describe("with DynamoDB", () => {
  let database: DynamoDbLocal;
  let client: DynamoDBClient;
  beforeAll(async () => {
    database = await startDynamoDbLocal();
    client = database.client;
    for (const table of ["jobs", "orders"]) await createTable(client, table, stringKeys("pk", "sk"));
    await client.send(new PutItemCommand({ ...JOBS, Item: { ...key("there"), text: text(5) } }));
  });
  afterAll(() => database?.stop());
  beforeEach(() => meter.watch(client));

  const values = { ":pk": { S: "job#a" } };
  const query = { KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: values };
  const never = { ConditionExpression: "attribute_exists(nothing)" };
  const update = {
    ...JOBS,
    Key: key("there"),
    UpdateExpression: "SET a = :a",
    ExpressionAttributeValues: { ":a": { N: "1" } },
  };
  const puts = (...sks: string[]) => sks.map((sk) => ({ Put: { ...JOBS, Item: key(sk) } }));

  test.each<[string, () => Promise<unknown>, Partial<Usage>]>([
    ["a put", () => client.send(new PutItemCommand({ ...JOBS, Item: key("a") })), { writeUnits: 1 }],
    [
      "a large put",
      () => client.send(new PutItemCommand({ ...JOBS, Item: { ...key("b"), text: text(3) } })),
      { writeUnits: 4 },
    ],
    ["an update", () => client.send(new UpdateItemCommand(update)), { writeUnits: 6 }],
    ["a get", () => client.send(new GetItemCommand({ ...JOBS, Key: key("there") })), { readUnits: 1 }],
    [
      "a consistent get",
      () => client.send(new GetItemCommand({ ...JOBS, Key: key("there"), ConsistentRead: true })),
      { readUnits: 2 },
    ],
    ["a query", () => client.send(new QueryCommand({ ...JOBS, ...query, Limit: 1 })), { readUnits: 0.5 }],
    [
      "a batch of gets",
      () => client.send(new BatchGetItemCommand({ RequestItems: { jobs: { Keys: [key("there")] } } })),
      { readUnits: 1 },
    ],
    // AWS charges and reports twice as much; DynamoDB Local does not.
    [
      "a transaction",
      () => client.send(new TransactWriteItemsCommand({ TransactItems: puts("c", "d") })),
      { writeUnits: 2 },
    ],
    ["a description", () => client.send(new DescribeTableCommand(JOBS)), {}],
    ["a scan of another table", () => client.send(new ScanCommand({ TableName: "orders" })), {}],
    ["a put into another table", () => client.send(new PutItemCommand({ TableName: "orders", Item: key("a") })), {}],
  ])("%s is counted", async (_, send, expected) => {
    await send();
    expect(meter.take(NOW)).toEqual({ ...noUsage, ...expected });
  });

  const caught = (sent: Promise<unknown>) =>
    sent.then(
      () => undefined,
      (error: Error) => error.name,
    );

  test.each<[string, () => Promise<unknown>, string, number]>([
    [
      "by the item that it met, if the caller has the item returned",
      () => client.send(new UpdateItemCommand({ ...update, ...never, ReturnValuesOnConditionCheckFailure: "ALL_OLD" })),
      "ConditionalCheckFailedException",
      6,
    ],
    [
      "as one unit, if nobody has the item returned",
      () => client.send(new UpdateItemCommand({ ...update, ...never })),
      "ConditionalCheckFailedException",
      1,
    ],
    [
      "as two units for each action of a transaction",
      () => {
        const check = { ConditionCheck: { ...JOBS, Key: key("none"), ...never } };
        return client.send(new TransactWriteItemsCommand({ TransactItems: [...puts("e"), check] }));
      },
      "TransactionCanceledException",
      4,
    ],
    [
      "as nothing, if the request is refused",
      () => client.send(new GetItemCommand({ ...JOBS, Key: {} })),
      "ValidationException",
      0,
    ],
  ])("a failure is counted %s", async (_, send, name, writeUnits) => {
    expect(await caught(send())).toBe(name);
    expect(meter.take(NOW)).toEqual({ ...noUsage, writeUnits });
  });

  test("a caller that asks for more gets more, and the request counts as well", async () => {
    const asked = { ...JOBS, Item: key("f"), ReturnConsumedCapacity: "INDEXES" as const };
    const { ConsumedCapacity } = await client.send(new PutItemCommand(asked));
    expect(ConsumedCapacity?.Table?.CapacityUnits).toBe(1);
    expect(meter.take(NOW).writeUnits).toBe(1);
  });

  test("a client that is watched twice counts once", async () => {
    meter.watch(client);
    await client.send(new PutItemCommand({ ...JOBS, Item: key("g") }));
    expect(meter.take(NOW).writeUnits).toBe(1);
  });
});

describe("with other services", () => {
  const config = { region: "eu-central-1", credentials: { accessKeyId: "id", secretAccessKey: "key" }, maxAttempts: 1 };
  const clients = {
    sqs: new SQSClient({ ...config, md5: false }),
    s3: new S3Client(config),
    events: new EventBridgeClient(config),
  };
  let failing: Error | undefined;
  beforeEach(() => {
    failing = undefined;
    for (const client of Object.values(clients)) {
      meter.watch(client);
      answer(client as WatchedClient);
    }
  });

  /** Answers every request without sending it. */
  function answer({ middlewareStack }: WatchedClient): void {
    const middleware = () => async () => {
      if (failing !== undefined) throw failing;
      return { output: { $metadata: {} }, response: {} };
    };
    const place = { relation: "after", toMiddleware: "usageMeter", name: "answer", override: true } as const;
    middlewareStack.addRelativeTo(middleware, place);
  }

  const object = { Bucket: "results", Key: "a" };
  const upload = { ...object, UploadId: "u" };
  const queue = { QueueUrl: "https://sqs.eu-central-1.amazonaws.com/1/queue" };
  test.each<[string, () => Promise<unknown>, Partial<Usage>]>([
    ["a message", () => clients.sqs.send(new SendMessageCommand({ ...queue, MessageBody: "a" })), { queueRequests: 1 }],
    [
      "a batch of messages",
      () => clients.sqs.send(new SendMessageBatchCommand({ ...queue, Entries: [] })),
      { queueRequests: 1 },
    ],
    [
      "a change of visibility",
      () =>
        clients.sqs.send(new ChangeMessageVisibilityCommand({ ...queue, ReceiptHandle: "r", VisibilityTimeout: 5 })),
      { queueRequests: 1 },
    ],
    ["a put", () => clients.s3.send(new PutObjectCommand(object)), { puts: 1 }],
    ["the start of an upload", () => clients.s3.send(new CreateMultipartUploadCommand(object)), { puts: 1 }],
    ["a part", () => clients.s3.send(new UploadPartCommand({ ...upload, PartNumber: 1 })), { puts: 1 }],
    ["the end of an upload", () => clients.s3.send(new CompleteMultipartUploadCommand(upload)), { puts: 1 }],
    ["a list", () => clients.s3.send(new ListObjectsV2Command(object)), { puts: 1 }],
    ["a get", () => clients.s3.send(new GetObjectCommand(object)), { gets: 1 }],
    ["a head", () => clients.s3.send(new HeadObjectCommand(object)), { gets: 1 }],
    ["a deletion", () => clients.s3.send(new DeleteObjectCommand(object)), {}],
    ["the abortion of an upload", () => clients.s3.send(new AbortMultipartUploadCommand(upload)), {}],
    [
      "two events",
      () => clients.events.send(new PutEventsCommand({ Entries: [{ Detail: "{}" }, { Detail: "{}" }] })),
      { events: 2 },
    ],
  ])("%s is counted", async (_, send, expected) => {
    await send();
    expect(meter.take(NOW)).toEqual({ ...noUsage, ...expected });
  });

  test("a request that fails is paid for, and fails as it did", async () => {
    failing = new Error("SlowDown");
    await expect(clients.s3.send(new PutObjectCommand(object))).rejects.toBe(failing);
    await expect(clients.sqs.send(new SendMessageCommand({ ...queue, MessageBody: "a" }))).rejects.toBe(failing);
    expect(meter.take(NOW)).toEqual({ ...noUsage, puts: 1, queueRequests: 1 });
  });

  test("begin drops requests after the last take, and counts the invocation and its poller", async () => {
    await clients.s3.send(new PutObjectCommand(object));
    meter.begin(NOW);
    expect(meter.take(NOW)).toEqual({ ...noUsage, invocations: 1, queueRequests: 2 });
  });
});

describe("time", () => {
  test("begin counts no poller if no queue invokes the function", () => {
    const invoked = new UsageMeter({ jobsTable: "jobs", megabytes: 256, polls: false });
    invoked.begin(NOW);
    expect(invoked.take(NOW)).toEqual({ ...noUsage, invocations: 1 });
  });

  test("is billed by memory, from the begin or from the last take on", () => {
    meter.begin(NOW);
    expect(meter.take(NOW + 40_000)).toMatchObject({ invocations: 1, billedMs: 40_000, gigabyteSeconds: 10 });
    expect(meter.take(NOW + 48_000)).toEqual({ ...noUsage, billedMs: 8_000, gigabyteSeconds: 2 });
  });

  test("that the rest of the invocation will take is billed as well", () => {
    meter.begin(NOW);
    const rest = { billedMs: 20, writeUnits: 1, queueRequests: 1 };
    const used = { ...noUsage, invocations: 1, billedMs: 4_000, gigabyteSeconds: 1, writeUnits: 1, queueRequests: 3 };
    expect(meter.take(NOW + 3_980, rest)).toEqual(used);
  });

  test("without an invocation is not billed, and a clock that goes back bills nothing", () => {
    expect(meter.take(NOW)).toEqual(noUsage);
    meter.begin(NOW);
    expect(meter.take(NOW - 5).billedMs).toBe(0);
  });
});
