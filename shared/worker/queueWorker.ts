/**
 * The handler of the queue driver's worker functions: takes turns at chains from the queue. The functions differ by the
 * operations they know. Wiring only: the work is in workChain.ts.
 */
import { randomUUID } from "node:crypto";
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Context, SQSRecord } from "aws-lambda";
import { clientSettings, withoutLog } from "../aws/clients";
import { isTransient, retryTransient } from "../aws/transient";
import { systemClock } from "../clock";
import { UsageMeter } from "../cost/usageMeter";
import type { ChainTurn } from "../drivers/driver";
import { divideTime, unitBackoffMs } from "../drivers/invocationTime";
import { hiddenSeconds, workingSeconds } from "../drivers/queue/hiddenSeconds";
import { chainTurn, SqsUnitQueue } from "../drivers/queue/unitQueue";
import type { OperationSet } from "../operations/operation";
import { readEnvironment, variable } from "../runtime/environment";
import { hideMessage } from "../runtime/hideMessage";
import { sqsHandler } from "../runtime/sqsHandler";
import { WorkerReport } from "./report";
import { type WorkerParts, workChain } from "./workChain";

const variables = {
  JOBS_TABLE: variable.text,
  UNIT_QUEUE_URL: variable.text,
  RESULTS_BUCKET: variable.text,
  EVENT_BUS: variable.text,
  BATCH_SIZE: variable.number,
  MOST_WORKERS: variable.number,
};

/**
 * @param environment the function's variables, those of `variables` among them.
 * @throws SluiceError INVALID_ENVIRONMENT
 */
export function queueWorker(operations: OperationSet, environment: Record<string, string | undefined>) {
  const settings = readEnvironment(variables, environment);
  const logger = new Logger();
  const metrics = new Metrics();
  const report = new WorkerReport(logger, metrics);
  const sqs = withoutLog(new SQSClient(clientSettings));
  const dynamodb = withoutLog(new DynamoDBClient(clientSettings));
  const s3 = withoutLog(new S3Client(clientSettings));
  const events = withoutLog(new EventBridgeClient(clientSettings));
  const queueUrl = settings.UNIT_QUEUE_URL;
  const meter = new UsageMeter({
    jobsTable: settings.JOBS_TABLE,
    megabytes: Number(environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE),
  });
  for (const client of [sqs, dynamodb, s3, events]) meter.watch(client);
  /** The invocation that the meter counts for. Its turns share its time; one that was broken off may outlast it. */
  let metered: string | undefined;

  const parts: WorkerParts = {
    dynamodb,
    clientConfig: { ...clientSettings, requestHandler: dynamodb.config.requestHandler },
    s3,
    events,
    operations,
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

  const workOn = async (record: SQSRecord, message: ChainTurn, signal: AbortSignal, context: Context) => {
    const remainingMs = context.getRemainingTimeInMillis();
    const time = divideTime(Date.now(), remainingMs);
    await hideMessage(record, workingSeconds(remainingMs), signal, { sqs, queueUrl });
    const retry = <T>(call: () => Promise<T>) => retryTransient(call, signal);
    const driver = new SqsUnitQueue({ sqs, queueUrl, retry });
    const workSignal = AbortSignal.any([signal, AbortSignal.timeout(Math.max(0, time.workEndsAt - Date.now()))]);
    const turn = { driver, owner: ownerOf(context), ...time, workSignal, signal };
    const { handled, ...seconds } = await workChain(message, turn, parts);
    report.handled(handled, message, seconds);
  };

  const parse = ({ body, messageId }: SQSRecord) => {
    try {
      return chainTurn(body);
    } catch (error) {
      report.badMessage(error, messageId, body);
      return undefined;
    }
  };

  return sqsHandler({
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
}

/** The request's id, by which the log can be found, and a part that is unique to this delivery, even among duplicates. */
function ownerOf({ awsRequestId }: Context): string {
  return `${awsRequestId}/${randomUUID()}`;
}
