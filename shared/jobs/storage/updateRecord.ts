import { ConditionalCheckFailedException, type DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { Item } from "../../aws/itemSize";
import { type UpdateParts, updateOf } from "../../aws/update";
import type { Key } from "./jobsTable";

export interface JobsTableOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** Makes a call until it succeeds, fails for good, or time is over. */
  readonly retry: <T>(call: () => Promise<T>) => Promise<T>;
}

/**
 * One conditional update. `item`: the record after it, or the record that failed the condition.
 * @param returned `ALL_OLD`: `item` is the record before the update; undefined if the update made it.
 */
export async function updateRecord(
  { client, table, retry }: JobsTableOptions,
  key: Key,
  parts: UpdateParts,
  returned: "ALL_NEW" | "ALL_OLD" = "ALL_NEW",
): Promise<{ applied: boolean; item: Item | undefined }> {
  const answer = { ReturnValues: returned, ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;
  const input = { TableName: table, Key: key, ...updateOf(parts), ...answer };
  try {
    const { Attributes } = await retry(() => client.send(new UpdateItemCommand(input)));
    return { applied: true, item: Attributes };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { applied: false, item: error.Item };
  }
}
