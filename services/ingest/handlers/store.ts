/** Takes batches of submissions from the queue. Wiring only: ../storeSubmission.ts processes a single one. */
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { SQSRecord } from "aws-lambda";
import { clientSettings, withoutLog } from "../../../shared/aws/clients";
import { readEnvironment, variable } from "../../../shared/runtime/environment";
import { sqsHandler } from "../../../shared/runtime/sqsHandler";
import { Report } from "../report";
import { type ProofCheck, type SubmissionMessage, storeSubmission } from "../storeSubmission";
import { submissionParser } from "../submission";
import { TOKEN_ATTRIBUTE } from "../tokens/participantToken";
import { limitWrites } from "../writeLimit";

/** S3's clock and a function's differ by less than this. */
const CLOCKS_APART_SECONDS = 10;

const settings = readEnvironment(
  {
    RAW_BUCKET: variable.text,
    QUARANTINE_BUCKET: variable.text,
    RESULTS_TABLE: variable.text,
    SUBMISSIONS_TABLE: variable.text,
    QUEUE_URL: variable.text,
    MIN_SECONDS: variable.number,
    REQUIRE_FREETEXT: variable.boolean,
    ANSWER_MIN: variable.number,
    ANSWER_MAX: variable.number,
    MIN_ANSWERS: variable.number,
    RECORD_CONCURRENCY: variable.number,
    TIMEOUT_SECONDS: variable.number,
    /** Set together or not at all: only with a limit is there a ledger. */
    WRITE_CAPACITY_LIMIT: variable.optionalNumber,
    LEDGER_TABLE: variable.optionalText,
    /** ARN. Only where participants' tokens are required. */
    STUDY_SECRET: variable.optionalText,
  },
  process.env,
);

const storage = {
  s3: withoutLog(new S3Client(clientSettings)),
  dynamodb: withoutLog(new DynamoDBClient(clientSettings)),
  rawBucket: settings.RAW_BUCKET,
  quarantineBucket: settings.QUARANTINE_BUCKET,
  resultsTable: settings.RESULTS_TABLE,
  submissionsTable: settings.SUBMISSIONS_TABLE,
};
const parse = submissionParser({
  minSeconds: settings.MIN_SECONDS,
  requireFreetext: settings.REQUIRE_FREETEXT,
  answerMin: settings.ANSWER_MIN,
  answerMax: settings.ANSWER_MAX,
  minAnswers: settings.MIN_ANSWERS,
});
const logger = new Logger();
const metrics = new Metrics();
const report = new Report(logger, metrics, Date.now);

const { WRITE_CAPACITY_LIMIT: writeCapacityLimit, LEDGER_TABLE: ledgerTable } = settings;
const limiters =
  writeCapacityLimit === undefined || ledgerTable === undefined
    ? []
    : [
        limitWrites({
          client: storage.dynamodb,
          ledgerClient: withoutLog(new DynamoDBClient({})),
          resultsTable: storage.resultsTable,
          ledgerTable,
          writeCapacityLimit,
        }),
      ];

const { STUDY_SECRET: studySecret } = settings;
const tokens =
  studySecret === undefined
    ? undefined
    : import("../tokens/studyTokens").then(({ studyTokens }) => studyTokens(studySecret));

export const handler = sqsHandler({
  work: async (record, signal) => {
    const message = messageOf(record);
    report.done(await storeSubmission(storage, parse, message, signal), message);
  },
  onFailure: (error, record) =>
    report.failed(error, record.messageId, Number(record.attributes.ApproximateReceiveCount)),
  concurrency: settings.RECORD_CONCURRENCY,
  sqs: withoutLog(new SQSClient(clientSettings)),
  queueUrl: settings.QUEUE_URL,
  random: Math.random,
  limiters,
  logger,
  metrics,
});

function messageOf({ body, messageId, attributes, messageAttributes }: SQSRecord): SubmissionMessage {
  const endedBefore = Date.now() - 1_000 * (settings.TIMEOUT_SECONDS + CLOCKS_APART_SECONDS);
  const sentAt = Number(attributes.SentTimestamp);
  const message = { body, messageId, sentAt, endedBefore };
  if (tokens === undefined) return message;
  const token = messageAttributes[TOKEN_ATTRIBUTE]?.stringValue;
  const isProven: ProofCheck = async (userId, signal) => (await tokens).isProven({ token, userId, sentAt }, signal);
  return { ...message, isProven };
}
