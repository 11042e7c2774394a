/** What a job's workers used, from its chain records. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { addUsage, type Usage } from "../../cost/usage";
import { queryJob } from "./reading";

/** Prefix of the sort keys of a job's chains. Each has the sums of its invocations in `usage`, a map of numbers. */
export const CHAIN_PREFIX = "chain#";

/** The sum over all chains; undefined where none has recorded what it used. */
export async function readUsage(client: DynamoDBClient, table: string, job: string): Promise<Usage | undefined> {
  const found: Partial<Usage>[] = [];
  const only = { ProjectionExpression: "#usage", ExpressionAttributeNames: { "#usage": "usage" } };
  for await (const { usage } of queryJob(client, table, job, CHAIN_PREFIX, only)) {
    if (usage?.M !== undefined) found.push(unmarshall(usage.M));
  }
  return found.length === 0 ? undefined : addUsage(...found);
}
