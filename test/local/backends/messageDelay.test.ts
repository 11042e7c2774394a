import {
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { messagesIn } from "../../../local/messagesIn";
import { SmallCloud } from "../smallCloud";

let cloud: SmallCloud;
let sqs: SQSClient;
let QueueUrl: string;
beforeAll(async () => {
  cloud = await SmallCloud.start();
  sqs = new SQSClient(cloud.as());
});
afterAll(async () => {
  sqs?.destroy();
  await cloud?.stop();
});
let queues = 0;
beforeEach(async () => {
  ({ url: QueueUrl = "" } = await cloud.make("aws:sqs/queue:Queue", `starts-${queues++}`, {}));
});

const send = (MessageBody: string, DelaySeconds?: number) =>
  sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...(DelaySeconds === undefined ? {} : { DelaySeconds }) }));

/** Receives and deletes until `count` messages have come. Returns each with the milliseconds from `since` to its receive. */
async function received(count: number, since: number): Promise<[body: string, afterMs: number][]> {
  const all: [string, number][] = [];
  while (all.length < count) {
    const wait = { WaitTimeSeconds: 10, MaxNumberOfMessages: 10 };
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, ...wait }));
    all.push(...Messages.map(({ Body = "" }): [string, number] => [Body, Date.now() - since]));
    const Entries = Messages.map(({ MessageId: Id, ReceiptHandle }) => ({ Id, ReceiptHandle }));
    if (Entries.length > 0) await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
  return all;
}

test("a message with a delay doesn't come before the delay is over, and counts as a message of the queue until then", async () => {
  const since = Date.now();
  await send("later", 2);
  await send("at once");
  expect(await messagesIn(sqs, QueueUrl)).toBe(2);
  const [first, second] = await received(2, since);
  expect([first?.[0], second?.[0]]).toEqual(["at once", "later"]);
  expect(second?.[1]).toBeGreaterThanOrEqual(2_000);
});

test("each message of a batch has its own delay", async () => {
  const since = Date.now();
  const Entries = [2, 0, 1].map((DelaySeconds) => ({
    Id: `m${DelaySeconds}`,
    MessageBody: String(DelaySeconds),
    DelaySeconds,
  }));
  await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  const all = await received(3, since);
  expect(all.map(([body]) => body)).toEqual(["0", "1", "2"]);
  for (const [body, afterMs] of all) expect(afterMs).toBeGreaterThanOrEqual(Number(body) * 1_000);
});

test.each([901, -1])("a delay of %d seconds is refused as SQS refuses it", async (delay) => {
  await expect(send("never", delay)).rejects.toMatchObject({
    name: "InvalidParameterValue",
    message: `Value ${delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`,
  });
  expect(await messagesIn(sqs, QueueUrl)).toBe(0);
});

test.each([0, 900])("a delay of %d seconds is accepted", async (delay) => {
  await send("taken", delay);
  expect(await messagesIn(sqs, QueueUrl)).toBe(1);
});

test.each([
  ["some of a batch", [5, 901, 6], ["m0", "m2"], ["m1"]],
  ["all of a batch", [-1, 901], [], ["m0", "m1"]],
])("delays of %s are refused one by one", async (_, delays, taken, refused) => {
  const Entries = delays.map((DelaySeconds, n) => ({ Id: `m${n}`, MessageBody: "x", DelaySeconds }));
  const { Successful = [], Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  expect(Successful.map(({ Id }) => Id)).toEqual(taken);
  expect(Failed).toEqual(
    refused.map((Id) => expect.objectContaining({ Id, SenderFault: true, Code: "InvalidParameterValue" })),
  );
  expect(await messagesIn(sqs, QueueUrl)).toBe(taken.length);
});
