/**
 * Deletes a job that has ended: its objects, then all that the jobs table keeps about it.
 *
 *   wait for its workers ─► mark ─► objects ─► chains, units, entries, runs, audit ─► leave the group's ledgers ─► lines, ledgers, spec and head at once
 *
 * The head goes last, so after a crash at any step the same call goes on. Nothing comes back after that:
 *
 * - A worker that holds a chain may still write objects, including those of the result. So nothing is deleted before every
 *   lease is over.
 * - A worker that takes a unit later finds the job's ledgers paused or gone, and reads no page. If it makes a record of a
 *   unit or a chain, that record expires at once (see `isKept`). Workers drop a message that arrives later, because its job
 *   is unknown.
 *
 * Uploads in parts that were never completed are left to the lifecycle rule of the results bucket.
 */
import { randomUUID } from "node:crypto";
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  QueryCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { deleteItems } from "../aws/deleteItems";
import { deleteObjects } from "../aws/deleteObjects";
import type { Item } from "../aws/itemSize";
import type { BucketOptions } from "../aws/objects/listObjects";
import { leaveUpdate } from "../capacity/ledger/pauseChange";
import { SluiceError } from "../errors";
import { JobControl } from "./control";
import { type Job, tablesOf } from "./job";
import { ledgerOwner } from "./limits";
import {
  activeKey,
  jobKey,
  type Key,
  ledgerKey,
  ledgerPartition,
  listKey,
  sortKeyPrefixes,
  specKey,
} from "./storage/jobsTable";
import { noSuchJob, queryJob, readJob } from "./storage/reading";
import { workersLeft } from "./workersLeft";

export interface DeleteJobOptions extends BucketOptions {
  readonly client: DynamoDBClient;
  /** Name of the jobs table. */
  readonly table: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Who deletes it, for the audit list, which shows that until the records are gone. */
  readonly caller: () => Promise<string>;
  /** Key prefixes of the job's objects in `bucket`, each ending in `<id>/`. */
  readonly prefixes: (job: Job) => readonly string[];
  /** Whether the objects of a completed job go too. Those of any other job are of no use and are always deleted. Default false. */
  readonly withResults?: boolean;
}

export interface DeletedJob {
  /** Items of the jobs table that were deleted. */
  readonly records: number;
  /** Objects of the results bucket that were deleted. */
  readonly objects: number;
  /** Prefixes below which the objects of a completed job were left. */
  readonly kept: readonly string[];
}

/**
 * Deletes a job. Call it again after a crash and it continues. If the job has no head, it removes the job's other records.
 * Memory does not grow with the job.
 *
 * @throws SluiceError NO_SUCH_JOB; WRONG_STATE if the job has not ended; WORKERS_LEFT where workers may still write (see
 *   `workersLeft`); UNSAFE_PREFIX; and what a call failed with for good.
 */
export async function deleteJob(id: string, options: DeleteJobOptions): Promise<DeletedJob> {
  const job = await marked(id, options);
  if (job === undefined) return deleteLeftovers(id, options);
  const { objects, kept } = await deleteResults(job, options);
  const records = await deleteItems(options, keysOf(id, ["chain", "unit", "entry", "run", "audit"], options));
  await leaveGroup(job, options);
  return { records: records + (await deleteRest(job, options)), objects, kept };
}

/** Whether the objects of the job go with it. */
export function losesResults({ state }: Pick<Job, "state">, withResults = false): boolean {
  return withResults || state !== "completed";
}

/** The job, once nobody works on it any more and nobody can resume it; undefined: it has no head. */
async function marked(id: string, options: DeleteJobOptions): Promise<Job | undefined> {
  const { client, table, now, caller, retry } = options;
  const control = new JobControl(client, table, now, caller);
  for (;;) {
    const job = await retry(() => readJob(client, table, id));
    if (job === undefined || job.deleting) return job;
    control.permit(job, "delete");
    const left = await workersLeft(job, options);
    if (left !== undefined) throw left;
    const objects = losesResults(job, options.withResults) ? "deleted" : "kept";
    if (await control.markDeleting(job, { objects })) return { ...job, deleting: true };
  }
}

async function deleteResults(job: Job, options: DeleteJobOptions): Promise<Pick<DeletedJob, "objects" | "kept">> {
  const prefixes = options.prefixes(job);
  if (!losesResults(job, options.withResults)) return { objects: 0, kept: prefixes };
  let objects = 0;
  for (const prefix of prefixes) objects += await deleteObjects(options, safe(prefix, job));
  return { objects, kept: [] };
}

/** Deleting job `a` must not delete objects of job `ab`. */
function safe(prefix: string, { id }: Job): string {
  if (`/${prefix}`.endsWith(`/${id}/`)) return prefix;
  throw new SluiceError("UNSAFE_PREFIX", `A prefix of job ${id} must end in ${id}/, got ${prefix}.`, { value: prefix });
}

type RecordKind = keyof typeof sortKeyPrefixes;

/** Keys of the job's items of these kinds. */
async function* keysOf(id: string, kinds: readonly RecordKind[], options: DeleteJobOptions): AsyncGenerator<Item> {
  const { client, table, retry } = options;
  for (const kind of kinds) {
    const query = { ConsistentRead: true, retry, ProjectionExpression: "pk, sk" };
    yield* queryJob(client, table, id, sortKeyPrefixes[kind], query);
  }
}

/** Removes the job from the paused members of its group's ledgers. The ledgers stay. */
async function leaveGroup(job: Job, { client, table, retry }: DeleteJobOptions): Promise<void> {
  if (job.limitGroup === undefined) return;
  for (const limit of job.limits) {
    const update = leaveUpdate({ table, key: ledgerKey(ledgerOwner(job), limit) }, job.id);
    await retry(() => client.send(new UpdateItemCommand(update))).catch((error) => {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    });
  }
}

/**
 * Deletes everything that is left of the job, in one step.
 * @returns the number of items.
 */
async function deleteRest(job: Job, { client, table: TableName, retry }: DeleteJobOptions): Promise<number> {
  const { id, work, createdAt, limits, limitGroup } = job;
  const own = limitGroup === undefined ? limits.map((limit) => ledgerKey(id, limit)) : [];
  const keys = [
    ...own,
    listKey(id, createdAt),
    ...tablesOf({ work }).map((table) => activeKey(table, id)),
    specKey(id),
  ];
  const condition = {
    // A job of the same id that somebody has started since is not this one.
    ConditionExpression: "attribute_not_exists(pk) OR #deleting = :true",
    ExpressionAttributeNames: { "#deleting": "deleting" },
    ExpressionAttributeValues: { ":true": { BOOL: true } },
  };
  const remove = (Key: Key): TransactWriteItem => ({ Delete: { TableName, Key } });
  const TransactItems = [...keys.map(remove), { Delete: { TableName, Key: jobKey(id), ...condition } }];
  const ClientRequestToken = randomUUID();
  await retry(() => client.send(new TransactWriteItemsCommand({ TransactItems, ClientRequestToken })));
  return TransactItems.length;
}

/**
 * Deletes records that outlived their job's head: it expired, or somebody took a unit after the deletion. Lines in lists
 * expire by themselves.
 */
async function deleteLeftovers(id: string, options: DeleteJobOptions): Promise<DeletedJob> {
  const { client, table, retry } = options;
  const ledgers = new QueryCommand({
    TableName: table,
    KeyConditionExpression: "pk = :ledgers",
    ExpressionAttributeValues: { ":ledgers": { S: ledgerPartition(id) } },
    ProjectionExpression: "pk, sk",
    ConsistentRead: true,
  });
  const { Items = [] } = await retry(() => client.send(ledgers));
  const records = await deleteItems(options, keysOf(id, ["chain", "unit", "entry", "run", "audit", "job"], options));
  if (records + Items.length === 0) throw await retry(() => noSuchJob(client, table, id));
  return { records: records + (await deleteItems(options, Items)), objects: 0, kept: [] };
}
