/** An intake with versioned buckets and the index by participant. The store function's own code fills it. */
import { createHash, randomUUID } from "node:crypto";
import { type AttributeValue, CreateTableCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { CreateQueueCommand, type Message, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Desk } from "../../../../services/ingest/desk/desk";
import type { QuarantineRecord } from "../../../../services/ingest/quarantine";
import { type StoreOutcome, storeSubmission } from "../../../../services/ingest/storeSubmission";
import { submissionParser } from "../../../../services/ingest/submission";
import { submissionTime } from "../../../../services/ingest/submissionTime";
import { listVersions } from "../../../../shared/aws/objects/listObjects";
import { Ground } from "../ground";
import { body, POLICY } from "../submissions";

/** When the commands here run. */
export const NOW = Date.parse("2021-10-01T12:00:00Z");
/** When the submissions here were sent. */
export const SENT = Date.parse("2021-09-28T12:00:00Z");

export class DeskGround {
  readonly #sqs: SQSClient;

  private constructor(readonly ground: Ground) {
    const { endpoint, region, credentials } = ground.clients.s3.config;
    this.#sqs = new SQSClient({ region, credentials, endpoint: endpoint! });
  }

  static async start(): Promise<DeskGround> {
    return new DeskGround(await Ground.start());
  }

  /** Fresh tables, buckets and queue. */
  async desk(): Promise<Desk> {
    const { s3, dynamodb } = this.ground.clients;
    const run = randomUUID().slice(0, 8);
    const [resultsTable, submissionsTable] = [`results-${run}`, `submissions-${run}`];
    const [rawBucket, quarantineBucket] = [`raw-${run}`, `quarantine-${run}`];
    const { QueueUrl } = await this.#sqs.send(new CreateQueueCommand({ QueueName: `queue-${run}` }));
    await dynamodb.send(new CreateTableCommand(tableOf(resultsTable, "user_id")));
    await dynamodb.send(
      new CreateTableCommand({ ...tableOf(submissionsTable, "submission", "user_id"), ...BY_PARTICIPANT }),
    );
    for (const Bucket of [rawBucket, quarantineBucket]) {
      await s3.send(new CreateBucketCommand({ Bucket }));
      const VersioningConfiguration = { Status: "Enabled" } as const;
      await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    }
    const parts = { resultsTable, submissionsTable, rawBucket, quarantineBucket, queueUrl: QueueUrl! };
    return { s3, dynamodb, sqs: this.#sqs, ...parts, retry: (call) => call(), now: () => NOW };
  }

  stop(): Promise<void> {
    this.#sqs.destroy();
    return this.ground.stop();
  }
}

const BY_PARTICIPANT = {
  GlobalSecondaryIndexes: [
    {
      IndexName: "byParticipant",
      KeySchema: [
        { AttributeName: "user_id", KeyType: "HASH" },
        { AttributeName: "submission", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "KEYS_ONLY" },
    },
  ],
} satisfies Partial<ConstructorParameters<typeof CreateTableCommand>[0]>;

function tableOf(TableName: string, hash: string, ...others: string[]) {
  return {
    TableName,
    KeySchema: [{ AttributeName: hash, KeyType: "HASH" as const }],
    AttributeDefinitions: [hash, ...others].map((AttributeName) => ({ AttributeName, AttributeType: "S" as const })),
    BillingMode: "PAY_PER_REQUEST" as const,
  };
}

/** Stores a survey as the store function does. */
export function store(desk: Desk, fields: Record<string, unknown> = {}): Promise<StoreOutcome> {
  return storeBody(desk, body(fields));
}

export function storeBody(desk: Desk, text: string): Promise<StoreOutcome> {
  const message = { body: text, messageId: randomUUID(), sentAt: SENT, endedBefore: SENT };
  return storeSubmission(desk, submissionParser(POLICY), message, new AbortController().signal);
}

/** Counts a submission with an implausible time: it writes body and marker, and nothing on the item. */
export async function storeImplausible(desk: Desk, userId: string, timestamp: string): Promise<void> {
  const text = body({ user_id: userId, timestamp });
  await putRaw(desk, `${userId}${timestamp}.json`, text);
  await putMarker(desk, userId, timestamp, text, { implausible_time: { BOOL: true } });
}

/** The marker of a body, as the store function would write it. */
export function putMarker(
  desk: Desk,
  userId: string,
  timestamp: string,
  text: string,
  more: Record<string, AttributeValue> = {},
): Promise<void> {
  return putItem(desk, desk.submissionsTable, {
    submission: { S: userId + timestamp },
    user_id: { S: userId },
    submitted_at: { S: submissionTime(timestamp, SENT)! },
    sha256: { S: sha256(text) },
    ...more,
  });
}

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("base64");

export async function putItem(desk: Desk, TableName: string, Item: PutItemCommand["input"]["Item"]): Promise<void> {
  await desk.dynamodb.send(new PutItemCommand({ TableName, Item }));
}

export async function putRaw({ s3, rawBucket }: Desk, Key: string, Body: string): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: rawBucket, Key, Body }));
}

/** Does what the bucket's lifecycle does: the version stays below a delete marker. */
export async function expireRaw({ s3, rawBucket }: Desk, Key: string): Promise<void> {
  await s3.send(new DeleteObjectCommand({ Bucket: rawBucket, Key }));
}

/** A record as the store function writes it. */
export function record(changes: Partial<QuarantineRecord> = {}): QuarantineRecord {
  return {
    reasons: [{ code: "too_quick", field: "time_elapsed", message: "time_elapsed must be at least 3 seconds" }],
    sentAt: new Date(SENT).toISOString(),
    messageId: "m-1",
    body: body({ time_elapsed: 1 }),
    ...changes,
  };
}

/** @returns its key. */
export async function putRecord(desk: Desk, key: string, changes: Partial<QuarantineRecord> = {}): Promise<string> {
  const Body = JSON.stringify(record(changes), undefined, 2);
  await desk.s3.send(new PutObjectCommand({ Bucket: desk.quarantineBucket, Key: key, Body }));
  return key;
}

/** The messages that wait in the queue, ten at most. */
export async function waiting({ sqs, queueUrl }: Desk): Promise<Message[]> {
  const receive = { QueueUrl: queueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 };
  return (await sqs.send(new ReceiveMessageCommand(receive))).Messages ?? [];
}

/** Keys of all versions and delete markers. */
export async function versionKeys({ s3, retry }: Desk, bucket: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of listVersions({ s3, bucket, retry }, "")) found.push(key);
  return found;
}
