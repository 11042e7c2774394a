import {
  CancelMessageMoveTaskCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
  type StartMessageMoveTaskCommandInput,
} from "@aws-sdk/client-sqs";
import { refusalBy } from "../permissions/testGateway";
import { SmallCloud, until } from "../smallCloud";

type Queue = { name: string; arn: string; url: string; id: string };

let cloud: SmallCloud;
let sqs: SQSClient;
let work: Queue;
let dead: Queue;
let other: Queue;
beforeEach(async () => {
  cloud = await SmallCloud.start();
  sqs = new SQSClient(cloud.as());
  dead = await cloud.make<Queue>("aws:sqs/queue:Queue", "dead", {});
  other = await cloud.make<Queue>("aws:sqs/queue:Queue", "other", {});
  const redrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 3 });
  work = await cloud.make<Queue>("aws:sqs/queue:Queue", "work", { redrivePolicy });
});
afterEach(async () => {
  sqs?.destroy();
  await cloud?.stop();
});

async function send(queue: Queue, bodies: string[]): Promise<void> {
  const MessageAttributes = { study: { DataType: "String", StringValue: "one" } };
  for (const MessageBody of bodies) {
    await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody, MessageAttributes }));
  }
}

async function waiting(queue: Queue): Promise<number> {
  const AttributeNames = ["ApproximateNumberOfMessages" as const];
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames }));
  return Number(Attributes?.ApproximateNumberOfMessages);
}

const start = (input: Partial<StartMessageMoveTaskCommandInput> = {}, client = sqs) =>
  client.send(new StartMessageMoveTaskCommand({ SourceArn: dead.arn, ...input }));

async function list(MaxResults?: number) {
  const { Results = [] } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn: dead.arn, MaxResults }));
  return Results;
}

const ended = () => until(async () => (await list())[0]?.Status !== "RUNNING");

test("without a destination letters go back where they came from, whole, as new messages", async () => {
  const bodies = Array.from({ length: 25 }, (_, n) => `letter ${n}`);
  await send(dead, bodies);
  await send(other, ["not concerned"]);
  const { TaskHandle } = await start();
  expect(TaskHandle).toEqual(expect.any(String));
  await ended();
  const moved = { ApproximateNumberOfMessagesMoved: 25, ApproximateNumberOfMessagesToMove: 25 };
  const started = { StartedTimestamp: expect.any(Number) };
  expect(await list()).toEqual([{ Status: "COMPLETED", SourceArn: dead.arn, ...moved, ...started }]);
  expect([await waiting(dead), await waiting(work), await waiting(other)]).toEqual([0, 25, 1]);
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: work.url, MessageAttributeNames: ["All"], AttributeNames: ["All"] }),
  );
  expect(Messages).toMatchObject([
    {
      Body: "letter 0",
      MessageAttributes: { study: { StringValue: "one" } },
      Attributes: { ApproximateReceiveCount: "1" },
    },
  ]);
});

test("with a destination letters go there, and the list shows that", async () => {
  await send(dead, ["a"]);
  await start({ DestinationArn: other.arn, MaxNumberOfMessagesPerSecond: 500 });
  await ended();
  expect(await list()).toMatchObject([
    { Status: "COMPLETED", DestinationArn: other.arn, MaxNumberOfMessagesPerSecond: 500 },
  ]);
  expect([await waiting(dead), await waiting(other)]).toEqual([0, 1]);
});

test("one task runs at a time; a cancelled task stops where it is, and has no handle any more", async () => {
  await send(dead, ["a", "b", "c", "d", "e"]);
  const { TaskHandle } = await start({ MaxNumberOfMessagesPerSecond: 1 });
  await until(async () => (await waiting(work)) > 0);
  expect(await list()).toMatchObject([{ Status: "RUNNING", TaskHandle }]);
  expect(await refusalBy(start())).toMatchObject({ message: expect.stringContaining("already a task running") });
  const cancelled = await sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
  expect(cancelled.ApproximateNumberOfMessagesMoved).toBeGreaterThan(0);
  await until(async () => (await list())[0]?.Status === "CANCELLED");
  expect((await list())[0]).not.toHaveProperty("TaskHandle");
  expect((await waiting(work)) + (await waiting(dead))).toBe(5);
  expect(await refusalBy(sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle })))).toMatchObject({
    name: "ResourceNotFoundException",
    message: "Task does not exist.",
  });
  await start();
  await ended();
  expect([await waiting(dead), await waiting(work)]).toEqual([0, 5]);
});

test("the last ten are kept, newest first; one is shown by default", async () => {
  for (let rate = 1; rate <= 12; rate++) {
    await start({ MaxNumberOfMessagesPerSecond: rate });
    await ended();
  }
  const rates = (await list(10)).map(({ MaxNumberOfMessagesPerSecond: rate }) => rate);
  expect(rates).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
  expect(await list()).toHaveLength(1);
});

describe("what SQS refuses", () => {
  const invalid = "InvalidParameterValue";
  const unknown = "ResourceNotFoundException";

  test.each<[string, () => Promise<unknown>, string, string]>([
    ["a queue that nobody's dead letters go to", () => start({ SourceArn: work.arn }), invalid, "Dead Letter Queue"],
    ["a source that is not there", () => start({ SourceArn: `${dead.arn}x` }), unknown, "SourceArn"],
    ["a destination that is not there", () => start({ DestinationArn: `${work.arn}x` }), unknown, "DestinationArn"],
    ["the source as destination", () => start({ DestinationArn: dead.arn }), invalid, "cannot be the same"],
    ["no messages a second", () => start({ MaxNumberOfMessagesPerSecond: 0 }), invalid, "between 1 and 500"],
    ["more than 500 a second", () => start({ MaxNumberOfMessagesPerSecond: 501 }), invalid, "between 1 and 500"],
    ["a list of none", () => list(0), invalid, "between 1 and 10"],
    ["a list of eleven", () => list(11), invalid, "between 1 and 10"],
    [
      "a malformed handle",
      () => sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle: "x" })),
      invalid,
      "TaskHandle",
    ],
  ])("%s", async (_, call, name, words) => {
    expect(await refusalBy(call())).toMatchObject({ name, message: expect.stringContaining(words) });
    expect(await waiting(dead)).toBe(0);
  });

  test("two queues with the same dead letters, whose source the local cloud doesn't know", async () => {
    const redrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 3 });
    await cloud.make("aws:sqs/queue:Queue", "second", { redrivePolicy });
    expect(await refusalBy(start())).toMatchObject({ message: expect.stringContaining("DestinationArn") });
  });
});

describe("permissions", () => {
  const allow = (Action: string[], Resource: string) => ({ Effect: "Allow", Action, Resource });
  const onDead = ["sqs:StartMessageMoveTask", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];

  test("without the permission to send to the queue that the letters go back to, the move is refused", async () => {
    const role = await cloud.role("mover", [allow(onDead, String(dead.arn))]);
    const refused = await refusalBy(start({}, new SQSClient(cloud.as(role))));
    expect(refused).toMatchObject({ name: "AccessDenied", message: expect.stringContaining("sqs:sendmessage") });
    expect(await list()).toEqual([]);
  });

  test("with this permission, the move starts; cancelling needs a permission of its own", async () => {
    const statements = [allow(onDead, String(dead.arn)), allow(["sqs:SendMessage"], String(work.arn))];
    const client = new SQSClient(cloud.as(await cloud.role("mover", statements)));
    await send(dead, ["a", "b", "c"]);
    const { TaskHandle } = await start({ MaxNumberOfMessagesPerSecond: 1 }, client);
    const refused = await refusalBy(client.send(new CancelMessageMoveTaskCommand({ TaskHandle })));
    expect(refused).toMatchObject({
      name: "AccessDenied",
      message: expect.stringContaining(`sqs:cancelmessagemovetask on resource: ${dead.arn}`),
    });
    await sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
  });
});
