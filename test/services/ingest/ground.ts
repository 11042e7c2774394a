import { randomUUID } from "node:crypto";
import {
  type AttributeValue,
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { BorrowedDatabase } from "../../../local/backends/borrowedDatabase";
import { QueuesAndBuckets } from "../../../local/backends/queuesAndBuckets";
import { type Backend, Gateway, type Stage } from "../../../local/gateway/gateway";
import { Principals } from "../../../local/gateway/principals";
import type { QuarantineRecord } from "../../../services/ingest/quarantine";
import type { Storage } from "../../../services/ingest/storage";
import { clientSettings } from "../../../shared/aws/clients";
import { systemClock } from "../../../shared/clock";

export type Item = Record<string, AttributeValue>;

/**
 * DynamoDB Local and fauxqs behind a gateway on a free port, with the clients of a handler. A test file has one ground; each
 * test takes tables and buckets of its own with `storage()`.
 */
export class Ground {
  /** A stage that every call passes through. A test may set its own, and removes it afterwards. */
  stage: Stage = (_, next) => next();
  readonly #dynamodbLocal: BorrowedDatabase;
  readonly #queuesAndBuckets: QueuesAndBuckets;
  readonly #gateway: Gateway;
  readonly #clients: { dynamodb: DynamoDBClient; s3: S3Client };

  private constructor(parts: [BorrowedDatabase, QueuesAndBuckets, Gateway], clients: Ground["clients"]) {
    [this.#dynamodbLocal, this.#queuesAndBuckets, this.#gateway] = parts;
    this.#clients = clients;
  }

  static async start(): Promise<Ground> {
    const region = "us-east-1";
    const queuesAndBuckets = await QueuesAndBuckets.start(region);
    // The database is borrowed last, so no failure of another part can leave it borrowed.
    const dynamodbLocal = await BorrowedDatabase.borrow();
    const principals = new Principals();
    const credentials = principals.issue({ kind: "administrator" });
    const none: Backend = () => Promise.reject(new Error("not in this test"));
    const gateway = new Gateway({
      principals,
      clock: systemClock,
      backends: {
        dynamodb: ({ request }) => dynamodbLocal.send(request),
        s3: ({ request }) => queuesAndBuckets.send(request),
        sqs: ({ request }) => queuesAndBuckets.send(request),
        sts: none,
        "cognito-identity": none,
      },
      stages: [(call, next) => ground.stage(call, next)],
      administration: () => Promise.reject(new Error("not in this test")),
    });
    const endpoint = `http://127.0.0.1:${await gateway.listen(0)}`;
    const settings = { ...clientSettings, endpoint, region, credentials };
    const clients = { dynamodb: new DynamoDBClient(settings), s3: new S3Client(settings) };
    const ground: Ground = new Ground([dynamodbLocal, queuesAndBuckets, gateway], clients);
    return ground;
  }

  get clients(): { dynamodb: DynamoDBClient; s3: S3Client } {
    return this.#clients;
  }

  /** Fresh tables and buckets. */
  async storage(): Promise<Storage> {
    const run = randomUUID().slice(0, 8);
    const storage: Storage = {
      ...this.#clients,
      rawBucket: `raw-${run}`,
      quarantineBucket: `quarantine-${run}`,
      resultsTable: `results-${run}`,
      submissionsTable: `submissions-${run}`,
    };
    await Promise.all([
      this.#table(storage.resultsTable, "user_id"),
      this.#table(storage.submissionsTable, "submission"),
      this.#bucket(storage.rawBucket),
      this.#bucket(storage.quarantineBucket),
    ]);
    return storage;
  }

  async stop(): Promise<void> {
    this.#clients.dynamodb.destroy();
    this.#clients.s3.destroy();
    await this.#gateway.close();
    await Promise.all([this.#queuesAndBuckets.stop(), this.#dynamodbLocal.stop()]);
  }

  async #bucket(Bucket: string): Promise<void> {
    await this.#clients.s3.send(new CreateBucketCommand({ Bucket }));
    const VersioningConfiguration = { Status: "Enabled" } as const;
    await this.#clients.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  }

  async #table(TableName: string, AttributeName: string): Promise<void> {
    await this.#clients.dynamodb.send(
      new CreateTableCommand({
        TableName,
        KeySchema: [{ AttributeName, KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName, AttributeType: "S" }],
        BillingMode: "PAY_PER_REQUEST",
      }),
    );
  }
}

/** A participant's item of the results table, as DynamoDB holds it. */
export async function resultOf({ dynamodb, resultsTable }: Storage, userId: string): Promise<Item | undefined> {
  const Key = { user_id: { S: userId } };
  return (await dynamodb.send(new GetItemCommand({ TableName: resultsTable, Key, ConsistentRead: true }))).Item;
}

export async function putResult({ dynamodb, resultsTable }: Storage, Item: Item): Promise<void> {
  await dynamodb.send(new PutItemCommand({ TableName: resultsTable, Item }));
}

export async function items({ dynamodb }: Storage, TableName: string): Promise<Item[]> {
  return (await dynamodb.send(new ScanCommand({ TableName, ConsistentRead: true }))).Items ?? [];
}

export async function keys({ s3 }: Storage, Bucket: string): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  return Contents.map(({ Key }) => Key ?? "").sort();
}

/** The number of versions of each key, without delete markers. */
export async function versionsOf({ s3 }: Storage, Bucket: string): Promise<Record<string, number>> {
  const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  const counts: Record<string, number> = {};
  for (const { Key = "" } of Versions) counts[Key] = (counts[Key] ?? 0) + 1;
  return counts;
}

export async function textOf({ s3 }: Storage, Bucket: string, Key: string): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return (await Body?.transformToString()) ?? "";
}

export async function quarantined(storage: Storage): Promise<QuarantineRecord[]> {
  const found = await keys(storage, storage.quarantineBucket);
  return Promise.all(found.map(async (key) => JSON.parse(await textOf(storage, storage.quarantineBucket, key))));
}
