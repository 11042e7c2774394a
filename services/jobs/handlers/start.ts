/** Starts and resumes jobs, invoked directly or by messages. Wiring only: the logic is in ../startJob.ts. */
import { randomUUID } from "node:crypto";
import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { GlueClient } from "@aws-sdk/client-glue";
import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SQSClient } from "@aws-sdk/client-sqs";
import middy from "@middy/core";
import type { Context, SQSEvent } from "aws-lambda";
import { clientSettings } from "../../../shared/aws/clients";
import { retryTransient } from "../../../shared/aws/transient";
import { systemClock } from "../../../shared/clock";
import { UsageMeter } from "../../../shared/cost/usageMeter";
import { SparkRuns } from "../../../shared/drivers/spark/runs";
import { Executions } from "../../../shared/drivers/workflow/executions";
import { initiatorOf } from "../../../shared/jobs/startFunction";
import { readEnvironment, variable } from "../../../shared/runtime/environment";
import { hideMessage } from "../../../shared/runtime/hideMessage";
import { sqsHandler } from "../../../shared/runtime/sqsHandler";
import { answerStart, type StartParts, startFromMessage, type Workers } from "../startRequests";

/** How soon a message comes again after the end of an invocation that was killed, seconds. */
const REDELIVERY_SECONDS = 5;

const settings = readEnvironment(
  {
    JOBS_TABLE: variable.text,
    RESULTS_BUCKET: variable.text,
    START_QUEUE_URL: variable.text,
    EVENT_BUS: variable.text,
    EXPIRATION_DAYS: variable.number,
    TIMEOUT_SECONDS: variable.number,
    READERS_QUEUE_URL: variable.text,
    READERS_MEMORY_MEGABYTES: variable.number,
    READERS_TIMEOUT_SECONDS: variable.number,
    READERS_MAXIMUM_CONCURRENCY: variable.number,
    // Absent where no job of the stack changes a table.
    WRITERS_QUEUE_URL: variable.optionalText,
    WRITERS_MEMORY_MEGABYTES: variable.optionalNumber,
    WRITERS_TIMEOUT_SECONDS: variable.optionalNumber,
    WRITERS_MAXIMUM_CONCURRENCY: variable.optionalNumber,
    CHANGED_TABLES: variable.optionalText,
    // Absent where the stack has no workflow.
    STATE_MACHINE_ARN: variable.optionalText,
    // Absent where the stack has no Glue job.
    GLUE_JOB: variable.optionalText,
    GLUE_WORKERS: variable.optionalNumber,
    GLUE_DPUS_PER_WORKER: variable.optionalNumber,
    GLUE_FLEX: variable.optionalText,
    GLUE_TIMEOUT_MINUTES: variable.optionalNumber,
    // Also absent if no operation of the user's has a twin in Python.
    GLUE_OPERATIONS: variable.optionalText,
  },
  process.env,
);

const logger = new Logger();
const metrics = new Metrics();
const sqs = new SQSClient(clientSettings);
// Few calls, made by one person: the SDK's own retries suffice.
const dynamodb = new DynamoDBClient({});
const s3 = new S3Client({});
const meter = new UsageMeter({
  jobsTable: settings.JOBS_TABLE,
  megabytes: Number(process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE),
});
for (const client of [dynamodb, s3, sqs]) meter.watch(client);
const parts: StartParts = {
  dynamodb,
  s3,
  sqs,
  events: new EventBridgeClient(clientSettings),
  jobsTable: settings.JOBS_TABLE,
  resultsBucket: settings.RESULTS_BUCKET,
  startQueueUrl: settings.START_QUEUE_URL,
  eventBus: settings.EVENT_BUS,
  expirationDays: settings.EXPIRATION_DAYS,
  timeoutSeconds: settings.TIMEOUT_SECONDS,
  readers: workersOf("READERS")!,
  writers: workersOf("WRITERS"),
  executions: executionsOf(settings.STATE_MACHINE_ARN),
  spark: sparkOf(settings.GLUE_JOB),
  changedTables: settings.CHANGED_TABLES?.split(",") ?? [],
  clock: systemClock,
  newId: () => randomUUID(),
  retryTransient,
  // Only the write that stores the usage and the answer follow.
  used: () => meter.take(Date.now(), { writeUnits: 1 }),
  onRefused: (refusal) => logger.warn("refused", { ...refusal }),
};

function executionsOf(stateMachineArn: string | undefined): StartParts["executions"] {
  if (stateMachineArn === undefined) return undefined;
  const sfn = new SFNClient(clientSettings);
  return (retry) => new Executions({ sfn, stateMachineArn, retry });
}

function sparkOf(glueJob: string | undefined): StartParts["spark"] {
  if (glueJob === undefined) return undefined;
  const glue = new GlueClient(clientSettings);
  const place = { glue, glueJob, jobsTable: settings.JOBS_TABLE, region: process.env.AWS_REGION! };
  return {
    runs: (retry) => new SparkRuns({ ...place, retry }),
    settings: {
      workers: settings.GLUE_WORKERS!,
      dpusPerWorker: settings.GLUE_DPUS_PER_WORKER!,
      flex: settings.GLUE_FLEX === "true",
      timeoutMinutes: settings.GLUE_TIMEOUT_MINUTES!,
    },
    operations: settings.GLUE_OPERATIONS?.split(",") ?? [],
  };
}

/** Undefined: the stack has no such workers. */
function workersOf(kind: "READERS" | "WRITERS"): Workers | undefined {
  const queueUrl = settings[`${kind}_QUEUE_URL`];
  if (queueUrl === undefined) return undefined;
  return {
    queueUrl,
    settings: {
      memoryMegabytes: settings[`${kind}_MEMORY_MEGABYTES`]!,
      timeoutSeconds: settings[`${kind}_TIMEOUT_SECONDS`]!,
      maximumConcurrency: settings[`${kind}_MAXIMUM_CONCURRENCY`]!,
    },
  };
}

const invoked = middy()
  .use(injectLambdaContext(logger))
  .handler((event: unknown, context: Context, { signal }) =>
    answerStart(event, initiatorOf(context.clientContext), parts, signal),
  );

const fromQueue = sqsHandler({
  work: async (record, signal, context) => {
    const { body, messageId, attributes } = record;
    // A message comes again soon after a kill, not after the six time-outs that AWS requires for the queue.
    const hideSeconds = Math.ceil(context.getRemainingTimeInMillis() / 1000) + REDELIVERY_SECONDS;
    await hideMessage(record, hideSeconds, signal, { sqs, queueUrl: settings.START_QUEUE_URL });
    await startFromMessage(body, messageId, { caller: attributes.SenderId }, parts, signal);
  },
  onFailure: (error, { messageId }) => logger.warn("back to the queue", { messageId, error: String(error) }),
  concurrency: 1,
  sqs,
  queueUrl: settings.START_QUEUE_URL,
  random: Math.random,
  logger,
  metrics,
});

export const handler = (event: unknown, context: Context) => {
  meter.begin(Date.now());
  return isSqsEvent(event) ? fromQueue(event, context) : invoked(event, context);
};

function isSqsEvent(event: unknown): event is SQSEvent {
  return typeof event === "object" && event !== null && Array.isArray((event as { Records?: unknown }).Records);
}
