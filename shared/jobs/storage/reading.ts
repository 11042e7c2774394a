/** Reads of the jobs table: a job, the list of jobs, a job's units. */
import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { Item } from "../../aws/itemSize";
import { SluiceError } from "../../errors";
import { didYouMean } from "../../nearestNames";
import type { Job, JobHead } from "../job";
import type { FailedItems, UnitSummary } from "../stores";
import { noCounts, type Unit } from "../unit";
import {
  activePartition,
  fromAttributes,
  jobKey,
  LIST_PARTITION,
  listKey,
  partitionOf,
  sortKeyPrefixes,
  unitKey,
} from "./jobsTable";

/** BatchGetItem takes at most this many keys. */
const KEYS_MAX = 100;

/** The whole job, consistently read: its head and its spec, in one request. */
export async function readJob(client: DynamoDBClient, table: string, id: string): Promise<Job | undefined> {
  const parts: Record<string, AttributeValue> = {};
  for await (const item of queryJob(client, table, id, sortKeyPrefixes.job, { ConsistentRead: true })) {
    Object.assign(parts, item);
  }
  // Without a head there is no job: a spec that is left belongs to a job that is being deleted.
  return parts.state === undefined ? undefined : fromAttributes<Job>(parts);
}

/** A job's head, consistently read. */
export async function readHead(client: DynamoDBClient, table: string, id: string): Promise<JobHead | undefined> {
  const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: jobKey(id), ConsistentRead: true }));
  return Item && fromAttributes<JobHead>(Item);
}

export interface JobPage {
  readonly jobs: JobHead[];
  /** Where the next page begins, for `from`. Absent: none. */
  readonly next?: string;
}

export interface JobPageOptions {
  /** Most jobs, 1 to 100. */
  readonly limit: number;
  /** `next` of the page before. Default: the newest job. */
  readonly from?: string | undefined;
  /** Which jobs to list. Default: all. */
  readonly wanted?: (job: JobHead) => boolean;
}

/** The most jobs that one page looks at: if few match, a page has fewer than `limit` jobs. */
const MOST_LOOKED_AT = 1_000;

/** The newest jobs first. Lines of jobs that are gone do not count. `limit`: 1 to 100. */
export async function listJobs(client: DynamoDBClient, table: string, limit = 20): Promise<JobHead[]> {
  return (await jobPage(client, table, { limit })).jobs;
}

/**
 * A page of the list of jobs, the newest first. Lines of jobs that are gone do not count, even if a later job has the same id:
 * expiry may remove a job's line a few days after its other records.
 */
export async function jobPage(client: DynamoDBClient, table: string, options: JobPageOptions): Promise<JobPage> {
  const { limit, from, wanted = () => true } = options;
  const jobs: JobHead[] = [];
  let last = from;
  for (let looked = 0; looked < MOST_LOOKED_AT; ) {
    const lines = await listLines(client, table, limit, last);
    const heads = new Map((await readHeads(client, table, lines.ids)).map((head) => [head.id, head]));
    for (const [at, id] of lines.ids.entries()) {
      const head = heads.get(id);
      last = lines.sortKeys[at];
      if (head === undefined || listKey(id, head.createdAt).sk.S !== last || !wanted(head)) continue;
      jobs.push(head);
      if (jobs.length === limit) return { jobs, ...(last !== undefined && { next: last }) };
    }
    looked += lines.ids.length;
    if (!lines.more) return { jobs };
  }
  return { jobs, ...(last !== undefined && { next: last }) };
}

/** The error NO_SUCH_JOB. It names those of the newest 100 jobs whose ids are like this one. */
export async function noSuchJob(client: DynamoDBClient, table: string, id: string): Promise<SluiceError> {
  const { ids } = await listLines(client, table, KEYS_MAX, undefined);
  return new SluiceError("NO_SUCH_JOB", `There is no job ${id}.${didYouMean(id, ids)}`, { value: id });
}

/** What work on a job returns. Undefined: there is no such job, or no longer. */
export function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: unknown) => {
    if (error instanceof SluiceError && error.code === "NO_SUCH_JOB") return undefined;
    throw error;
  });
}

async function listLines(client: DynamoDBClient, table: string, limit: number, from: string | undefined) {
  const start = from === undefined ? {} : { ExclusiveStartKey: { pk: { S: LIST_PARTITION }, sk: { S: from } } };
  const { Items = [], LastEvaluatedKey } = await client.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: "pk = :list",
      ExpressionAttributeValues: { ":list": { S: LIST_PARTITION } },
      ScanIndexForward: false,
      Limit: Math.min(limit, KEYS_MAX),
      ...start,
    }),
  );
  const ids = Items.map((item) => fromAttributes<{ id: string }>(item).id);
  return { ids, sortKeys: Items.map(({ sk }) => sk?.S), more: LastEvaluatedKey !== undefined };
}

/** Ids of the jobs that are under way on a table, and of some that have ended; consistently read, 100 at most. */
export async function readActiveIds(client: DynamoDBClient, table: string, workedOn: string): Promise<string[]> {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: "pk = :active",
      ExpressionAttributeValues: { ":active": { S: activePartition(workedOn) } },
      ConsistentRead: true,
      // More jobs at once on one table would be unusual.
      Limit: KEYS_MAX,
    }),
  );
  return Items.map((item) => fromAttributes<{ id: string }>(item).id);
}

/** The heads of jobs in the order of the given ids; missing ones are left out. At most 100. */
export async function readHeads(client: DynamoDBClient, table: string, ids: readonly string[]): Promise<JobHead[]> {
  const found = new Map<string, JobHead>();
  // BatchGetItem refuses keys that occur twice.
  let missing = [...new Set(ids)].map(jobKey) as Item[];
  while (missing.length > 0) {
    const input = { RequestItems: { [table]: { Keys: missing, ConsistentRead: true } } };
    const { Responses = {}, UnprocessedKeys = {} } = await client.send(new BatchGetItemCommand(input));
    for (const item of Responses[table] ?? []) {
      const job = fromAttributes<JobHead>(item);
      found.set(job.id, job);
    }
    missing = UnprocessedKeys[table]?.Keys ?? [];
  }
  return ids.flatMap((id) => found.get(id) ?? []);
}

export type ReadOptions = Pick<QueryCommandInput, "ConsistentRead"> & {
  /** Makes a call until it succeeds, fails for good, or time is over. Default: one attempt. */
  readonly retry?: <T>(call: () => Promise<T>) => Promise<T>;
};

/** The units that a worker has taken at least once, in the order of their numbers. */
export async function* readUnits(
  client: DynamoDBClient,
  table: string,
  job: string,
  options: ReadOptions = {},
): AsyncGenerator<Unit> {
  for await (const item of queryJob(client, table, job, sortKeyPrefixes.unit, options)) yield unitOf(item);
}

/** A unit as it is in the table, or its state before any worker took it. */
export function unitOf(item: Item | undefined): Unit {
  const fresh = { state: "active", turn: 0, attempts: 0, counts: noCounts, rcuPerSecond: 0, updatedAt: 0 };
  return { ...fresh, ...(item && fromAttributes<Partial<Unit>>(item)) } as Unit;
}

/** Attributes of a summary. */
const SUMMARY = ["number", "state", "turn", "owner", "leaseUntil", "retryAt"] as const satisfies (keyof UnitSummary)[];

const onlySummary = {
  ProjectionExpression: SUMMARY.map((name) => `#${name}`).join(", "),
  ExpressionAttributeNames: Object.fromEntries(SUMMARY.map((name) => [`#${name}`, name])),
};

/**
 * The state of the units that a worker has taken at least once, read consistently. Results, which may be large, are left out.
 */
export async function readUnitSummaries(
  client: DynamoDBClient,
  table: string,
  job: string,
  retry: NonNullable<ReadOptions["retry"]>,
): Promise<UnitSummary[]> {
  const summaries: UnitSummary[] = [];
  const options = { ConsistentRead: true, retry, ...onlySummary };
  for await (const item of queryJob(client, table, job, sortKeyPrefixes.unit, options)) {
    summaries.push(fromAttributes<UnitSummary>(item));
  }
  return summaries;
}

/** The same for one unit; undefined if no worker has taken it yet. */
export async function readUnitSummary(
  client: DynamoDBClient,
  table: string,
  { job, unit }: { readonly job: string; readonly unit: number },
  retry: NonNullable<ReadOptions["retry"]>,
): Promise<UnitSummary | undefined> {
  const input = { TableName: table, Key: unitKey(job, unit), ConsistentRead: true, ...onlySummary };
  const { Item } = await retry(() => client.send(new GetItemCommand(input)));
  return Item && fromAttributes<UnitSummary>(Item);
}

/**
 * Sums over the checkpoints of all units, read consistently. It costs a read capacity unit for each 4 KB of their records, with
 * their results and cursors.
 */
export async function readFailedItems(
  client: DynamoDBClient,
  table: string,
  job: string,
  retry: NonNullable<ReadOptions["retry"]>,
): Promise<FailedItems> {
  const only = { ProjectionExpression: "#counts", ExpressionAttributeNames: { "#counts": "counts" } };
  let [scannedItems, failures] = [0, 0];
  for await (const item of queryJob(client, table, job, sortKeyPrefixes.unit, {
    ConsistentRead: true,
    retry,
    ...only,
  })) {
    const { counts = noCounts } = fromAttributes<Partial<Unit>>(item);
    scannedItems += counts.scannedItems;
    failures += counts.failures ?? 0;
  }
  return { scannedItems, failures };
}

/**
 * All items of one kind that belong to a job, in the order of their sort keys.
 */
export async function* queryJob(
  client: DynamoDBClient,
  table: string,
  job: string,
  prefix: string,
  options: ReadOptions & Pick<QueryCommandInput, "ProjectionExpression" | "ExpressionAttributeNames"> = {},
): AsyncGenerator<Item> {
  const { retry = (call) => call(), ...query } = options;
  let ExclusiveStartKey: Item | undefined;
  do {
    const input: QueryCommandInput = {
      TableName: table,
      KeyConditionExpression: "pk = :job AND begins_with(sk, :prefix)",
      ExpressionAttributeValues: { ":job": { S: partitionOf(job) }, ":prefix": { S: prefix } },
      ...query,
      ...(ExclusiveStartKey === undefined ? {} : { ExclusiveStartKey }),
    };
    const { Items = [], LastEvaluatedKey } = await retry(() => client.send(new QueryCommand(input)));
    yield* Items;
    ExclusiveStartKey = LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
}
