/** Leftovers of a job whose head is gone: expiry removes the records of a job in no order, and may take a few days. */
import { type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import type { Item } from "../../aws/itemSize";
import { ledgerPartition, partitionOf } from "./jobsTable";
import { readHeads } from "./reading";

/**
 * Whether an earlier job of this id has left records that a new job would mistake for its own: finished units, a paused
 * ledger. A ledger that has not expired may come from an attempt to start this very job.
 *
 * @param now milliseconds since the epoch.
 */
export async function hasLeftovers(client: DynamoDBClient, table: string, id: string, now: number): Promise<boolean> {
  const [[record], ledgers] = await Promise.all([
    itemsOf(client, table, partitionOf(id), 1),
    itemsOf(client, table, ledgerPartition(id)),
  ]);
  if (ledgers.some(({ expiresAt }) => Number(expiresAt?.N ?? Number.POSITIVE_INFINITY) * 1000 < now)) return true;
  if (record === undefined) return false;
  return (await readHeads(client, table, [id])).length === 0;
}

/** Keys and expiry of a partition's items, consistently read. */
async function itemsOf(client: DynamoDBClient, table: string, partition: string, limit?: number): Promise<Item[]> {
  const query = new QueryCommand({
    TableName: table,
    KeyConditionExpression: "pk = :partition",
    ExpressionAttributeValues: { ":partition": { S: partition } },
    ProjectionExpression: "pk, sk, expiresAt",
    ConsistentRead: true,
    ...(limit === undefined ? {} : { Limit: limit }),
  });
  return (await client.send(query)).Items ?? [];
}
