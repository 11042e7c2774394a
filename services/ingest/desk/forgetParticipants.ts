import { deleteItems } from "../../../shared/aws/deleteItems";
import type { Desk } from "./desk";

/**
 * Removes the tombstones of participants who were erased, so that nothing of them is left. Only for participants who are no
 * people: whatever still waits in the queue would bring them back.
 */
export async function forgetParticipants(desk: Desk, participants: readonly string[]): Promise<void> {
  const { dynamodb: client, resultsTable: table, retry } = desk;
  const keys = participants.map((id) => ({ user_id: { S: id } }));
  await deleteItems({ client, table, retry }, keys);
}
