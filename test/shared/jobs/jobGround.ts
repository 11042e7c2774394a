/** A jobs table and a results bucket, with jobs in them, behind the gateway. */
import { BatchWriteItemCommand, type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { createTable, stringKeys } from "../../../local/fillTable";
import type { Item } from "../../../shared/aws/itemSize";
import { isTransient } from "../../../shared/aws/transient";
import type { Chain } from "../../../shared/jobs/chain";
import { JobControl } from "../../../shared/jobs/control";
import type { DeleteJobOptions } from "../../../shared/jobs/deleteJob";
import type { Job } from "../../../shared/jobs/job";
import { DynamoDbEntries } from "../../../shared/jobs/storage/dynamoDbEntries";
import { chainKey, toAttributes, unitKey } from "../../../shared/jobs/storage/jobsTable";
import type { Unit } from "../../../shared/jobs/unit";
import { prefixesOf } from "../../../shared/operations/prefixes";
import { Ground, keys } from "../../services/ingest/ground";

/** When the jobs here ended. */
export const ENDED = 1_800_000_000_000;
/** A time long after that, when nobody works for these jobs any more. */
export const LATER = ENDED + 3_600_000;

/** A count of two units that was cancelled before it got far. */
export function endedJob(part: Partial<Job> = {}): Job {
  return {
    id: "a",
    work: { operation: "count", table: "answers" },
    source: { kind: "table", table: "answers", consistentRead: false },
    identity: {},
    operation: { name: "count", params: {} },
    state: "cancelled",
    units: 2,
    unitsDone: 0,
    unitsFailed: 0,
    epoch: 0,
    claimed: 0,
    chains: 1,
    limits: [{ direction: "read", table: "answers", limits: { table: 100 } }],
    estimatedItems: 1_000,
    estimatedBytes: 400_000,
    createdAt: ENDED - 60_000,
    endedAt: ENDED,
    ...part,
  };
}

export interface Kept {
  readonly job?: Partial<Job>;
  /** Default: two that nobody holds. */
  readonly units?: readonly Partial<Unit>[];
  /** Default: one that nobody holds. */
  readonly chains?: readonly Partial<Chain>[];
  /** Number of entries. Default 3. */
  readonly entries?: number;
  /** Default: two below the operation's own prefix. */
  readonly objects?: readonly string[];
}

export async function retry<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isTransient(error)) throw error;
    }
  }
}

export class JobGround {
  private made = 0;
  table = "";
  bucket = "";

  private constructor(readonly ground: Ground) {}

  static async start(): Promise<JobGround> {
    return new JobGround(await Ground.start());
  }

  stop(): Promise<void> {
    return this.ground.stop();
  }

  get client(): DynamoDBClient {
    return this.ground.clients.dynamodb;
  }

  get s3(): S3Client {
    return this.ground.clients.s3;
  }

  /** Another table and another bucket. */
  async renew(): Promise<void> {
    this.made += 1;
    this.table = `jobs-${this.made}`;
    this.bucket = `results-${this.made}`;
    await createTable(this.client, this.table, stringKeys("pk", "sk"));
    await this.s3.send(new CreateBucketCommand({ Bucket: this.bucket }));
  }

  control(now = ENDED): JobControl {
    return new JobControl(this.client, this.table, () => now);
  }

  async keep({ job: part, units = [{}, { number: 1 }], chains = [{}], entries = 3, objects }: Kept = {}): Promise<Job> {
    const job = endedJob(part);
    await this.control(job.createdAt).create(job);
    await this.putUnits(job.id, units);
    await this.putChains(job.id, chains);
    const { client, table } = this;
    const noted = new DynamoDbEntries({ client, table, job: job.id, retry });
    for (let number = 0; number < entries; number += 1) await noted.put(0, number, { items: number });
    for (const key of objects ?? [`${job.operation.name}/${job.id}/x`, `${job.operation.name}/${job.id}/y`]) {
      await this.s3.send(new PutObjectCommand({ Bucket: this.bucket, Key: key, Body: "text" }));
    }
    return job;
  }

  putUnits(job: string, units: readonly Partial<Unit>[]): Promise<void> {
    return this.put(
      units.map(({ number = 0, ...unit }) => {
        return { ...unitKey(job, number), ...toAttributes({ number, state: "active", turn: 0, ...unit }) };
      }),
    );
  }

  putChains(job: string, chains: readonly Partial<Chain>[]): Promise<void> {
    return this.put(
      chains.map(({ number = 0, ...chain }) => {
        return { ...chainKey(job, number), ...toAttributes({ number, turn: 0, ...chain }) };
      }),
    );
  }

  private async put(items: readonly Item[]): Promise<void> {
    const puts = items.map((Item) => ({ PutRequest: { Item } }));
    for (let from = 0; from < puts.length; from += 25) {
      const RequestItems = { [this.table]: puts.slice(from, from + 25) };
      await this.client.send(new BatchWriteItemCommand({ RequestItems }));
    }
  }

  options(more: Partial<DeleteJobOptions> = {}): DeleteJobOptions {
    const { client, table, s3, bucket } = this;
    const prefixes = ({ id, work, operation }: Job) =>
      prefixesOf(work.operation, { id, params: operation?.params ?? {} });
    return { client, table, s3, bucket, now: () => LATER, caller: async () => "operator", prefixes, retry, ...more };
  }

  /** Keys of all records, as `pk sk`, in order. */
  async records(): Promise<string[]> {
    const { Items = [] } = await this.client.send(new ScanCommand({ TableName: this.table, ConsistentRead: true }));
    return Items.map(({ pk, sk }) => `${pk?.S} ${sk?.S}`).sort();
  }

  /** Keys of all objects, in order. */
  objects(): Promise<string[]> {
    return keys({ s3: this.s3 } as never, this.bucket);
  }
}
