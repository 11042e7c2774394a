/** What a job used besides the capacity of the table it works on, from its head and its chain records. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { addUsage, type Usage } from "../../cost/usage";
import { sortKeyPrefixes } from "./jobsTable";
import { queryJob } from "./reading";

/** The sum over the start function and all chains; undefined where none has recorded what it used. */
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
