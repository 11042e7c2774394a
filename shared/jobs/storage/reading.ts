/** Reads of the jobs table: a job, the list of jobs, a job's units. */
import {
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { Item } from "../../aws/itemSize";
import type { Job } from "../job";
import type { Unit } from "../unit";
import { unitOf } from "./dynamoDbUnits";
import { fromAttributes, jobKey, LIST_PARTITION, partitionOf, sortKeyPrefixes } from "./jobsTable";

/** BatchGetItem takes at most so many keys. */
const KEYS_MAX = 100;

/** The job's record, consistently read. */
export async function readJob(client: DynamoDBClient, table: string, id: string): Promise<Job | undefined> {
  const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: jobKey(id), ConsistentRead: true }));
  return Item && fromAttributes<Job>(Item);
}

/** The newest jobs first. `limit`: 1 to 100. */
export async function listJobs(client: DynamoDBClient, table: string, limit = 20): Promise<Job[]> {
  const newest = await client.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: "pk = :list",
      ExpressionAttributeValues: { ":list": { S: LIST_PARTITION } },
      ScanIndexForward: false,
      Limit: Math.min(limit, KEYS_MAX),
    }),
  );
  const ids = (newest.Items ?? []).map((item) => fromAttributes<{ id: string }>(item).id);
  const found = new Map<string, Job>();
  let missing = ids.map(jobKey) as Item[];
  while (missing.length > 0) {
    const input = { RequestItems: { [table]: { Keys: missing } } };
    const { Responses = {}, UnprocessedKeys = {} } = await client.send(new BatchGetItemCommand(input));
    for (const item of Responses[table] ?? []) {
      const job = fromAttributes<Job>(item);
      found.set(job.id, job);
    }
    missing = UnprocessedKeys[table]?.Keys ?? [];
  }
  return ids.flatMap((id) => found.get(id) ?? []);
}

/** The units that a worker has taken at least once, in the order of their numbers. */
export async function* readUnits(
  client: DynamoDBClient,
  table: string,
  job: string,
  options: Pick<QueryCommandInput, "ConsistentRead"> = {},
): AsyncGenerator<Unit> {
  for await (const item of queryJob(client, table, job, sortKeyPrefixes.unit, options)) yield unitOf(item);
}

/**
 * All items of one kind that belong to a job, in the order of their sort keys.
 * `retry` makes a call until it succeeds, fails for good, or time is over; default: one attempt.
 */
export async function* queryJob(
  client: DynamoDBClient,
  table: string,
  job: string,
  prefix: string,
  options: Pick<QueryCommandInput, "ConsistentRead"> = {},
  retry: <T>(call: () => Promise<T>) => Promise<T> = (call) => call(),
): AsyncGenerator<Item> {
  let ExclusiveStartKey: Item | undefined;
  do {
    const input: QueryCommandInput = {
      TableName: table,
      KeyConditionExpression: "pk = :job AND begins_with(sk, :prefix)",
      ExpressionAttributeValues: { ":job": { S: partitionOf(job) }, ":prefix": { S: prefix } },
      ...options,
      ...(ExclusiveStartKey === undefined ? {} : { ExclusiveStartKey }),
    };
    const { Items = [], LastEvaluatedKey } = await retry(() => client.send(new QueryCommand(input)));
    yield* Items;
    ExclusiveStartKey = LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
}
