/**
 * The roles of the spark driver may do all they need, and need all they may do. A file of its own, because Spark needs Python.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { BatchStopJobRunCommand, GetJobRunCommand, GlueClient } from "@aws-sdk/client-glue";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { createTable, fillTable } from "../../../local/fillTable";
import type { PermissionReport } from "../../../local/gateway/permissions/usage/report";
import type { StartRequest } from "../../../shared/jobs/startRequest";
import { ScannerGround } from "../../integration/scannerGround";
import { describeWithPython } from "../../support/gluePython";
import { withStateIndex } from "../../support/stateIndex";
import exceptions from "./exceptions.json";
import { permissionProblems } from "./permissionProblems";

/** Each run starts Spark, which takes ten seconds and more. */
jest.setTimeout(900_000);
const WITHIN_MS = 240_000;

const READ = "orders";
const CHANGED = "archive";
const ITEMS = 300;
const GLUES = /^(glue-|jobs-start-role BeginRuns )/;

describeWithPython("the spark driver", () => {
  let ground: ScannerGround;
  beforeAll(async () => {
    ground = await ScannerGround.start({
      ...{
        scannerTables: READ,
        backfillTables: `${CHANGED},${CHANGED}-copy`,
        glueWorkers: "2",
        glueStretchSeconds: "10",
      },
      ...{ scannerTimeoutSeconds: "10", backfillTimeoutSeconds: "10" },
    });
    for (const name of [READ, CHANGED]) {
      await createTable(ground.operator.dynamodb, name, withStateIndex("ALL"));
      await fillTable(ground.operator.dynamodb, name, ITEMS, (n) => ({
        id: { S: `order-${n}` },
        note: { S: "x".repeat(800) },
        state: { S: "open" },
      }));
    }
    await createTable(ground.operator.dynamodb, `${CHANGED}-copy`);
  });
  afterAll(() => ground?.stop());

  async function problems(): Promise<string[]> {
    const report = (await ground.cloud.administer("GET", "permissions")) as unknown as PermissionReport;
    const own = exceptions.unused.filter(({ role }) => GLUES.test(`${role} `));
    return permissionProblems(report, { unused: own, refused: [] }).filter((problem) => GLUES.test(problem));
  }

  /** Stops the run of a job from outside, and waits until it has ended. */
  async function stopRun(id: string): Promise<void> {
    const glue = new GlueClient(ground.cloud.client);
    const { execution } = await ground.job(id);
    const JobName = String(ground.cloud.state.outputs.glueJob);
    await glue.send(new BatchStopJobRunCommand({ JobName, JobRunIds: [execution!] }));
    const run = new GetJobRunCommand({ JobName, RunId: execution! });
    await ground.until(
      () => glue.send(run),
      ({ JobRun }) => JobRun?.JobRunState === "STOPPED",
    );
    glue.destroy();
  }

  async function expectStopped(id: string): Promise<void> {
    expect(await ground.end(id, WITHIN_MS)).toMatchObject({
      state: "failed",
      reason: expect.stringMatching(/^Its Glue run jr_\w+ was stopped/),
    });
  }

  test("has roles that may do all they need, and need all they may do", async () => {
    const { s3, resultsBucket: Bucket } = ground.operator;
    const lines = ["order-1", "order-2"].map((id) => `${JSON.stringify({ id })}\n`).join("");
    await s3.send(new PutObjectCommand({ Bucket, Key: "lists/keys.jsonl", Body: lines }));
    const writing = { table: CHANGED, writeRate: 500, segments: 2 };
    const update = (more: Record<string, unknown>) => ({ ...writing, operation: "update", update: more });
    // No statement can name an attribute that begins with #.
    const hash = { names: { "#h": "#hash" } };
    // Each starts Spark, so none uses only what others use as well.
    const requests: StartRequest[] = [
      // The job is so slow that its open object is put more than once.
      { table: READ, operation: "export", index: "byState", readRate: 5, segments: 2 },
      { ...update({ set: { seen: { BOOL: true } } }), keepBefore: true },
      // UpdateItem, because of its name.
      { ...update({ set: { "#h": { N: "1" } }, ...hash }), source: `keys:s3://${Bucket}/lists/`, segments: undefined },
      { ...writing, operation: "copy", to: `${CHANGED}-copy` },
      { ...writing, operation: "copy", to: `${CHANGED}-copy`, ifAbsent: true },
      // DeleteItem for the items of the list: an item is deleted only if each attribute is as it was.
      { ...writing, operation: "delete", keepBefore: true },
    ];
    for (const request of requests) {
      const id = await ground.begin({ ...request, driver: "spark" });
      const job = await ground.end(id, WITHIN_MS);
      expect([request.operation, job.state, job.reason]).toEqual([request.operation, "completed", undefined]);
    }
    const stopped = await ground.begin({ table: READ, operation: "count", readRate: 5, driver: "spark" });
    await stopRun(stopped);
    await expectStopped(stopped);
    await ground.cloud.setFaults([{ service: "events", resource: "Glue Job State Change", fault: { kind: "drop" } }]);
    const late = { set: { late: { BOOL: true } } };
    const abandoned = await ground.begin({ ...update(late), writeRate: 5, driver: "spark" });
    await stopRun(abandoned);
    // On a busy machine the run of an earlier job ends only now, and its event is lost as well.
    const { rules } = (await ground.cloud.administer("GET", "faults")) as { rules: { struck: number }[] };
    expect(rules[0]?.struck).toBeGreaterThanOrEqual(1);
    expect(await ground.job(abandoned)).toMatchObject({ state: "running" });
    await ground.cloud.administer("POST", "schedules");
    await expectStopped(abandoned);
    const deadline = performance.now() + 60_000;
    while ((await problems()).length > 0 && performance.now() < deadline) await sleep(200);
    expect(await problems()).toEqual([]);
  });
});
