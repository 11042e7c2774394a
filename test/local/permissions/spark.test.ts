/** The permissions of the spark driver: what its runs and its functions may do, they need, and the other way round. */
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { createTable, fillTable } from "../../../local/fillTable";
import type { PermissionReport } from "../../../local/gateway/permissions/usage/report";
import type { StartRequest } from "../../../shared/jobs/startRequest";
import { ScannerGround } from "../../integration/scannerGround";
import { describeWithPython } from "../../support/gluePython";
import { permissionProblems } from "./permissionProblems";

/** Each job starts Spark. */
jest.setTimeout(900_000);
const WITHIN_MS = 600_000;

const TABLE = "orders";
const COPY = "orders-copy";
const ITEMS = 300;

const EXCEPTIONS = {
  unused: [
    {
      role: "glue-role",
      sid: "SeeMissingResults",
      action: "s3:ListBucket",
      reason: "Needed only where a piece of an export is missing, as for the workers on Lambda.",
    },
  ],
  refused: [],
};

describeWithPython("the spark driver", () => {
  let ground: ScannerGround;
  beforeAll(async () => {
    ground = await ScannerGround.start({
      ...{ scannerTables: TABLE, backfillTables: `${TABLE},${COPY}`, glueWorkers: "2" },
      // So many at once fit on a laptop.
      ...{ glueMaximumConcurrentRuns: "3", glueStretchSeconds: "10" },
    });
    await createTable(ground.operator.dynamodb, TABLE, {
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
    await createTable(ground.operator.dynamodb, COPY);
    await fillTable(ground.operator.dynamodb, TABLE, ITEMS, (n) => ({
      id: { S: `order-${n}` },
      ...(n < 50 ? { state: { S: "open" } } : {}),
    }));
  });
  afterAll(() => ground?.stop());

  /** Problems of its own roles, and of what others may do with Glue. */
  async function problems(): Promise<string[]> {
    const { roles } = (await ground.cloud.administer("GET", "permissions")) as unknown as PermissionReport;
    const own = roles.map((role) => {
      const concerns = ({ action }: { action: string }) => /^glue/.test(role.role) || /^glue:/.test(action);
      return { ...role, used: role.used.filter(concerns), unused: role.unused.filter(concerns) };
    });
    return permissionProblems({ roles: own }, EXCEPTIONS);
  }

  async function completed(requests: Record<string, StartRequest>): Promise<void> {
    for (const [jobId, request] of Object.entries(requests)) await ground.begin({ ...request, jobId });
    for (const jobId of Object.keys(requests)) {
      const { state, reason } = await ground.end(jobId, WITHIN_MS);
      expect([jobId, state, reason]).toEqual([jobId, "completed", undefined]);
    }
  }

  test("its roles may do all they need, and need all they may do", async () => {
    const reading = { driver: "spark", table: TABLE, readRate: 500, segments: 4 } as const;
    const writing = { driver: "spark", table: TABLE, writeRate: 500 } as const;
    const update = (more: Record<string, unknown>) => ({ ...writing, operation: "update", update: more });
    const hash = { names: { "#h": "#hash" } };
    const { s3, resultsBucket: Bucket } = ground.operator;
    const Body = '{"id":"order-1"}\n{"id":"order-2"}\n';
    await s3.send(new PutObjectCommand({ Bucket, Key: "lists/keys.jsonl", Body }));
    await completed({
      exported: { ...reading, operation: "export" },
      open: { ...reading, operation: "count", index: "byState" },
      batches: { ...update({ set: { seen: { BOOL: true } } }), keepBefore: true },
    });
    await completed({
      // No statement can name an attribute that begins with #.
      single: update({ set: { "#h": { N: "1" } }, ...hash }),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of an update
      failing: { ...update({ set: { state: "${nobody}" }, missing: "fail" }), maxFailures: "100%" },
      older: { ...update({ set: { again: { BOOL: true } } }), source: `export:s3://${Bucket}/AWSDynamoDB/exported` },
      listed: { ...update({ set: { listed: { BOOL: true } } }), source: `keys:s3://${Bucket}/lists/` },
      copied: { ...writing, operation: "copy", to: COPY },
      absent: { ...writing, operation: "copy", to: COPY, ifAbsent: true },
    });
    await completed({
      deleted: { ...writing, operation: "delete", onlyIf: "attribute_exists(state)" },
      alone: { ...writing, operation: "delete", onlyIf: "attribute_exists(#h)", ...hash },
    });
    await endedByEvents();
    await ground.until(problems, (found) => found.length === 0);
  });

  /** Runs whose last message is refused: what looks at their ends has their jobs ended. */
  async function endedByEvents(): Promise<void> {
    const refuse = { kind: "error", code: "InvalidMessageContents", status: 400 };
    await ground.cloud.setFaults([{ service: "sqs", action: "SendMessage", fault: refuse }]);
    await completed({
      handedOn: { driver: "spark", table: COPY, operation: "count", readRate: 500, segments: 4 },
      handedToWriters: {
        ...{ driver: "spark", table: COPY, writeRate: 500, operation: "update" },
        update: { set: { late: { BOOL: true } } },
      },
    });
    await ground.cloud.setFaults([]);
    // A run that ends badly with work left: its job is stopped.
    const fault = { kind: "error", code: "ValidationException", status: 400 };
    await ground.cloud.setFaults([{ service: "dynamodb", action: "Scan", resource: COPY, fault }]);
    await ground.begin({ driver: "spark", table: COPY, operation: "count", readRate: 500, segments: 4, jobId: "bad" });
    expect(await ground.end("bad", WITHIN_MS)).toMatchObject({ state: "failed" });
    await ground.cloud.setFaults([]);
  }
});
