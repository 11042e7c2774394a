/**
 * Sluice's Pulumi program. `pulumi up` runs it on AWS, `npm start` runs it on the local cloud.
 *
 * The way of a submission:
 *   sender/sendSurvey.ts               sends it to the queue
 *   services/ingest/component.ts       the queue, what drains it, where it ends
 *   services/ingest/handlers/store.ts  takes a batch from the queue
 *   services/ingest/storeSubmission.ts raw object to S3; marker, latest answers and count to DynamoDB
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { SurveyIngest } from "./services/ingest/component";
import { readIngestSettings } from "./services/ingest/config";
import { ConfigReader } from "./shared/infra/config";
import { programFields, requireRegion } from "./shared/infra/program";

const reader = new ConfigReader();
const { senderAccess } = reader.read(programFields);
const settings = readIngestSettings(reader);
reader.finish();
const region = requireRegion();
const { accountId } = aws.getCallerIdentityOutput();

const ingest = new SurveyIngest("ingest", { ...settings, senderAccess, region, accountId });

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
