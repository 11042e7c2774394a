/**
 * Sluice's Pulumi program. `pulumi up` runs it on AWS, `npm start` runs it on the local cloud.
 *
 * The way of a submission:
 *   sender/sendSurvey.ts               sends it to the queue
 *   services/ingest/component.ts       the queue, what drains it, where it ends
 *   services/ingest/handlers/store.ts  takes a batch from the queue
 *   services/ingest/storeSubmission.ts raw object to S3; marker, latest answers and count to DynamoDB
 *
 * The way of a unit:
 *   services/scanner/component.ts       the queue, the functions, the jobs table
 *   services/jobs/handlers/start.ts  starts a job: one message a segment
 *   services/scanner/handlers/work.ts   takes a segment from the queue
 *   services/scanner/scanUnit.ts     puts together what the next four need
 *   shared/engine/protocol.ts             lease, checkpoint, next message, end
 *   shared/engine/pageLoop.ts             page after page
 *   shared/sources/table/tableScan.ts            reads a page, within the job's capacity (shared/capacity)
 *   shared/operations/                  count, export: what is done with it
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { SurveyIngest } from "./services/ingest/component";
import { readIngestSettings } from "./services/ingest/readSettings";
import { TableScanner } from "./services/scanner/component";
import { operationModules, readScannerSettings, tableNames } from "./services/scanner/config";
import { ConfigReader } from "./shared/infra/config";
import { programFields, requireRegion } from "./shared/infra/program";

const reader = new ConfigReader();
const { senderAccess } = reader.read(programFields);
const settings = readIngestSettings(reader);
const scannerSettings = readScannerSettings(reader);
reader.finish();
const region = requireRegion();
const { accountId } = aws.getCallerIdentityOutput();

const ingest = new SurveyIngest("ingest", { ...settings, senderAccess, region, accountId });
const scanner = new TableScanner("scanner", {
  ...scannerSettings,
  tables: [ingest.resultsTable, ingest.submissionsTable, ...tableNames(scannerSettings)],
  operations: operationModules(scannerSettings),
  region,
  accountId,
});

/** What the sender needs, as one document: `pulumi stack output sender --json`. */
export const sender = pulumi.output(ingest.sender);
export const queueUrl = ingest.queue.url;
export const queueArn = ingest.queue.arn;
export const deadLetterQueueUrl = ingest.deadLetters.url;
export const rawBucket = ingest.rawBucket.bucket;
export const quarantineBucket = ingest.quarantineBucket.bucket;
export const resultsTable = ingest.resultsTable.name;
export const submissionsTable = ingest.submissionsTable.name;
export const storeFunction = ingest.store.name;
export const logGroup = ingest.logGroup.name;

/** What the command line needs, as one document: `npm run sluice -- jobs list --stack dev`. */
export const operator = pulumi.output(scanner.operator);
export const startQueueUrl = scanner.startQueue.url;
export const segmentQueueUrl = scanner.queue.url;
export const segmentDeadLetterQueueUrl = scanner.deadLetters.url;
export const resultsBucket = scanner.resultsBucket.bucket;
export const jobsTable = scanner.jobsTable.name;
