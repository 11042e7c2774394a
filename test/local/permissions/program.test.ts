import { setTimeout as sleep } from "node:timers/promises";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { createTable, fillTable } from "../../../local/fillTable";
import type { PermissionReport } from "../../../local/gateway/permissions/usage/report";
import { createSender } from "../../../sender/index";
import type { StartRequest } from "../../../shared/jobs/startRequest";
import type { RunningCloud } from "../../integration/runningCloud";
import { ScannerGround } from "../../integration/scannerGround";
import { survey } from "../../integration/surveys";
import { until } from "../smallCloud";
import exceptions from "./exceptions.json";
import { permissionProblems } from "./permissionProblems";

let scanner: ScannerGround;
let cloud: RunningCloud;
beforeAll(async () => {
  scanner = await ScannerGround.start({
    senderAccess: "cognito-guest",
    ingestTimeoutSeconds: "5",
    ingestWriteCapacityLimit: "1000",
    scannerTables: "orders",
    scannerTimeoutSeconds: "10",
    backfillTables: "orders,orders-copy",
    backfillTimeoutSeconds: "10",
  });
  cloud = scanner.cloud;
});
afterAll(() => scanner?.stop());

async function problems(): Promise<string[]> {
  const report = (await cloud.administer("GET", "permissions")) as unknown as PermissionReport;
  return permissionProblems(report, exceptions);
}

test("the program's roles may do all they need, and need all they may do", async () => {
  await createTable(scanner.operator.dynamodb, "orders", {
    AttributeDefinitions: [
      { AttributeName: "id", AttributeType: "S" },
      { AttributeName: "state", AttributeType: "S" },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: "byState",
        KeySchema: [{ AttributeName: "state", KeyType: "HASH" }],
        Projection: { ProjectionType: "KEYS_ONLY" },
      },
    ],
  });
  await createTable(scanner.operator.dynamodb, "orders-copy");
  await startAgain();
  // One after the other: the faults that strike a transaction are meant for the store function alone.
  await surveys();
  await bulkWork();
  await backfills();
  const deadline = performance.now() + 90_000;
  while ((await problems()).length > 0 && performance.now() < deadline) await sleep(100);
  expect(await problems()).toEqual([]);
});

async function surveys(): Promise<void> {
  const guest = createSender(cloud.state.outputs.sender);
  // Several functions start at once, and while the first write is under way none of them knows yet what a write costs.
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
  const fault = { kind: "error", code: "ValidationException", status: 400 };
  await cloud.setFaults([{ service: "dynamodb", action: "TransactWriteItems", count: 1, fault }]);
  expect(await guest.sendSurvey(survey({ user_id: "unlucky" }))).toMatchObject({ statusCode: 200 });
}

const exporting = { table: "orders", operation: "export", readRate: 20, segments: 2 };

/** A start by message that fails at first goes back to the queue, and comes again. */
async function startAgain(): Promise<void> {
  const fault = { kind: "error", code: "ValidationException", status: 400 };
  await cloud.setFaults([{ service: "dynamodb", action: "DescribeTable", count: 1, fault }]);
  await scanner.message(JSON.stringify({ ...exporting, jobId: "again" }));
  const back = "jobs-start-role TakeFromStartQueue sqs:ChangeMessageVisibility";
  await until(async () => !(await problems()).some((problem) => problem.startsWith(back)));
}

/**
 * A count that is resumed, one of an index, an export longer than an invocation, one without items, and a message that is
 * no request.
 */
async function bulkWork(): Promise<void> {
  await fillTable(scanner.operator.dynamodb, "orders", 1_500, (n) => ({
    id: { S: `order-${n}` },
    note: { S: "x".repeat(1_000) },
    ...(n < 100 ? { state: { S: "open" } } : {}),
  }));
  await scanner.message("not a request");
  expect(await scanner.ask({ ...exporting, jobId: "long" })).toMatchObject({ job: "long" });
  const none = { filter: "attribute_exists(nobody)", readRate: 500, jobId: "none", limitGroup: "night" };
  expect(await scanner.ask({ ...exporting, ...none })).toMatchObject({ job: "none" });
  expect(await scanner.ask({ ...exporting, operation: "count", jobId: "count" })).toMatchObject({ job: "count" });
  const open = { operation: "count", index: "byState", filter: "attribute_exists(id)", jobId: "open" };
  expect(await scanner.ask({ ...exporting, ...open })).toMatchObject({ job: "open" });
  expect(await scanner.ask({ resume: "count" })).toMatchObject({ job: "count" });
  expect(await scanner.end("count")).toMatchObject({ state: "completed", result: { items: 1_500 } });
  expect(await scanner.end("open")).toMatchObject({ state: "completed", result: { items: 100 } });
  for (const [job, items] of Object.entries({ long: 1_500, none: 0 })) {
    expect(await scanner.end(job)).toMatchObject({ state: "completed", result: { items } });
  }
  expect(await scanner.end("again")).toMatchObject({ state: "completed" });
  // Who starts the next job strikes those that have ended off the list of jobs on the table.
  // Its limit group has ended too, so that it sets the group's rate.
  const next = { ...exporting, ...none, readRate: 400, operation: "count", jobId: "next" };
  expect(await scanner.ask(next)).toMatchObject({ job: "next", limits: [{ limits: { table: 400 } }] });
}

/** Writes in batches and one by one, from the table, an index, an export and a list of keys. */
async function backfills(): Promise<void> {
  const { s3, resultsBucket: Bucket } = scanner.operator;
  const lines = (...ids: string[]) => ids.map((id) => `${JSON.stringify({ id })}\n`).join("");
  await s3.send(new PutObjectCommand({ Bucket, Key: "lists/keys.jsonl", Body: lines("order-1", "order-2") }));
  const table = { table: "orders", writeRate: 500 };
  // No statement can name an attribute that begins with #.
  const hash = { names: { "#h": "#hash" } };
  const update = (more: Record<string, unknown>) => ({ ...table, operation: "update", update: more });
  const requests: Record<string, StartRequest> = {
    // Longer than an invocation.
    batches: { ...update({ set: { seen: { BOOL: true } } }), writeRate: 120 },
    index: { ...update({ set: { open: { BOOL: true } } }), index: "byState" },
    single: update({ set: { "#h": { N: "1" } }, ...hash }),
    exported: {
      ...update({ set: { exported: { BOOL: true } } }),
      source: `export:s3://${Bucket}/AWSDynamoDB/long`,
    },
    listed: { ...update({ set: { listed: { BOOL: true } } }), source: `keys:s3://${Bucket}/lists/` },
    copied: { ...table, operation: "copy", to: "orders-copy" },
    absent: { ...table, operation: "copy", to: "orders-copy", ifAbsent: true },
    deleted: { ...table, operation: "delete", onlyIf: "attribute_exists(open)" },
    alone: { ...table, operation: "delete", onlyIf: "attribute_exists(#h)", ...hash },
  };
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of an update
  const failing = update({ set: { state: "${nobody}" }, missing: "fail" });
  expect(await scanner.ask({ ...failing, maxFailures: "100%", jobId: "failing" })).toMatchObject({ job: "failing" });
  expect(await scanner.end("failing")).toMatchObject({ state: "completed" });
  for (const [jobId, request] of Object.entries(requests)) {
    expect(await scanner.ask({ ...request, jobId })).toMatchObject({ job: jobId });
    expect(await scanner.end(jobId)).toMatchObject({ state: "completed", result: { outcomes: { failed: 0 } } });
  }
}
