/** The work of the study's lead and of the person on call, with the real commands on the local cloud. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Writable } from "node:stream";
import { DeleteItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ListObjectVersionsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { systemClock } from "../../shared/clock";
import { sluice } from "../cli/operatorStack";
import { scratchFolder } from "../sender/helpers";
import { parseCsv } from "../support/csv";
import { everythingIn } from "./everythingIn";
import { RunningCloud } from "./runningCloud";
import { documentOf, sluiceOn } from "./sluiceOn";
import { secondOfDay, survey } from "./surveys";

let cloud: RunningCloud;
let root: string;
let sqs: SQSClient;
let s3: S3Client;
let dynamodb: DynamoDBClient;
beforeAll(async () => {
  cloud = await RunningCloud.start();
  root = await scratchFolder();
  await mkdir(join(root, ".sluice"));
  await writeFile(join(root, ".sluice/local.json"), JSON.stringify(cloud.state));
  [sqs, s3, dynamodb] = [new SQSClient(cloud.client), new S3Client(cloud.client), new DynamoDBClient(cloud.client)];
});
afterAll(async () => {
  for (const client of [sqs, s3, dynamodb]) client?.destroy();
  await cloud?.stop();
});

const run = (...args: string[]) => sluice(root, ["intake", ...args]);
const json = async (...args: string[]) => JSON.parse((await run(...args, "--json")).stdout);
const output = (name: string) => String(cloud.state.outputs[name]);

async function send(...bodies: string[]): Promise<void> {
  for (const MessageBody of bodies) {
    await sqs.send(new SendMessageCommand({ QueueUrl: cloud.state.outputs.queueUrl, MessageBody }));
  }
  await cloud.reader.drained(60_000);
}

const body = (changes: Parameters<typeof survey>[0]) => JSON.stringify(survey(changes));

test("after a bad release: listed by reason, sent again, refused again or accepted", async () => {
  const quick = ["bad-1", "bad-2", "bad-3"].map((user_id) => body({ user_id, time_elapsed: 1 }));
  await send(...quick);
  // Refused under an earlier policy, which asked for ten seconds.
  const key = "participants/good-1/11111111-2222-3333-4444-555555555555.json";
  const refused = body({ user_id: "good-1" });
  const reasons = [{ code: "too_quick", field: "time_elapsed", message: "time_elapsed must be at least 10 seconds" }];
  const record = {
    reasons,
    sentAt: "2021-09-28T12:00:00.000Z",
    messageId: "11111111-2222-3333-4444-555555555555",
    body: refused,
  };
  const Bucket = output("quarantineBucket");
  await s3.send(new PutObjectCommand({ Bucket, Key: key, Body: JSON.stringify(record, undefined, 2) }));
  expect(await json("quarantine", "list", "--reason", "too_quick")).toMatchObject({
    total: 4,
    reasons: { too_quick: 4 },
  });

  expect((await json("quarantine", "resend", "--reason", "too_quick")).resent).toHaveLength(4);
  await cloud.reader.drained(60_000);
  const list = await json("quarantine", "list", "--reason", "too_quick");
  expect([list.total, list.statuses]).toEqual([3, { resent: 3, open: 3, accepted: 1 }]);
  expect(await json("quarantine", "show", key)).toMatchObject({ status: "accepted", body: refused });
  expect((await cloud.reader.participants())["good-1"]).toMatchObject({ num_submission: 1 });

  await run("quarantine", "resolve", "--reason", "too_quick", "--note", "bad release 1.4.2");
  expect(await json("quarantine", "list")).toMatchObject({ total: 0 });
});

test("exports come back as they were sent", async () => {
  const freetext = '=cmd|"x"!A1, "quoted"\r\nnext ä 😀';
  const surveys = [0, 1, 2].map((n) => survey({ user_id: "csv-1", timestamp: secondOfDay(n), q10: 3, freetext }));
  await send(...surveys.map((one) => JSON.stringify(one)));
  const [head = [], ...rows] = parseCsv((await run("submissions", "export", "--participant", "csv-1")).stdout);
  const column = (name: string) => rows.map((row) => row[head.indexOf(name)]);
  expect(column("timestamp")).toEqual(surveys.map(({ timestamp }) => timestamp));
  expect(column("freetext")).toEqual(surveys.map(() => `'${freetext}`));
  expect(head.filter((name) => name?.startsWith("q"))).toEqual(["q1", "q2", "q3", "q10"]);

  const lines = (await run("participants", "export", "--format", "jsonl")).stdout.trimEnd().split("\n");
  const latest = lines.map((line) => JSON.parse(line)).find(({ user_id }) => user_id === "csv-1");
  expect(latest).toMatchObject({ num_submission: 3, timestamp: secondOfDay(2), q10: 3, freetext });
});

test("an erased participant stays erased, whatever still arrives", async () => {
  const sent = [
    body({ user_id: "gone" }),
    body({ user_id: "gone", q1: 3 }),
    body({ user_id: "gone", time_elapsed: 1 }),
  ];
  await send(...sent, body({ user_id: "gone0" }));
  expect((await json("participant", "show", "gone")).quarantined).toHaveLength(2);
  const erased = await json("participant", "erase", "gone", "--yes");
  expect(erased).toMatchObject({ erased: true, left: { markers: 0, raw: 0, quarantine: 0 } });

  await send(...sent, body({ user_id: "gone", timestamp: secondOfDay(1) }));
  expect(await json("participant", "show", "gone")).toEqual({
    participant: "gone",
    item: { user_id: "gone", erased_at: erased.erasedAt },
    markers: [],
    raw: [],
    quarantined: [],
    versions: { raw: 0, quarantine: 0 },
  });
  for (const Bucket of [output("rawBucket"), output("quarantineBucket")]) {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const keys = [...Versions, ...DeleteMarkers].map(({ Key }) => Key);
    expect(keys.filter((one) => /gone(?!0)/.test(one ?? ""))).toEqual([]);
  }
  expect((await json("participant", "show", "gone0")).markers).toHaveLength(1);
});

test("results that are lost are rebuilt, while submissions keep arriving", async () => {
  await send(...[0, 1, 2, 3].map((n) => body({ user_id: `lost-${n % 2}`, timestamp: secondOfDay(n), q1: 1 + n })));
  const before = await cloud.reader.participants();
  const TableName = output("resultsTable");
  for (const [user, { erased_at }] of Object.entries(before)) {
    if (erased_at === undefined)
      await dynamodb.send(new DeleteItemCommand({ TableName, Key: { user_id: { S: user } } }));
  }
  const arriving = send(...[4, 5, 6, 7].map((n) => body({ user_id: "lost-0", timestamp: secondOfDay(n), q1: 2 })));
  expect((await run("rebuild", "--yes")).code).toBe(0);
  await arriving;
  expect((await run("rebuild", "--yes")).code).toBe(0);
  const after = await cloud.reader.participants();
  const { "lost-0": again, ...others } = after;
  expect(again).toMatchObject({ num_submission: 6, timestamp: secondOfDay(7), q1: 2 });
  expect({ ...others, "lost-0": before["lost-0"] }).toEqual(before);
  expect(await run("rebuild", "--dry-run")).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("no differences"),
  });
});

describe("the smoke test", () => {
  const smoke = (args: string[], overrides = {}) => sluiceOn(cloud.state, ["smoke", ...args], overrides);
  let before: string[];
  beforeEach(async () => {
    before = await everythingIn(cloud.state);
  });
  afterEach(async () => {
    await cloud.setFaults([]);
  });

  test("proves the stack, prints its cost, and leaves nothing behind", async () => {
    const {
      run: id,
      passed,
      dollarsAtMost,
    } = documentOf<{ run: string; passed: string[]; dollarsAtMost: number }>(await smoke(["--json"]));
    expect(id).toMatch(/^smoke-[0-9a-f]{8}$/);
    expect(passed).toEqual([
      "sent 10 samples",
      "found 7 stored and 3 quarantined, as the stack's rules require",
      "checked that SQS refuses a message without a signature",
      `counted and exported 5 items of table ${output("resultsTable")}`,
      "left nothing behind",
    ]);
    expect(dollarsAtMost).toBeGreaterThan(0);
    expect(dollarsAtMost).toBeLessThan(0.01);
    expect(await everythingIn(cloud.state)).toEqual(before);
  });

  test("counts and exports another table if asked to", async () => {
    const { code, stdout, stderr } = await smoke(["--table", output("submissionsTable")]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^Smoke test smoke-\w+\. It costs less than a cent\.\nok {2}sent 10 samples\n/);
    expect(stdout).toMatch(
      /counted and exported \d+ items of table ingest-submissions[\s\S]* cost at most \$0\.00\d+\.\n$/,
    );
    expect(await everythingIn(cloud.state)).toEqual(before);
  });

  test.each([
    ["samples", "sent 10"],
    ["a job", "SQS refuses"],
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
    expect(code).toBe(3);
    expect(stderr).toMatch(/^Smoke test smoke-[0-9a-f]{8}: interrupted\. It left nothing behind\.\n$/);
    expect(await everythingIn(cloud.state)).toEqual(before);
  });

  test("if the worker functions fail, it names the jobs and leaves nothing", async () => {
    await cloud.setFaults([
      { service: "lambda", resource: "scanner-worker", fault: { kind: "kill", ms: { fixed: 0 } } },
    ]);
    const { code, stderr } = await smoke(["--timeout", "20"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Smoke test smoke-\w+: the jobs did not end in time; .* It left nothing behind\.\n$/);
    expect(await everythingIn(cloud.state)).toEqual(before);
  });
});
