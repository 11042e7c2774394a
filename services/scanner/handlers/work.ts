/** Takes turns at chains from the queue. Wiring only: the work is in ../scanChain.ts. */
import { randomUUID } from "node:crypto";
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Context, SQSRecord } from "aws-lambda";
import { clientSettings, withoutLog } from "../../../shared/aws/clients";
import { isTransient, retryTransient } from "../../../shared/aws/transient";
import { systemClock } from "../../../shared/clock";
import { UsageMeter } from "../../../shared/cost/usageMeter";
import type { ChainTurn } from "../../../shared/drivers/driver";
import { divideTime, hiddenSeconds, unitBackoffMs } from "../../../shared/drivers/queue/invocationTime";
import { chainTurn, SqsUnitQueue } from "../../../shared/drivers/queue/unitQueue";
import { readEnvironment, variable } from "../../../shared/runtime/environment";
import { hideMessage } from "../../../shared/runtime/hideMessage";
import { sqsHandler } from "../../../shared/runtime/sqsHandler";
import { ScannerReport } from "../report";
import { type ScannerParts, scanChain } from "../scanChain";

const settings = readEnvironment(
  {
    JOBS_TABLE: variable.text,
    UNIT_QUEUE_URL: variable.text,
    RESULTS_BUCKET: variable.text,
    EVENT_BUS: variable.text,
    BATCH_SIZE: variable.number,
    MOST_WORKERS: variable.number,
  },
  process.env,
);

const logger = new Logger();
const metrics = new Metrics();
const report = new ScannerReport(logger, metrics);
const sqs = withoutLog(new SQSClient(clientSettings));
const dynamodb = withoutLog(new DynamoDBClient(clientSettings));
const s3 = withoutLog(new S3Client(clientSettings));
const events = withoutLog(new EventBridgeClient(clientSettings));
const queueUrl = settings.UNIT_QUEUE_URL;
const meter = new UsageMeter({
  jobsTable: settings.JOBS_TABLE,
  megabytes: Number(process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE),
});
for (const client of [sqs, dynamodb, s3, events]) meter.watch(client);
/** The invocation that the meter counts for. Its turns share its time; one that was broken off may outlast it. */
let metered: string | undefined;

const parts: ScannerParts = {
  dynamodb,
  clientConfig: { ...clientSettings, requestHandler: dynamodb.config.requestHandler },
  s3,
  events,
  jobsTable: settings.JOBS_TABLE,
  resultsBucket: settings.RESULTS_BUCKET,
  eventBus: settings.EVENT_BUS,
  clock: systemClock,
  retryTransient,
  isTransient,
  backoffMs: (attempts) => unitBackoffMs(attempts, Math.random),
  onLedgerError: (error) => report.ledger(error),
  onUnit: (job, unit, end) => report.unit(job, unit, end),
  mostWorkers: settings.MOST_WORKERS,
  // Only the write that stores the usage and the answer follow.
  usage: () => meter.take(Date.now(), { writeUnits: 1 }),
};

export const handler = sqsHandler({
  work: async (record, signal, context) => {
    const message = parse(record);
    if (message === undefined) return;
    if (metered !== context.awsRequestId) meter.begin(Date.now());
    metered = context.awsRequestId;
    await workOn(record, message, signal, context);
  },
  onFailure: (error, record) =>
    report.failed(error, record.messageId, Number(record.attributes.ApproximateReceiveCount)),
  hideSeconds: (error) => hiddenSeconds(error, Date.now()),
  concurrency: settings.BATCH_SIZE,
  sqs,
  queueUrl,
  random: Math.random,
  logger,
  metrics,
});

async function workOn(record: SQSRecord, message: ChainTurn, signal: AbortSignal, context: Context): Promise<void> {
  const { hideSeconds, ...time } = divideTime(Date.now(), context.getRemainingTimeInMillis());
  await hideMessage(record, hideSeconds, signal, { sqs, queueUrl });
  const retry = <T>(call: () => Promise<T>) => retryTransient(call, signal);
  const driver = new SqsUnitQueue({ sqs, queueUrl, retry });
  const workSignal = AbortSignal.any([signal, AbortSignal.timeout(Math.max(0, time.workEndsAt - Date.now()))]);
  const turn = { driver, owner: ownerOf(context), ...time, workSignal, signal };
  const { handled, ...seconds } = await scanChain(message, turn, parts);
  report.handled(handled, message, seconds);
}

function parse({ body, messageId }: SQSRecord) {
  try {
    return chainTurn(body);
  } catch (error) {
    report.badMessage(error, messageId, body);
    return undefined;
  }
}

/** The request's id, by which the log can be found, and a part that is unique to this delivery, even among duplicates. */
function ownerOf({ awsRequestId }: Context): string {
  return `${awsRequestId}/${randomUUID()}`;
}
