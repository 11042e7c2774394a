/** A job's usage, from its head and its chain records. The capacity of its own table is not part of it. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { addUsage, type Usage } from "../../cost/usage";
import { sortKeyPrefixes } from "./jobsTable";
import { queryJob } from "./reading";

/** The sum over the start function and all chains; undefined if none has recorded its usage. */
export async function readUsage(client: DynamoDBClient, table: string, job: string): Promise<Usage | undefined> {
  const found: Partial<Usage>[] = [];
  const only = { ProjectionExpression: "#usage", ExpressionAttributeNames: { "#usage": "usage" } };
  for (const kind of [sortKeyPrefixes.job, sortKeyPrefixes.chain]) {
    for await (const { usage } of queryJob(client, table, job, kind, only)) {
      if (usage?.M !== undefined) found.push(unmarshall(usage.M));
    }
  }
  return found.length === 0 ? undefined : addUsage(...found);
}
