import {
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Reading } from "../../../local/metering/metering";
import { SmallCloud, until } from "../smallCloud";

let cloud: SmallCloud;
beforeEach(async () => {
  cloud = await SmallCloud.start({ database: true });
});
afterEach(() => cloud.stop());

function calls({ requests }: Reading, service: string) {
  const of = requests.filter((count) => count.service === service);
  return Object.fromEntries(of.map(({ operation, caller, calls, billed }) => [operation, { caller, calls, billed }]));
}

const key = (id: string) => ({ id: { S: id } });
const byAdministrator = (count: number, billed = count) => ({ caller: "administrator", calls: count, billed });

async function table(dynamodb: DynamoDBClient, TableName: string, index?: string) {
  const GlobalSecondaryIndexes = [
    {
      IndexName: index,
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" as const }],
      Projection: { ProjectionType: "ALL" as const },
    },
  ];
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      ...(index === undefined ? {} : { GlobalSecondaryIndexes }),
    }),
  );
}

test("a table's capacity units are counted by caller: transactions twice, failed conditions, and each index by itself", async () => {
  const dynamodb = new DynamoDBClient(cloud.as());
  await table(dynamodb, "jobs");
  await table(dynamodb, "indexed", "again");
  const meter = cloud.parts.metering.start();
  const text = { S: "x".repeat(1_500) };
  const put = { TableName: "jobs", Item: { ...key("a"), text } };
  await dynamodb.send(new PutItemCommand(put));
  await dynamodb.send(
    new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName: "jobs", Item: key("b") } }] }),
  );
  const impossible = { TableName: "jobs", Key: key("a"), ConditionExpression: "attribute_not_exists(id)" };
  const change = { ExpressionAttributeValues: { ":one": { N: "1" } }, UpdateExpression: "SET n = :one" };
  await expect(dynamodb.send(new UpdateItemCommand({ ...impossible, ...change }))).rejects.toThrow("conditional");
  await dynamodb.send(new PutItemCommand({ TableName: "indexed", Item: key("c") }));
  await dynamodb.send(
    new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName: "indexed", Item: key("d") } }] }),
  );
  const { ConsumedCapacity } = await dynamodb.send(
    new ScanCommand({ TableName: "jobs", ReturnConsumedCapacity: "TOTAL" }),
  );
  await dynamodb.send(new ScanCommand({ TableName: "jobs", ReturnConsumedCapacity: "INDEXES" }));

  expect(meter.stop().consumption).toEqual([
    { table: "jobs", caller: "administrator", readUnits: 1, writeUnits: 2 + 2 + 2 },
    { table: "indexed", caller: "administrator", readUnits: 0, writeUnits: 1 + 2 },
    { table: "indexed", index: "again", caller: "administrator", readUnits: 0, writeUnits: 1 + 1 },
  ]);
  // Callers see only what they asked for, as they do without a meter.
  expect(ConsumedCapacity).toEqual({ TableName: "jobs", CapacityUnits: 0.5 });
  dynamodb.destroy();
});

test("a table with modelled capacity is counted once", async () => {
  const dynamodb = new DynamoDBClient(cloud.as());
  await table(dynamodb, "jobs");
  const authorization = { method: "PUT", body: JSON.stringify({ table: "jobs", mode: "record" }) };
  await cloud.administer("capacity", authorization);
  const meter = cloud.parts.metering.start();
  await dynamodb.send(new PutItemCommand({ TableName: "jobs", Item: key("a") }));
  expect(meter.read().consumption).toEqual([{ table: "jobs", caller: "administrator", readUnits: 0, writeUnits: 1 }]);
  dynamodb.destroy();
});

test("S3 requests are counted by operation, deletions without a price", async () => {
  const s3 = new S3Client({ ...cloud.as(), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "results" }));
  const meter = cloud.parts.metering.start();
  const object = { Bucket: "results", Key: "a" };
  await s3.send(new PutObjectCommand({ ...object, Body: "x" }));
  await s3.send(new GetObjectCommand(object));
  await s3.send(new ListObjectsV2Command({ Bucket: "results" }));
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(object));
  const { ETag } = await s3.send(new UploadPartCommand({ ...object, UploadId, PartNumber: 1, Body: "y" }));
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await s3.send(new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload }));
  await s3.send(new DeleteObjectCommand(object));
  expect(calls(meter.stop(), "s3")).toEqual({
    PutObject: byAdministrator(1),
    GetObject: byAdministrator(1),
    ListObjectsV2: byAdministrator(1),
    CreateMultipartUpload: byAdministrator(1),
    UploadPart: byAdministrator(1),
    CompleteMultipartUpload: byAdministrator(1),
    DeleteObject: byAdministrator(1, 0),
  });
  s3.destroy();
});

test("a function, its poller and a person are counted separately; invocations are billed with their initialisation", async () => {
  const queue = await cloud.make("aws:sqs/queue:Queue", "units", { name: "units", visibilityTimeoutSeconds: 30 });
  const worker = await cloud.function(
    "worker",
    `const started = Date.now();
     while (Date.now() < started + 50);
     export async function handler() { await new Promise((done) => setTimeout(done, 100)); return null; }`,
    { statements: [{ Effect: "Allow", Action: "sqs:*", Resource: queue.arn }], memorySize: 512 },
  );
  await cloud.make("aws:lambda/eventSourceMapping:EventSourceMapping", "units", {
    eventSourceArn: queue.arn,
    functionName: worker.arn,
    batchSize: 1,
    scalingConfig: { maximumConcurrency: 2 },
  });
  const meter = cloud.parts.metering.start();
  for (const mapping of cloud.parts.eventSourceMappings) mapping.start();
  const sqs = new SQSClient(cloud.as());
  const send = async () => {
    const Entries = [{ Id: "0", MessageBody: "x" }];
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: queue.url, Entries }));
  };
  const deletions = () => meter.read().requests.find(({ operation }) => operation === "DeleteMessageBatch")?.calls;
  await send();
  await until(() => deletions() === 1);
  await send();
  await until(() => deletions() === 2);

  const { invocations, requests } = meter.stop();
  const [first, second] = invocations;
  expect(invocations).toHaveLength(2);
  expect(first).toMatchObject({ function: "worker", memoryMegabytes: 512 });
  expect(first!.initMs).toBeGreaterThanOrEqual(50);
  expect(first!.billedMs).toBeGreaterThanOrEqual(Math.floor(first!.initMs) + 99);
  expect(second!.initMs).toBe(0);
  expect(second!.billedMs).toBeGreaterThanOrEqual(99);
  const who = requests.map(({ operation, caller, calls, empty }) => [operation, caller, calls - empty]);
  expect(who).toEqual(
    expect.arrayContaining([
      ["SendMessageBatch", "administrator", 2],
      ["ReceiveMessage", "worker-poller", 2],
      ["DeleteMessageBatch", "worker-poller", 2],
    ]),
  );
  sqs.destroy();
});

test("a call that is refused, or fails by a fault, is not counted; a call whose answer is lost is counted", async () => {
  const queue = await cloud.make("aws:sqs/queue:Queue", "units", { name: "units" });
  const role = await cloud.role("mute", []);
  const send = (client: SQSClient) =>
    client.send(new SendMessageBatchCommand({ QueueUrl: queue.url, Entries: [{ Id: "0", MessageBody: "x" }] }));
  const [mute, person] = [new SQSClient(cloud.as(role)), new SQSClient(cloud.as())];
  const meter = cloud.parts.metering.start();
  await expect(send(mute)).rejects.toThrow("not authorized");
  const fault = { kind: "error", status: 503, code: "ServiceUnavailable", message: "no" };
  cloud.parts.faults.set({ seed: 1, rules: [{ service: "sqs", fault, caller: "everybody", probability: 1 }] });
  await expect(send(person)).rejects.toThrow("no");
  expect(meter.read().requests).toEqual([]);
  cloud.parts.faults.set({
    seed: 1,
    rules: [{ service: "sqs", fault: { kind: "lost" }, caller: "everybody", probability: 1 }],
  });
  await expect(send(person)).rejects.toThrow();
  expect(calls(meter.stop(), "sqs")).toEqual({ SendMessageBatch: byAdministrator(1) });
  mute.destroy();
  person.destroy();
});

test("each of two meters counts from its own start, and a stopped meter counts no more", () => {
  const { metering } = cloud.parts;
  const call = { service: "sqs", operation: "SendMessage", caller: "administrator", billed: 1, empty: false };
  const first = metering.start();
  metering.called(call);
  const second = metering.start();
  metering.called(call);
  expect(first.stop().requests).toEqual([expect.objectContaining({ calls: 2 })]);
  metering.called(call);
  expect([first, second].map((meter) => meter.read().requests[0]?.calls)).toEqual([2, 2]);
  expect(metering.running).toBe(true);
  second.stop();
  expect(metering.running).toBe(false);
});

test("the administrative endpoint starts, reads and stops a meter", async () => {
  const administer = (method: string) =>
    cloud.administer<Partial<Reading> & { error?: string }>("metering", { method });
  expect((await administer("GET")).error).toContain("PUT /_sluice/metering starts one");
  await administer("PUT");
  cloud.parts.metering.consumed({ table: "jobs", caller: "worker", direction: "write", units: 3 });
  const expected = [{ table: "jobs", caller: "worker", readUnits: 0, writeUnits: 3 }];
  expect((await administer("GET")).consumption).toEqual(expected);
  expect((await administer("DELETE")).consumption).toEqual(expected);
  expect(cloud.parts.metering.running).toBe(false);
});
