/** The audit list in the jobs table. */
import { type DynamoDBClient, QueryCommand, type TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { updateOf } from "../../aws/update";
import type { AuditEntry } from "../audit";
import type { JobHead } from "../job";
import { auditKey, fromAttributes, partitionOf, sortKeyPrefixes } from "./jobsTable";

/** Entries that are shown. */
const MOST_SHOWN = 200;

/**
 * The part of a transaction that notes a change. The transaction has to check that the job exists; otherwise the entry
 * would outlive it. The part is an update, because every role that changes jobs may update items.
 *
 * @param suffix makes the entry's key unique among those of the same millisecond.
 */
export function auditEntry(
  table: string,
  { id, expiresAt }: Pick<JobHead, "id" | "expiresAt">,
  entry: AuditEntry,
  suffix: string,
): TransactWriteItem {
  const set = { ...entry, ...(expiresAt !== undefined && { expiresAt }) };
  return { Update: { TableName: table, Key: auditKey(id, entry.at, suffix), ...updateOf({ set }) } };
}

/** The newest entries of a job's audit list, the newest first. */
export async function readAudit(client: DynamoDBClient, table: string, job: string): Promise<AuditEntry[]> {
  const query = new QueryCommand({
    TableName: table,
    KeyConditionExpression: "pk = :job AND begins_with(sk, :prefix)",
    ExpressionAttributeValues: { ":job": { S: partitionOf(job) }, ":prefix": { S: sortKeyPrefixes.audit } },
    ScanIndexForward: false,
    Limit: MOST_SHOWN,
  });
  const { Items = [] } = await client.send(query);
  return Items.map((item) => {
    const { expiresAt: _expiresAt, ...entry } = fromAttributes<AuditEntry & { expiresAt?: number }>(item);
    return entry;
  });
}
