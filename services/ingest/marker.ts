import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { retryTransient } from "../../shared/aws/transient";
import type { Storage } from "./storage";

/** The record of a counted submission. The marker exists once the submission is counted, and stays for good. */
export interface Marker {
  /** SHA-256 of the body, base64. */
  sha256: string;
  /** The message that was counted; undefined if the marker doesn't come from the store function, or is an old one. */
  messageId: string | undefined;
}

/** The marker of a submission; undefined if it isn't counted. */
export async function readMarker(
  { dynamodb, submissionsTable }: Pick<Storage, "dynamodb" | "submissionsTable">,
  id: string,
  signal: AbortSignal,
): Promise<Marker | undefined> {
  const Key = { submission: { S: id } };
  const command = new GetItemCommand({ TableName: submissionsTable, Key, ConsistentRead: true });
  const { Item } = await retryTransient(() => dynamodb.send(command, { abortSignal: signal }), signal);
  return Item && { sha256: Item.sha256?.S ?? "", messageId: Item.message?.S };
}
