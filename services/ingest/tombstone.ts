/**
 * What is left of a participant who was erased: an item of the results table that holds `user_id` and `erased_at`, RFC
 * 3339, and nothing else. It keeps late submissions from bringing the participant back.
 */
import { type AttributeValue, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { retryTransient } from "../../shared/aws/transient";
import type { Storage } from "./storage";

/** Holds for every item of the results table but a tombstone. */
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
