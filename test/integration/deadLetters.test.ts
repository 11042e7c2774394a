import { Writable } from "node:stream";
import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import {
  GetQueueAttributesCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { systemClock } from "../../shared/clock";
import { everythingIn } from "./everythingIn";
import { RunningCloud } from "./runningCloud";
import { sluiceOn } from "./sluiceOn";
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
  const { code, stdout, stderr } = await sluiceOn(cloud.state, [...args, "--json"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as T;
}

async function send(body: string): Promise<void> {
  const { queueUrl: QueueUrl } = cloud.state.outputs;
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
}

/** The real limit takes hours of back-off to reach; one receive is enough to see the way. */
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

test("what fails for too long is listed with its reason, and counts once however often it is moved back", async () => {
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

test("the status counts what was stored, and what was refused by reason", async () => {
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

describe("the smoke test", () => {
  const smoke = (args: string[], overrides = {}) => sluiceOn(cloud.state, ["smoke", ...args], overrides);
  let before: Awaited<ReturnType<typeof everythingIn>>;
  beforeEach(async () => {
    before = await everythingIn(cloud.state);
  });

  test("proves the stack, says what it costs, and leaves nothing", async () => {
    const { code, stdout, stderr } = await smoke(["--json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { run, passed, dollarsAtMost } = JSON.parse(stdout);
    expect(run).toMatch(/^smoke-[0-9a-f]{8}$/);
    expect(passed).toEqual([
      "sent 10 samples",
      "found 7 stored and 3 quarantined, as the stack's rules have it",
      "saw a message without a signature refused",
      expect.stringMatching(/^counted and exported 5 items of table ingest-results-\w+$/),
      "left nothing behind",
    ]);
    expect(dollarsAtMost).toBeGreaterThan(0);
    expect(dollarsAtMost).toBeLessThan(0.01);
    expect(await everythingIn(cloud.state)).toEqual(before);
  });

  test("reads only its own items of a table that is too large to be read for less than a cent", async () => {
    const table = cloud.state.outputs.resultsTable as string;
    const dynamodb = new DynamoDBClient(cloud.client);
    const key = (n: number) => ({ user_id: { S: `large-${n}` } });
    const all = Array.from({ length: 24 }, (_, n) => key(n));
    for (const Item of all) {
      await dynamodb.send(
        new PutItemCommand({ TableName: table, Item: { ...Item, note: { S: "x".repeat(380_000) } } }),
      );
    }
    const large = await everythingIn(cloud.state);
    const { code, stdout, stderr } = await smoke([]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(
      /It costs less than a cent[\s\S]*ok {2}counted and exported 5 items[\s\S]*cost at most \$0\.00/,
    );
    expect(await everythingIn(cloud.state)).toEqual(large);
    for (const Key of all) await dynamodb.send(new DeleteItemCommand({ TableName: table, Key }));
    dynamodb.destroy();
  });

  test.each([
    ["samples", "sent 10"],
    ["a job", "refused"],
  ])("interrupted while it waits for %s, it leaves nothing", async (_, reached) => {
    // Samples and jobs last long enough to be waited for.
    const slow = { kind: "latency", ms: { fixed: 3_000 } };
    await cloud.setFaults([
      { service: "dynamodb", action: "TransactWriteItems", fault: slow },
      { service: "dynamodb", action: "Scan", fault: slow },
    ]);
    const interrupt = new AbortController();
    let printed = "";
    const stdout = new Writable({
      write(chunk, _encoding, done) {
        printed += String(chunk);
        done();
      },
    });
    const sleep: typeof systemClock.sleep = (ms, signal) => {
      if (printed.includes(reached)) interrupt.abort(new Error("interrupted"));
      return systemClock.sleep(ms, signal);
    };
    const clock = { ...systemClock, sleep };
    const { code, stderr } = await smoke([], { stdout, clock, interruptible: () => interrupt.signal });
    await cloud.setFaults([]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Smoke test smoke-[0-9a-f]{8}: interrupted\. Nothing of it is left\.\n$/);
    expect(await everythingIn(cloud.state)).toEqual(before);
  });

  test("a job that fails is named in one sentence, and nothing is left", async () => {
    const fault = { kind: "error", code: "ValidationException", status: 400, message: "broken on purpose" };
    await cloud.setFaults([{ service: "dynamodb", action: "Scan", fault }]);
    const { code, stderr } = await smoke([]);
    await cloud.setFaults([]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^Smoke test smoke-\w+: job smoke-\w+-count is failed: .*broken on purpose.* Nothing of it is left\.\n$/,
    );
    expect(await everythingIn(cloud.state)).toEqual(before);
  });

  test("with a store function that fails, what arrives late is dropped, and --clean removes the rest", async () => {
    await cloud.setFaults([{ service: "lambda", resource: "ingest-store", fault: { kind: "failToLoad" } }]);
    const { code, stderr } = await smoke(["--timeout", "3"]);
    await cloud.setFaults([]);
    expect(code).toBe(1);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    const [, run = ""] =
      /^Smoke test (smoke-\w+): 10 samples .* neither stored nor quarantined in time/.exec(stderr) ?? [];
    const marks = ["0001", "0002", "0003", "0004", "0005"].map((id) => `${run}-${id}`);
    expect(stderr).toContain(`smoke --clean ${run}`);
    const left = await everythingIn(cloud.state);
    expect(left.filter((one) => !before.includes(one)).sort()).toEqual(marks.map((id) => expect.stringContaining(id)));
    // One receive is enough to die here.
    await cloud.reader.drained(120_000);
    await sluice("intake", "dead", "redrive", "--max-per-second", "500");
    await cloud.reader.drained(60_000);
    expect(await everythingIn(cloud.state)).toEqual(left);
    expect((await smoke(["--clean", run])).stdout).toBe(`Nothing of ${run} is left.\n`);
    expect(await everythingIn(cloud.state)).toEqual(before);
  });
});
