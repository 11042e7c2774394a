import { setTimeout as sleep } from "node:timers/promises";
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { createTable, fillTable } from "../../../local/fillTable";
import type { PermissionReport } from "../../../local/gateway/permissions/usage/report";
import { createSender } from "../../../sender/index";
import { participantToken } from "../../../services/ingest/tokens/participantToken";
import type { StartRequest } from "../../../shared/jobs/startRequest";
import type { RunningCloud } from "../../integration/runningCloud";
import { ScannerGround } from "../../integration/scannerGround";
import { survey } from "../../integration/surveys";
import { withStateIndex } from "../../support/stateIndex";
import { until } from "../smallCloud";
import exceptions from "./exceptions.json";
import { permissionProblems } from "./permissionProblems";

/** The same work with each driver, on tables of its own. */
const DRILLS = [
  { driver: "queue", table: "orders" },
  { driver: "workflow", table: "flow" },
] as const;
type Drill = (typeof DRILLS)[number];
/** Each takes one capacity unit to write. */
const ITEMS = 500;

jest.setTimeout(400_000);

let scanner: ScannerGround;
let cloud: RunningCloud;
beforeAll(async () => {
  scanner = await ScannerGround.start({
    senderAccess: "cognito-guest",
    ingestParticipantTokens: "required",
    ingestTimeoutSeconds: "5",
    ingestWriteCapacityLimit: "1000",
    scannerTables: DRILLS.map(({ table }) => table).join(","),
    scannerTimeoutSeconds: "10",
    backfillTables: DRILLS.flatMap(({ table }) => [table, `${table}-copy`]).join(","),
    backfillTimeoutSeconds: "10",
    shuffleTimeoutSeconds: "10",
  });
  cloud = scanner.cloud;
});
afterAll(() => scanner?.stop());

async function problems(): Promise<string[]> {
  const report = (await cloud.administer("GET", "permissions")) as unknown as PermissionReport;
  return permissionProblems(report, exceptions);
}

test("the program's roles may do all they need, and need all they may do", async () => {
  for (const { table } of DRILLS) await makeTables(table);
  await startAgain();
  // One after the other, because the faults for transactions are meant for the store function only.
  await surveys();
  await scanner.message("not a request");
  await Promise.all(
    DRILLS.map(async (drill) => {
      await bulkWork(drill);
      await backfills(drill);
    }),
  );
  await badEnd();
  const deadline = performance.now() + 60_000;
  while ((await problems()).length > 0 && performance.now() < deadline) await sleep(100);
  expect(await problems()).toEqual([]);
});

async function makeTables(table: string): Promise<void> {
  await createTable(scanner.operator.dynamodb, table, withStateIndex("ALL"));
  await createTable(scanner.operator.dynamodb, `${table}-copy`);
}

async function surveys(): Promise<void> {
  // Some of the surveys break the rules on purpose.
  await makeSecret();
  const tokenOf = (userId: string) => participantToken(SECRET, userId);
  const guest = createSender(cloud.state.outputs.sender, { rules: false, participantToken: tokenOf });
  // Several functions start at once. While the first write is under way, none of them knows the cost of a write yet.
  const slow = { kind: "latency", ms: { fixed: 1_500 } };
  await cloud.setFaults([{ service: "dynamodb", action: "TransactWriteItems", count: 1, fault: slow }]);
  await guest.sendSurveys(Array.from({ length: 60 }, (_, index) => survey({ user_id: `p-${index}` })));
  await cloud.reader.drained(60_000);

  // More than fit into an update expression: the whole item is written.
  const manyQuestions = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`q${index + 1}`, 3]));
  const odd = [
    survey({ user_id: "twice" }),
    survey({ user_id: "twice" }),
    survey({ user_id: "quick", time_elapsed: 1 }),
    survey({ user_id: "patient", ...manyQuestions }),
  ];
  for (const each of odd) {
    expect(await guest.sendSurvey(each)).toMatchObject({ statusCode: 200 });
    await cloud.reader.drained(60_000);
  }
  await undone(guest);
  const fault = { kind: "error", code: "ValidationException", status: 400 };
  await cloud.setFaults([{ service: "dynamodb", action: "TransactWriteItems", count: 1, fault }]);
  expect(await guest.sendSurvey(survey({ user_id: "unlucky" }))).toMatchObject({ statusCode: 200 });
}

const SECRET = Buffer.alloc(32, 7).toString("base64url");

async function makeSecret(): Promise<void> {
  const client = new SecretsManagerClient(cloud.client);
  const { studySecret } = cloud.state.outputs.intake as { studySecret: string };
  const SecretString = JSON.stringify({ current: SECRET });
  await client.send(new PutSecretValueCommand({ SecretId: studySecret, SecretString }));
  client.destroy();
}

/** Puts that the function undoes: a late duplicate of an expired object, and a refused body of an erased participant. */
async function undone(guest: ReturnType<typeof createSender>): Promise<void> {
  const { rawBucket, resultsTable, quarantineBucket } = cloud.state.outputs;
  const late = survey({ user_id: "late" });
  const send = async (each: ReturnType<typeof survey>) => {
    expect(await guest.sendSurvey(each)).toMatchObject({ statusCode: 200 });
    await cloud.reader.drained(60_000);
  };
  await send(late);
  const object = { Bucket: String(rawBucket), Key: `late${late.timestamp}.json` };
  await scanner.operator.s3.send(new DeleteObjectCommand(object));
  await send(late);
  const tombstone = { user_id: { S: "erased" }, erased_at: { S: "2026-01-01T00:00:00Z" } };
  await scanner.operator.dynamodb.send(new PutItemCommand({ TableName: String(resultsTable), Item: tombstone }));
  await send(survey({ user_id: "erased", time_elapsed: 1 }));
  // The write is repeated after a lost answer. It meets its own object, and compares its reasons.
  const lost = { service: "s3", action: "PutObject", resource: String(quarantineBucket), count: 1 };
  await cloud.setFaults([{ ...lost, fault: { kind: "lost" } }]);
  await send(survey({ user_id: "hasty", time_elapsed: 1 }));
  await cloud.setFaults([]);
}

const exportOf = (table: string) => ({ table, operation: "export", readRate: 20, segments: 2 });

/** The message of a start that fails at first goes back to the queue, and comes again. */
async function startAgain(): Promise<void> {
  const fault = { kind: "error", code: "ValidationException", status: 400 };
  await cloud.setFaults([{ service: "dynamodb", action: "DescribeTable", count: 1, fault }]);
  await scanner.message(JSON.stringify({ ...exportOf("orders"), jobId: "again" }));
  const back = "jobs-start-role TakeFromStartQueue sqs:ChangeMessageVisibility";
  await until(async () => !(await problems()).some((problem) => problem.startsWith(back)));
}

/** A count that is resumed, a count of an index, an export longer than an invocation, and an export without items. */
async function bulkWork(drill: Drill): Promise<void> {
  const { driver, table } = drill;
  const exporting = { ...exportOf(table), driver };
  const named = (name: string) => `${driver}-${name}`;
  await fillTable(scanner.operator.dynamodb, table, ITEMS, (n) => ({
    id: { S: `order-${n}` },
    note: { S: "x".repeat(1_000) },
    ...(n < 100 ? { state: { S: "open" } } : {}),
    ...(n >= 100 && n < 150 ? { few: { BOOL: true } } : {}),
  }));
  // About 60 RCU: at this rate, even a worker that has the limit to itself must hand the unit on in the middle of its object.
  const long = { readRate: 5, segments: 1, jobId: named("long") };
  expect(await scanner.ask({ ...exporting, ...long })).toMatchObject({ state: "running" });
  const none = { filter: "attribute_exists(nobody)", readRate: 500, jobId: named("none"), limitGroup: named("night") };
  expect(await scanner.ask({ ...exporting, ...none })).toMatchObject({ state: "running" });
  expect(await scanner.ask({ ...exporting, operation: "count", jobId: named("count") })).toMatchObject({
    state: "running",
  });
  const open = { operation: "count", index: "byState", filter: "attribute_exists(id)", jobId: named("open") };
  expect(await scanner.ask({ ...exporting, ...open })).toMatchObject({ state: "running" });
  expect(await scanner.ask({ resume: named("count") })).toMatchObject({ job: named("count") });
  expect(await scanner.end(named("count"))).toMatchObject({ state: "completed", result: { items: ITEMS } });
  expect(await scanner.end(named("open"))).toMatchObject({ state: "completed", result: { items: 100 } });
  for (const [job, items] of Object.entries({ long: ITEMS, none: 0 })) {
    expect(await scanner.end(named(job))).toMatchObject({ state: "completed", result: { items } });
  }
  if (driver === "queue") expect(await scanner.end("again")).toMatchObject({ state: "completed" });
  // The start of the next job removes ended jobs from the list of jobs on the table.
  // All jobs of its limit group have ended, so this job sets the group's rate.
  const next = { ...exporting, ...none, readRate: 400, operation: "count", jobId: named("next") };
  expect(await scanner.ask(next)).toMatchObject({ job: named("next"), limits: [{ limits: { table: 400 } }] });
  expect(await scanner.end(named("next"))).toMatchObject({ state: "completed" });
}

/** Writes in batches and one by one, from the table, an index, an export and a list of keys. */
async function backfills({ driver, table: name }: Drill): Promise<void> {
  const { s3, resultsBucket: Bucket } = scanner.operator;
  const lines = (...ids: string[]) => ids.map((id) => `${JSON.stringify({ id })}\n`).join("");
  await s3.send(new PutObjectCommand({ Bucket, Key: "lists/keys.jsonl", Body: lines("order-1", "order-2") }));
  const table = { table: name, writeRate: 500, driver };
  // No statement can name an attribute that begins with #.
  const hash = { names: { "#h": "#hash" } };
  // A few items are enough to use a permission.
  const few = { filter: "attribute_exists(few)" };
  const update = (more: Record<string, unknown>) => ({ ...table, operation: "update", update: more });
  const requests: Record<string, StartRequest> = {
    // The size of an empty table's units is unknown, so a workflow lists many of them in S3.
    ...(driver === "workflow" && {
      many: { ...update({ set: { seen: { BOOL: true } } }), table: `${name}-copy`, segments: 180 },
    }),
    // This job takes longer than an invocation.
    batches: { ...update({ set: { seen: { BOOL: true } } }), writeRate: 40, keepBefore: true },
    index: { ...update({ set: { open: { BOOL: true } } }), index: "byState" },
    single: { ...update({ set: { "#h": { N: "1" } }, ...hash }), ...few },
    exported: {
      ...update({ set: { exported: { BOOL: true } } }),
      source: `export:s3://${Bucket}/AWSDynamoDB/${driver}-long`,
    },
    listed: { ...update({ set: { listed: { BOOL: true } } }), source: `keys:s3://${Bucket}/lists/` },
    copied: { ...table, operation: "copy", to: `${name}-copy`, ...few },
    absent: { ...table, operation: "copy", to: `${name}-copy`, ifAbsent: true, ...few },
    deleted: { ...table, operation: "delete", onlyIf: "attribute_exists(open)" },
    alone: { ...table, operation: "delete", onlyIf: "attribute_exists(#h)", ...hash, ...few },
  };
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of an update
  const failing = update({ set: { state: "${nobody}" }, missing: "fail" });
  expect(await scanner.ask({ ...failing, maxFailures: "100%", jobId: `${driver}-failing` })).toMatchObject({
    job: `${driver}-failing`,
  });
  expect(await scanner.end(`${driver}-failing`)).toMatchObject({ state: "completed" });
  for (const [each, request] of Object.entries(requests)) {
    const jobId = `${driver}-${each}`;
    expect(await scanner.ask({ ...request, jobId })).toMatchObject({ job: jobId });
    expect(await scanner.end(jobId)).toMatchObject({ state: "completed", result: { outcomes: { failed: 0 } } });
  }
}

/** An execution of a job that doesn't exist fails, and Summarize gets the event. */
async function badEnd(): Promise<void> {
  const { endpoint, region, credentials } = cloud.client;
  const sfn = new SFNClient({ endpoint, region, credentials });
  const stateMachineArn = String(cloud.state.outputs.stateMachine);
  await sfn.send(new StartExecutionCommand({ stateMachineArn, name: "nobody-0", input: '{"job":"nobody","epoch":0}' }));
  sfn.destroy();
}
