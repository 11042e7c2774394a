/**
 * The remainder of an erased participant: an item of the results table that holds only `user_id` and `erased_at`, RFC
 * 3339. It keeps late submissions from bringing the participant back.
 */
import { type AttributeValue, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { retryTransient } from "../../shared/aws/transient";
import type { Storage } from "./storage";

/** True for every item of the results table except a tombstone. */
export const NOT_ERASED = "attribute_not_exists(erased_at)";

export function isTombstone(item: Record<string, AttributeValue>): boolean {
  return item.erased_at !== undefined;
}

export async function isErased(
  { dynamodb, resultsTable }: Pick<Storage, "dynamodb" | "resultsTable">,
  userId: string,
  signal: AbortSignal,
): Promise<boolean> {
  const command = new GetItemCommand({
    TableName: resultsTable,
    Key: { user_id: { S: userId } },
    ProjectionExpression: "erased_at",
    ConsistentRead: true,
  });
  const { Item } = await retryTransient(() => dynamodb.send(command, { abortSignal: signal }), signal);
  return Item !== undefined && isTombstone(Item);
}
