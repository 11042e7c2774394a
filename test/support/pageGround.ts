/** Jobs and submissions worth looking at, for screenshots of the page. */
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type Operator, operatorOf } from "../../cli/operator";
import { isRefusal, startAsOperator } from "../../cli/startFunction";
import { ChildCloud } from "../../local/childCloud";
import { createTable, fillTable } from "../../local/fillTable";
import { order } from "../../local/scanDemonstration";
import { systemClock } from "../../shared/clock";
import type { StartRequest } from "../../shared/jobs/startRequest";

const TABLE = "orders";
const ITEMS = 20_000;

/** A local cloud with an update that runs, an export of many units, a count that is over and a job that was cancelled. */
export async function startPageGround(): Promise<ChildCloud> {
  const cloud = await ChildCloud.start({ scannerTables: TABLE, backfillTables: TABLE });
  const operator = operatorOf({ value: cloud.state.outputs.operator, ...cloud.client }, "local", systemClock);
  try {
    await createTable(operator.dynamodb, TABLE);
    await fillTable(operator.dynamodb, TABLE, ITEMS, order, () => undefined);
    await startJobs(operator);
  } finally {
    operator.close();
  }
  await sendSurveys(cloud);
  return cloud;
}

async function startJobs(operator: Operator): Promise<void> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of an update
  const update = { set: { GSISK: "${Status}#${Timestamp}" }, onlyIf: "attribute_not_exists(GSISK)" };
  await start(operator, { operation: "count", table: TABLE, readRate: 400, segments: 8, jobId: "count-orders" });
  await start(operator, { operation: "delete", table: TABLE, readRate: 20, writeRate: 5, jobId: "delete-old-orders" });
  await operator.control.cancel("delete-old-orders");
  await start(operator, { operation: "export", table: TABLE, readRate: 12, segments: 600, jobId: "export-nightly" });
  const rates = { readRate: 100, writeRate: 60 };
  await start(operator, { operation: "update", table: TABLE, update, segments: 8, ...rates, jobId: "add-sort-key" });
}

async function start(operator: Operator, request: StartRequest): Promise<void> {
  const answer = await startAsOperator(operator, request);
  if (isRefusal(answer)) throw new Error(answer.problems.join(" "));
}

/** Sends submissions, of which some are accepted and some go to quarantine. */
async function sendSurveys(cloud: ChildCloud): Promise<void> {
  const sqs = new SQSClient(cloud.client);
  const QueueUrl = cloud.state.outputs.queueUrl as string;
  for (let n = 0; n < 24; n++) {
    const survey = {
      user_id: `p-${String(n % 9).padStart(3, "0")}`,
      timestamp: new Date(Date.now() - 60_000 * n).toISOString().replace(/\.\d+Z$/, "Z"),
      time_elapsed: n % 7 === 3 ? 1 : 42,
      ...{ q1: 1 + (n % 5), q2: 1 + ((n * 3) % 5), q3: 2 },
      freetext: n % 11 === 5 ? "" : "Slept well.",
    };
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(survey) }));
  }
  sqs.destroy();
  await cloud.reader.drained(60_000);
}
