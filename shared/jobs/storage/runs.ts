/** The usage of Glue runs for a job of the spark driver: one record for each run. */
import { type DynamoDBClient, TransactionCanceledException, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import type { JobHead } from "../job";
import { fromAttributes, jobKey, runKey, sortKeyPrefixes, toAttributes } from "./jobsTable";
import { queryJob } from "./reading";
import type { JobsTableOptions } from "./updateRecord";

export interface RunUse {
  /** The run's id. */
  readonly run: string;
  /** Billed DPU-seconds. */
  readonly dpuSeconds: number;
  /** Whether the run had the execution class FLEX, which costs less. */
  readonly flex: boolean;
}

/** Records the usage of a run, if the job exists and is not being deleted. Repeating it changes nothing. */
export async function keepRun(
  { id, expiresAt }: Pick<JobHead, "id" | "expiresAt">,
  use: RunUse,
  { client, table: TableName, retry }: JobsTableOptions,
): Promise<void> {
  const isThere = {
    ConditionExpression: "attribute_exists(pk) AND attribute_not_exists(#deleting)",
    ExpressionAttributeNames: { "#deleting": "deleting" },
  };
  const Item = { ...runKey(id, use.run), ...toAttributes({ ...use, expiresAt }) };
  const TransactItems = [{ ConditionCheck: { TableName, Key: jobKey(id), ...isThere } }, { Put: { TableName, Item } }];
  try {
    await retry(() => client.send(new TransactWriteItemsCommand({ TransactItems })));
  } catch (error) {
    const reasons = error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
    if (!reasons.some(({ Code }) => Code === "ConditionalCheckFailed")) throw error;
  }
}

/** The usage of all ended runs of a job. */
export async function readRuns(client: DynamoDBClient, table: string, job: string): Promise<RunUse[]> {
  const runs: RunUse[] = [];
  for await (const item of queryJob(client, table, job, sortKeyPrefixes.run)) runs.push(fromAttributes<RunUse>(item));
  return runs;
}
