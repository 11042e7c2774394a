import {
  GetQueueAttributesCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { everythingIn } from "./everythingIn";
import { RunningCloud } from "./runningCloud";
import { documentOf, sluiceOn } from "./sluiceOn";
import { survey } from "./surveys";

let cloud: RunningCloud;
let sqs: SQSClient;
beforeAll(async () => {
  cloud = await RunningCloud.start({ ingestTimeoutSeconds: "5" });
  sqs = new SQSClient(cloud.client);
});
afterAll(async () => {
  sqs?.destroy();
  await cloud?.stop();
});

/** Runs a command that must succeed. @returns the document that it printed */
async function sluice<T>(...args: string[]): Promise<T> {
  return documentOf<T>(await sluiceOn(cloud.state, [...args, "--json"]));
}

async function send(body: string): Promise<void> {
  const { queueUrl: QueueUrl } = cloud.state.outputs;
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
}

/** It takes hours of back-off to reach the real limit. One receive is enough to test the course of events. */
async function giveUpAtOnce(): Promise<void> {
  const { queueUrl: QueueUrl } = cloud.state.outputs;
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["RedrivePolicy"] }));
  const redrive = { ...JSON.parse(Attributes?.RedrivePolicy ?? "{}"), maxReceiveCount: 1 };
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy: JSON.stringify(redrive) } }));
}

interface Listed {
  total: number;
  letters: { userId: string | null; receives: number; lastError: string | null }[];
}

test("a submission that fails for too long is listed with its reason; it counts once, however often it is moved back", async () => {
  await giveUpAtOnce();
  const broken = { kind: "error", code: "InternalServerError", status: 500 };
  await cloud.setFaults([{ service: "dynamodb", action: "TransactWriteItems", fault: broken }]);
  const body = JSON.stringify(survey({ user_id: "unlucky" }));
  await send(body);
  await cloud.reader.drained(60_000);
  expect((await cloud.reader.state()).dead).toBe(1);
  expect(await sluice("intake", "status")).toMatchObject({
    waiting: 0,
    inFlight: 0,
    oldestSeconds: null,
    deadLetters: 1,
  });

  const first = await sluice<Listed>("intake", "dead", "list");
  const second = await sluice<Listed>("intake", "dead", "list", "--limit", "1");
  const letter = { userId: "unlucky", lastError: expect.stringContaining("InternalServerError") };
  for (const { total, letters } of [first, second]) {
    expect(total).toBe(1);
    expect(letters).toMatchObject([letter]);
  }
  // Listing consumes nothing, but SQS counts it as a receive.
  expect(second.letters[0]?.receives).toBe(first.letters[0]!.receives + 1);

  await cloud.setFaults([]);
  await send(body);
  expect(await sluice("intake", "dead", "redrive", "--max-per-second", "500")).toEqual({
    ...{ status: "COMPLETED", moved: 1, toMove: 1 },
  });
  await cloud.reader.drained(60_000);
  const { participants, dead } = await cloud.reader.state();
  expect(participants.unlucky).toMatchObject({ num_submission: 1 });
  expect(dead).toBe(0);
  expect(await sluice("intake", "dead", "redrive")).toEqual({ status: "COMPLETED", moved: 0, toMove: 0 });
  expect(await sluice("intake", "dead", "list")).toEqual({ total: 0, letters: [] });
});

test("the status counts stored submissions, and refused ones by reason", async () => {
  await send(JSON.stringify(survey({ user_id: "hasty", time_elapsed: 1 })));
  await send("not JSON");
  await cloud.reader.drained(60_000);
  const { deadLetters, storedPerMinute, quarantinedToday, quarantinedByReason } = await sluice<{
    deadLetters: number;
    storedPerMinute: number;
    quarantinedToday: number;
    quarantinedByReason: Record<string, number>;
  }>("intake", "status");
  expect(deadLetters).toBe(0);
  expect(storedPerMinute).toBeGreaterThan(0);
  expect(quarantinedToday).toBe(2);
  expect(Object.values(quarantinedByReason)).toEqual([1, 1]);
});

test("if the store function fails, the smoke test leaves marks, so the function drops its late messages", async () => {
  const before = await everythingIn(cloud.state);
  const smoke = (...args: string[]) => sluiceOn(cloud.state, ["smoke", ...args]);
  await cloud.setFaults([{ service: "lambda", resource: "ingest-store", fault: { kind: "kill", ms: { fixed: 0 } } }]);
  const { code, stderr } = await smoke("--timeout", "3");
  await cloud.setFaults([]);
  expect(code).toBe(1);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  const failure = /^Smoke test (smoke-\w+): after the wait, 10 samples were neither stored nor quarantined/.exec(
    stderr,
  );
  const run = failure?.[1] ?? stderr;
  expect(stderr).toContain(`smoke --clean ${run}\` to remove the marks.`);
  const left = await everythingIn(cloud.state);
  const marks = ["0001", "0002", "0003", "0004", "0005"].map((id) => expect.stringContaining(`${run}-${id}`));
  expect(left.filter((one) => !before.includes(one))).toEqual(marks);
  // One receive is enough to die here.
  await cloud.reader.drained(120_000);
  await sluice("intake", "dead", "redrive", "--max-per-second", "500");
  await cloud.reader.drained(60_000);
  expect(await everythingIn(cloud.state)).toEqual(left);
  expect((await smoke("--clean", run)).stdout).toBe(`Nothing of ${run} is left.\n`);
  expect(await everythingIn(cloud.state)).toEqual(before);
});
