import { once } from "node:events";
import { rmSync } from "node:fs";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type Operator, operatorOf } from "../../cli/operator";
import { invokeStart } from "../../cli/startFunction";
import { JobEnds } from "../../examples/ownComponent/jobEnds";
import { type LaunchedCloud, launchCloud } from "../../local/childCloud";
import { createTable, fillTable } from "../../local/fillTable";
import { systemClock } from "../../shared/clock";

const ITEMS = 100;

let cloud: LaunchedCloud;
let operator: Operator;
let sqs: SQSClient;
beforeAll(async () => {
  cloud = await launchCloud({}, undefined, ["--project", "examples/ownComponent"]);
  const { endpoint, region, credentials, outputs } = cloud.state;
  const client = { endpoint, region, credentials };
  operator = operatorOf({ value: outputs.operator, ...client }, "local", systemClock);
  sqs = new SQSClient(client);
  await createTable(operator.dynamodb, "orders");
  await fillTable(operator.dynamodb, "orders", ITEMS, (n) => ({ id: { S: `order-${n}` } }));
});
afterAll(async () => {
  operator?.close();
  sqs?.destroy();
  if (cloud === undefined) return;
  const exited = once(cloud.process, "exit");
  cloud.process.kill("SIGINT");
  await exited;
  rmSync(cloud.folder, { recursive: true });
});

test("when a job ends, the component's queue gets a message with the job's result", async () => {
  const request = { operation: "count", table: "orders", readRate: 100, jobId: "counted" };
  expect(await invokeStart(operator.lambda, operator.startFunction, request)).toMatchObject({ job: "counted" });
  const QueueUrl = cloud.state.outputs.jobEndsQueueUrl as string;
  const bodies: string[] = [];
  while (bodies.length === 0) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    bodies.push(...Messages.map(({ Body = "" }) => Body));
  }
  expect(JSON.parse(bodies[0]!)).toMatchObject({
    "detail-type": "Job completed",
    detail: { job: "counted", operation: "count", table: "orders", result: { items: ITEMS } },
  });
});

test.each([0, 15, Number.NaN])("the component refuses to keep messages for %s days", (retentionDays) => {
  expect(() => new JobEnds("ends", { jobsTableName: "jobs", retentionDays })).toThrow(
    `retentionDays must be 1 to 14, got ${retentionDays}.`,
  );
});
