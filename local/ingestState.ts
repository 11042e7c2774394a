import { type AttributeValue, DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { DeleteObjectCommand, GetObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import pLimit from "p-limit";
import type { LocalCloud } from "./cloud";
import { messagesIn } from "./messagesIn";
import { pauseMs } from "./pauseMs";

/** The stack outputs that name ingest's resources. */
export interface IngestOutputs {
  queueUrl: string;
  deadLetterQueueUrl: string;
  rawBucket: string;
  quarantineBucket: string;
  resultsTable: string;
  submissionsTable: string;
}

/** A reason, in the quarantine's form. */
export interface KeptReason {
  code: string;
  field?: string;
  message: string;
}

/** The content of ingest, as anybody with an AWS SDK can read it. */
export interface IngestState {
  rawKeys: string[];
  quarantined: { key: string; reasons: KeptReason[] }[];
  /** Messages in the dead-letter queue. */
  dead: number;
  /** Items of the results table by user_id, without the key. */
  participants: Record<string, { num_submission: number; [attribute: string]: unknown }>;
}

/** The object under a key. */
export interface StoredObject {
  bytes: Buffer;
  /** The message that it was written for, if the store function wrote it. */
  messageId: string | undefined;
}

/** The marker of a counted submission. */
export interface StoredMarker {
  /** `<user_id><timestamp>`. */
  submission: string;
  /** SHA-256 of the body that was counted, base64. */
  sha256: string;
  /** The message that was counted. */
  messageId: string;
}

/** Requests at once while many objects are read. */
const AT_ONCE = 16;

/** Reads ingest's state through the gateway with the administrator's credentials. */
export class IngestReader {
  readonly #outputs: IngestOutputs;
  readonly #sqs: SQSClient;
  readonly #s3: S3Client;
  readonly #dynamodb: DynamoDBClient;

  constructor({
    endpoint,
    region,
    credentials,
    outputs,
  }: Pick<LocalCloud, "endpoint" | "region" | "credentials" | "outputs">) {
    const settings = { endpoint, region, credentials };
    this.#outputs = outputs as unknown as IngestOutputs;
    this.#sqs = new SQSClient(settings);
    this.#s3 = new S3Client(settings);
    this.#dynamodb = new DynamoDBClient(settings);
  }

  /** Messages that are not done: waiting, hidden or delayed. */
  async backlog(): Promise<number> {
    return messagesIn(this.#sqs, this.#outputs.queueUrl);
  }

  /** Resolves once no message is left. @throws Error after `timeoutMs`. */
  async drained(timeoutMs: number, onProgress: (left: number) => void = () => undefined): Promise<void> {
    const started = performance.now();
    for (;;) {
      const left = await this.backlog();
      onProgress(left);
      if (left === 0) return;
      const waitedMs = performance.now() - started;
      if (waitedMs > timeoutMs)
        throw new Error(`${left} submissions are still in the queue after ${timeoutMs / 1000} s.`);
      await new Promise((resolve) => setTimeout(resolve, pauseMs(waitedMs)));
    }
  }

  async state(): Promise<IngestState> {
    const [rawKeys, quarantined, dead, participants] = await Promise.all([
      this.#keys(this.#outputs.rawBucket),
      this.#quarantined(),
      this.dead(),
      this.participants(),
    ]);
    return { rawKeys, quarantined, dead, participants };
  }

  /** Messages in the dead-letter queue. */
  async dead(): Promise<number> {
    return messagesIn(this.#sqs, this.#outputs.deadLetterQueueUrl);
  }

  /** Every object of a bucket by its key, sorted, byte for byte. */
  async objects(bucket: "rawBucket" | "quarantineBucket"): Promise<Map<string, StoredObject>> {
    const Bucket = this.#outputs[bucket];
    const keys = await this.#keys(Bucket);
    const read = async (Key: string): Promise<[string, StoredObject]> => {
      const { Body, Metadata = {} } = await this.#s3.send(new GetObjectCommand({ Bucket, Key }));
      return [Key, { bytes: Buffer.from((await Body?.transformToByteArray()) ?? []), messageId: Metadata.message }];
    };
    const limit = pLimit(AT_ONCE);
    return new Map(await Promise.all(keys.map((key) => limit(read, key))));
  }

  async markers(): Promise<StoredMarker[]> {
    const items = await this.#scan(this.#outputs.submissionsTable);
    return items.map(({ submission, sha256, message }) => {
      return { submission: submission?.S ?? "", sha256: sha256?.S ?? "", messageId: message?.S ?? "" };
    });
  }

  /** Deletes current versions of raw objects, as a lifecycle rule does. */
  async expire(keys: readonly string[]): Promise<void> {
    const Bucket = this.#outputs.rawBucket;
    const limit = pLimit(AT_ONCE);
    await Promise.all(keys.map((Key) => limit(() => this.#s3.send(new DeleteObjectCommand({ Bucket, Key })))));
  }

  /** Items of the results table by user_id, without the key. */
  async participants(): Promise<IngestState["participants"]> {
    const items = await this.#scan(this.#outputs.resultsTable);
    const byUser = items.map(({ user_id, ...rest }) => [user_id?.S ?? "", plain(rest)] as const);
    return Object.fromEntries(byUser.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  async #keys(Bucket: string): Promise<string[]> {
    const keys: string[] = [];
    for await (const page of paginateListObjectsV2({ client: this.#s3 }, { Bucket })) {
      for (const { Key } of page.Contents ?? []) if (Key !== undefined) keys.push(Key);
    }
    return keys.sort();
  }

  async #quarantined(): Promise<IngestState["quarantined"]> {
    const objects = await this.objects("quarantineBucket");
    return [...objects].map(([key, { bytes }]) => ({ key, reasons: JSON.parse(bytes.toString()).reasons }));
  }

  async #scan(TableName: string): Promise<Record<string, AttributeValue>[]> {
    const items: Record<string, AttributeValue>[] = [];
    for await (const page of paginateScan({ client: this.#dynamodb }, { TableName })) items.push(...(page.Items ?? []));
    return items;
  }
}

function plain(item: Record<string, AttributeValue>): { num_submission: number } {
  const values = Object.entries(item).map(([name, value]) => [name, value.N === undefined ? value.S : Number(value.N)]);
  return Object.fromEntries(values);
}
