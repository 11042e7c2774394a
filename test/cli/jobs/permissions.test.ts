import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { JobControl } from "../../../shared/jobs/control";
import { readAudit } from "../../../shared/jobs/storage/audit";
import { ROOT } from "../../docs/codeBlocks";
import { SmallCloud } from "../../local/smallCloud";
import { sampleJob } from "../../support/sampleJob";

const T = 1_800_000_000_000;
/** What docs/runbook.md lists for all commands, on the jobs table. */
const ACTIONS = ["GetItem", "BatchGetItem", "Query", "UpdateItem"].map((action) => `dynamodb:${action}`);

let cloud: SmallCloud;
const clients: DynamoDBClient[] = [];
const clientAs = (role?: string) => {
  const client = new DynamoDBClient(cloud.as(role));
  clients.push(client);
  return client;
};
beforeAll(async () => {
  cloud = await SmallCloud.start({ database: true });
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await cloud?.stop();
});

test("an operator with the permissions for all commands can make every change, and the audit list has them", async () => {
  const keys = { hashKey: "pk", rangeKey: "sk", billingMode: "PAY_PER_REQUEST" };
  const attributes = ["pk", "sk"].map((name) => ({ name, type: "S" }));
  const { name, arn } = await cloud.make("aws:dynamodb/table:Table", "jobs", { ...keys, attributes });
  const job = sampleJob({ id: "changed", state: "running" });
  await new JobControl(clientAs(), name!, () => T).create(job);
  const role = await cloud.role("operator", [{ Effect: "Allow", Action: ACTIONS, Resource: arn }]);
  let now = T;
  const control = new JobControl(clientAs(role), name!, () => ++now);
  await control.changeRate(job.id, { direction: "read", table: "answers" }, { table: 50 });
  await control.pause(job.id);
  await control.cancel(job.id);
  expect(await control.note(job.id, "redrive", "again")).toBe(true);
  const entries = await readAudit(clientAs(role), name!, job.id);
  expect(entries.map(({ action }) => action)).toEqual(["redrive", "cancel", "pause", "rate", "start"]);
});

test("the runbook lists these permissions", () => {
  const runbook = readFileSync(join(ROOT, "docs/runbook.md"), "utf8").replaceAll(/ +/g, " ");
  expect(runbook).toContain(
    "| all | `dynamodb:GetItem`, `BatchGetItem`, `Query` and `UpdateItem` on the jobs table, `lambda:InvokeFunction` on the start function |",
  );
});
