/**
 * Runs as a bundle in a process of its own: the store handler, and the same logic called bare, with a transport that
 * answers every AWS call at once. Sends the CPU time of each to its parent.
 */
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Context, SQSEvent, SQSRecord } from "aws-lambda";
import { Report } from "../../services/ingest/report";
import { storeSubmission } from "../../services/ingest/storeSubmission";
import { submissionParser } from "../../services/ingest/submission";
import { sqsHandler } from "../../shared/runtime/sqsHandler";

const RECORDS = 10;
const WARM_UP_CHUNKS = 10;
const CHUNKS = 40;
const BATCHES_A_CHUNK = 50;

const NEVER = new AbortController().signal;

const answered = async () => ({ $metadata: {} });
const storage = {
  s3: Object.assign(new S3Client({}), { send: answered }),
  dynamodb: Object.assign(new DynamoDBClient({}), { send: answered }),
  rawBucket: "raw",
  quarantineBucket: "quarantine",
  resultsTable: "results",
  submissionsTable: "submissions",
};
const parse = submissionParser({ minSeconds: 3, requireFreetext: true, answerMin: 1, answerMax: 5, minAnswers: 1 });
const logger = new Logger();
const metrics = new Metrics();
const report = new Report(logger, metrics, Date.now);

async function work({ body, messageId, attributes }: SQSRecord, signal: AbortSignal): Promise<void> {
  const message = { body, messageId, sentAt: Number(attributes.SentTimestamp), endedBefore: 0 };
  report.done(await storeSubmission(storage, parse, message, signal), message);
}

const handler = sqsHandler({
  work,
  onFailure: () => undefined,
  concurrency: RECORDS,
  sqs: new SQSClient({}),
  queueUrl: "https://sqs.us-east-1.amazonaws.com/000000000000/bench",
  random: Math.random,
  logger,
  metrics,
});

/** The handler's work without middy, its middlewares and the bound on time and concurrency. */
async function bare(event: SQSEvent): Promise<void> {
  await Promise.all(event.Records.map((record) => work(record, NEVER)));
  metrics.publishStoredMetrics();
}

const event = { Records: Array.from({ length: RECORDS }, (_, index) => record(index)) } as SQSEvent;
const context = { awsRequestId: "bench", functionName: "bench", getRemainingTimeInMillis: () => 30_000 } as Context;

function record(index: number) {
  const survey = { user_id: `p${index}`, timestamp: "092821120000", time_elapsed: 5, freetext: "Long day, but good" };
  const body = JSON.stringify({ ...survey, q1: 5, q2: 1, q3: 2, q4: 1, q5: 3 });
  return {
    messageId: `m${index}`,
    receiptHandle: "r",
    body,
    attributes: { SentTimestamp: "1632830400000", ApproximateReceiveCount: "1" },
  };
}

/** Microseconds of CPU a batch. */
async function cpuMicros(run: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  for (let batch = 0; batch < BATCHES_A_CHUNK; batch++) await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / BATCHES_A_CHUNK;
}

async function main(): Promise<void> {
  const measured = { full: [] as number[], bare: [] as number[] };
  for (let chunk = 0; chunk < WARM_UP_CHUNKS + CHUNKS; chunk++) {
    const full = await cpuMicros(() => handler(event, context));
    const alone = await cpuMicros(() => bare(event));
    if (chunk < WARM_UP_CHUNKS) continue;
    measured.full.push(full);
    measured.bare.push(alone);
  }
  process.send?.(measured);
}

void main();
