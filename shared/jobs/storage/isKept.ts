import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { jobKey } from "./jobsTable";
import type { JobsTableOptions } from "./updateRecord";

/**
 * Whether the job of a new record still exists. The worker read the job earlier, and an operator may have deleted it since;
 * in that case the caller lets the record expire at once. A deletion first marks the job, and then removes its chains and
 * units. So either the deletion finds the record, or the worker finds the mark.
 */
export async function isKept(job: string, { client, table: TableName, retry }: JobsTableOptions): Promise<boolean> {
  const projection = { ProjectionExpression: "#deleting, pk", ExpressionAttributeNames: { "#deleting": "deleting" } };
  const head = { TableName, Key: jobKey(job), ConsistentRead: true, ...projection };
  const { Item } = await retry(() => client.send(new GetItemCommand(head)));
  return Item !== undefined && Item.deleting === undefined;
}
