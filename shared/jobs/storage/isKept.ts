import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { jobKey } from "./jobsTable";
import type { JobsTableOptions } from "./updateRecord";

/**
 * Whether the job of a record that may be new is still there. The worker read the job earlier, and an operator may have
 * deleted it since; then the caller lets the record expire at once. A deletion marks the job first and removes its chains and
 * units afterwards, so one of the two sees what the other has done.
 */
export async function isKept(job: string, { client, table: TableName, retry }: JobsTableOptions): Promise<boolean> {
  const projection = { ProjectionExpression: "#deleting, pk", ExpressionAttributeNames: { "#deleting": "deleting" } };
  const head = { TableName, Key: jobKey(job), ConsistentRead: true, ...projection };
  const { Item } = await retry(() => client.send(new GetItemCommand(head)));
  return Item !== undefined && Item.deleting === undefined;
}
