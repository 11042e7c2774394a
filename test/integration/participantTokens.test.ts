/** Tokens that prove whose answers a submission has, with the real commands and the real sender on the local cloud. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DynamoDBClient, ListTablesCommand, paginateScan } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, ListBucketsCommand, ListObjectVersionsCommand, S3Client } from "@aws-sdk/client-s3";
import { createSender, openOutbox, type SenderOptions } from "../../sender/index";
import { sluice } from "../cli/operatorStack";
import { scratchFolder } from "../sender/helpers";
import { parseCsv } from "../support/csv";
import { RunningCloud } from "./runningCloud";
import { sluiceOn } from "./sluiceOn";
import { type Survey, secondOfDay, survey } from "./surveys";

jest.setTimeout(400_000);

let cloud: RunningCloud;
let root: string;
let s3: S3Client;
let dynamodb: DynamoDBClient;
/** Every token that was ever made here. */
const made: string[] = [];
/** Cora's tokens before and after the rotation. */
const rotated = { former: "", current: "" };
const surveyOfCora = (n: number) => survey({ user_id: "cora", timestamp: secondOfDay(n) });
beforeAll(async () => {
  cloud = await RunningCloud.start({
    senderAccess: "cognito-guest",
    ingestParticipantTokens: "required",
    ingestLogLevel: "DEBUG",
  });
  root = await scratchFolder();
  await mkdir(join(root, ".sluice"));
  await writeFile(join(root, ".sluice/local.json"), JSON.stringify(cloud.state));
  [s3, dynamodb] = [new S3Client(cloud.client), new DynamoDBClient(cloud.client)];
});
afterAll(async () => {
  for (const client of [s3, dynamodb]) client?.destroy();
  await cloud?.stop();
});

const run = (...args: string[]) => sluice(root, ["intake", ...args]);
const json = async (...args: string[]) => JSON.parse((await run(...args, "--json")).stdout);

/** Tokens by participant. */
async function enroll(...ids: string[]): Promise<Record<string, string>> {
  const [head, ...rows] = parseCsv((await run("enroll", ...ids)).stdout);
  expect(head).toEqual(["user_id", "token"]);
  made.push(...rows.map(([, token]) => token!));
  return Object.fromEntries(rows);
}

/** Sends as a guest, and waits until all is decided: functions may notice a rotation only after a minute. */
async function send(participantToken: SenderOptions["participantToken"], ...surveys: Survey[]): Promise<void> {
  // With the stack's rules, a sender refuses to send without a token. A forger has none.
  const guest = createSender(cloud.state.outputs.sender, { rules: false, participantToken });
  const results = await guest.sendSurveys(surveys);
  expect(results.map(({ statusCode }) => statusCode)).toEqual(surveys.map(() => 200));
  guest.close();
  await cloud.reader.drained(240_000);
}

const unproven = (participant: string) =>
  json("quarantine", "list", "--all", "--reason", "unproven", "--participant", participant);

test("a submission counts only with the participant's own token, no forgery blocks the true one, and after a rotation both tokens are valid", async () => {
  const tokens = await enroll("ann", "bob", "bob0", "cora");
  const own = survey({ user_id: "ann", q1: 1 });
  const forged = survey({ user_id: "ann", q1: 5 });
  // Forgeries under the same key come first: without a token, with another participant's, with a made-up one.
  const forging = Promise.all([
    send(undefined, forged),
    send(tokens.bob, forged, survey({ user_id: "bob0" })),
    send(`v1.${"A".repeat(43)}`, forged),
  ]);
  // A new token waits as long as a forgery does: until every function has read the secrets again. Both wait at once.
  expect((await run("tokens", "rotate")).code).toBe(0);
  Object.assign(rotated, { former: tokens.cora, current: (await enroll("cora")).cora });
  expect(rotated.current).not.toBe(rotated.former);
  await Promise.all([forging, send(rotated.former, surveyOfCora(1)), send(rotated.current, surveyOfCora(2))]);
  expect((await cloud.reader.participants()).cora).toMatchObject({ num_submission: 2 });
  expect((await cloud.reader.participants()).ann).toBeUndefined();
  expect(await unproven("ann")).toMatchObject({ total: 3, reasons: { unproven: 3 } });

  await send((userId) => tokens[userId]!, own, survey({ user_id: "bob" }));
  await send(tokens.ann, own);
  const { ann, bob, bob0 } = await cloud.reader.participants();
  expect([ann, bob]).toMatchObject([{ num_submission: 1, q1: 1 }, { num_submission: 1 }]);
  expect(bob0).toBeUndefined();
  expect(await cloud.logs()).toContain('"reason":"unproven"');
});

test("the same holds for an outbox", async () => {
  const { dora } = await enroll("dora");
  const guest = createSender(cloud.state.outputs.sender, { participantToken: dora });
  const outbox = openOutbox(await scratchFolder(), guest);
  await outbox.save(survey({ user_id: "dora" }));
  expect((await outbox.flush()).sent).toHaveLength(1);
  guest.close();
  await cloud.reader.drained(240_000);
  expect((await cloud.reader.participants()).dora).toMatchObject({ num_submission: 1 });
});

test("a submission counts only once a person vouches for it", async () => {
  await send(undefined, survey({ user_id: "eve" }));
  expect(await run("quarantine", "resend", "--participant", "eve")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("--prove"),
  });
  expect((await json("quarantine", "resend", "--participant", "eve", "--prove")).resent).toHaveLength(1);
  await cloud.reader.drained(240_000);
  expect((await cloud.reader.participants()).eve).toMatchObject({ num_submission: 1 });
  expect(await unproven("eve")).toMatchObject({ total: 1, statuses: { accepted: 1 } });
  await enroll("eve");
});

test("the smoke test sends with the tokens of its participants", async () => {
  expect(await sluiceOn(cloud.state, ["smoke"])).toMatchObject({ code: 0, stderr: "" });
});

test("a minute after the retirement only the new token is valid", async () => {
  expect((await run("tokens", "retire")).code).toBe(0);
  // By then every function has to read the secrets again.
  await sleep(61_000);
  await send(rotated.former, surveyOfCora(3));
  await send(rotated.current, surveyOfCora(4));
  const { cora } = await cloud.reader.participants();
  expect(cora).toMatchObject({ num_submission: 3, timestamp: secondOfDay(4) });
  expect(await unproven("cora")).toMatchObject({ total: 1 });
});

test("no token is in a log, an object, a table or an export", async () => {
  expect(new Set(made).size).toBeGreaterThan(5);
  const secrets = made.flatMap((token) => [token, token.slice(3)]);
  const kept = [await cloud.logs(""), ...(await objects()), ...(await items())];
  for (const what of ["participants", "submissions"]) kept.push((await run(what, "export")).stdout);
  kept.push((await run("quarantine", "list", "--all", "--json")).stdout, (await run("dead", "list", "--json")).stdout);
  expect(kept.length).toBeGreaterThan(10);
  expect(kept.filter((text) => secrets.some((secret) => text.includes(secret)))).toEqual([]);
  expect(kept.filter((text) => text.includes("participant_token"))).toEqual([]);
});

/** Every version of every object, with its key and its metadata. */
async function objects(): Promise<string[]> {
  const texts: string[] = [];
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  expect(Buckets.length).toBeGreaterThan(2);
  for (const { Name: Bucket } of Buckets) {
    const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    for (const { Key, VersionId } of Versions) {
      const object = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
      texts.push(`${Key} ${JSON.stringify(object.Metadata)} ${await object.Body?.transformToString()}`);
    }
  }
  return texts;
}

async function items(): Promise<string[]> {
  const texts: string[] = [];
  const { TableNames = [] } = await dynamodb.send(new ListTablesCommand({}));
  expect(TableNames.length).toBeGreaterThan(2);
  for (const TableName of TableNames) {
    for await (const page of paginateScan({ client: dynamodb }, { TableName })) texts.push(JSON.stringify(page.Items));
  }
  return texts;
}
