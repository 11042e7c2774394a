import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { SmallCloud, until } from "../smallCloud";

let cloud: SmallCloud;
let sqs: SQSClient;
let dead: Record<string, string>;
let queue: Record<string, string>;
beforeEach(async () => {
  cloud = await SmallCloud.start();
  sqs = new SQSClient(cloud.as());
  dead = await cloud.make("aws:sqs/queue:Queue", "dead", {});
});
afterEach(async () => {
  sqs?.destroy();
  await cloud?.stop();
});

/** A queue with dead letters and a function of one record an invocation. */
async function worker(source: string, { maxReceiveCount = 100, visibility = 1, timeout = 1 } = {}) {
  queue = await cloud.make("aws:sqs/queue:Queue", "work", {
    visibilityTimeoutSeconds: visibility,
    redrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount }),
  });
  const fromQueue = {
    Effect: "Allow",
    Action: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"],
    Resource: queue.arn,
  };
  const environment = { variables: { QUEUE_URL: queue.url } };
  const { arn } = await cloud.function("worker", source, { statements: [fromQueue], timeout, environment });
  await cloud.make("aws:lambda/eventSourceMapping:EventSourceMapping", "source", {
    eventSourceArn: queue.arn,
    functionName: arn,
    batchSize: 1,
    functionResponseTypes: ["ReportBatchItemFailures"],
    scalingConfig: { maximumConcurrency: 16 },
  });
  for (const mapping of cloud.parts.eventSourceMappings) mapping.start();
}

async function send(count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 10) {
    const Entries = Array.from({ length: Math.min(10, count - sent) }, (_, index) => ({
      Id: String(index),
      MessageBody: String(sent + index),
    }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: queue.url, Entries }));
  }
}

/** Numbers that the function wrote, each on a line after a word. */
const written = (word: string) =>
  [...cloud.logs.matchAll(new RegExp(`^${word} (\\d+)$`, "gm"))].map(([, number]) => Number(number));

async function messagesLeft(url: string | undefined): Promise<number> {
  const AttributeNames = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
  const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...AttributeNames] });
  const { Attributes = {} } = await sqs.send(command);
  return AttributeNames.reduce((sum, name) => sum + Number(Attributes[name]), 0);
}

const DONE = "return { batchItemFailures: [] };";

test("a batch size of 1 and a maximum concurrency of 16 are what a worker gets", async () => {
  const folder = await mkdtemp(join(tmpdir(), "queue-workers-"));
  await worker(
    // The first sixteen wait for each other, so they end only if all of them are in work at once.
    `import { readdirSync, writeFileSync } from "node:fs";
     export const handler = async ({ Records }) => {
       console.log('records', Records.length);
       console.log('from', Date.now());
       writeFileSync(${JSON.stringify(folder)} + '/' + Records[0].body, '');
       while (readdirSync(${JSON.stringify(folder)}).length < 16) await new Promise((resolve) => setTimeout(resolve, 20));
       console.log('to', Date.now());
       console.log('done', Records[0].body);
       ${DONE} };`,
    // However slow the machine is, no invocation is ended, so no message comes a second time.
    { visibility: 60, timeout: 30 },
  );
  await send(64);
  await until(() => written("done").length === 64);
  expect(new Set(written("records"))).toEqual(new Set([1]));
  expect(written("done").toSorted((a, b) => a - b)).toEqual(Array.from({ length: 64 }, (_, index) => index));
  const [from, to] = [written("from"), written("to")];
  const atOnce = from.map((now) => from.filter((start) => start <= now).length - to.filter((end) => end <= now).length);
  expect(Math.max(...atOnce)).toBeLessThanOrEqual(16);
  await until(async () => (await messagesLeft(queue.url)) === 0);
  await rm(folder, { recursive: true });
});

test("workers killed at random, and messages delivered twice, lose nothing", async () => {
  await worker(
    `export const handler = async ({ Records }) => {
       await new Promise((resolve) => setTimeout(resolve, 40));
       console.log('done', Records[0].body);
       ${DONE} };`,
  );
  cloud.parts.faults.set({
    seed: 7,
    rules: [
      { service: "lambda", resource: "worker", probability: 0.3, fault: { kind: "kill", ms: { uniform: [0, 40] } } },
      { service: "eventSourceMapping", probability: 0.1, fault: { kind: "duplicate" } },
    ],
  });
  await send(60);
  await until(async () => new Set(written("done")).size === 60 && (await messagesLeft(queue.url)) === 0);
  const [kills, duplicates] = cloud.parts.faults.report().rules.map(({ struck }) => struck);
  expect(kills).toBeGreaterThan(5);
  expect(duplicates).toBeGreaterThan(0);
  expect(await messagesLeft(dead.url)).toBe(0);
});

/** A handler that sets its record's visibility through the gateway, with its own role, and fails the record. */
const hiding = (seconds: number) => `import client from ${JSON.stringify(require.resolve("@aws-sdk/client-sqs"))};
const sqs = new client.SQSClient({});
export const handler = async ({ Records: [record] }) => {
  console.log('received', Date.now());
  const input = { QueueUrl: process.env.QUEUE_URL, ReceiptHandle: record.receiptHandle, VisibilityTimeout: ${seconds} };
  const { $metadata } = await sqs.send(new client.ChangeMessageVisibilityCommand(input));
  console.log('status', $metadata.httpStatusCode);
  return { batchItemFailures: [{ itemIdentifier: record.messageId }] };
};`;

test.each([
  // The worker needs the queue's seconds for its call: on a busy machine, loading the client alone takes more than one.
  ["longer than the queue says", 5, 7, 6_900],
  // Without the worker's call, the message would come back only after the test's time-out.
  ["shorter", 900, 1, 900],
  ["for no time at all", 900, 0, 0],
])("a worker hides its message %s", async (_, visibility, seconds, least) => {
  await worker(hiding(seconds), { visibility });
  await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: "0" }));
  await until(() => written("received").length >= 2);
  expect(written("status")[0]).toBe(200);
  const [first = 0, second = 0] = written("received");
  expect(second - first).toBeGreaterThanOrEqual(least);
});

test("a message that fails too often is a dead letter", async () => {
  const fails = "export const handler = async () => { throw new Error('no'); };";
  await worker(fails, { maxReceiveCount: 2, visibility: 1 });
  await send(1);
  await until(async () => (await messagesLeft(dead.url)) === 1);
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: dead.url }));
  expect(Messages.map(({ Body }) => Body)).toEqual(["0"]);
});
