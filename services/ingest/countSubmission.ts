import { randomUUID } from "node:crypto";
import {
  type CancellationReason,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { SluiceError } from "../../shared/errors";
import { isTransient, retryTransient } from "../../shared/runtime/transient";
import { resultWrite, type StoredResult } from "./resultItem";
import type { Storage } from "./storage";
import type { Submission } from "./submission";

/** `counted` happens once for each submission, ever; everything else leaves the count as it is. */
export type CountOutcome = "counted" | "duplicate" | "conflict" | "too_large";

/** Times the item may change under our eyes before the submission goes back to the queue. */
const ATTEMPTS = 20;

/**
 * Counts a submission and keeps its answers if they are the latest, in one transaction with a durable marker: either
 * both are there or neither, and the marker is there at most once. So a submission is counted once, however often and
 * however late it is delivered.
 * @param sha256 of the body, base64. A marker with another one means other content under the same key.
 */
export async function countSubmission(
  storage: Pick<Storage, "dynamodb" | "resultsTable" | "submissionsTable">,
  submission: Submission,
  sha256: string,
  signal: AbortSignal,
): Promise<CountOutcome> {
  const marker = markerWrite(storage.submissionsTable, submission, sha256);
  let known: StoredResult | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const writes = [marker, resultWrite(storage.resultsTable, submission, known)];
    const [markerReason, resultReason] = await transact(storage, writes, signal);
    if (!markerReason && !resultReason) return "counted";
    if (failed(markerReason)) return markerReason?.Item?.sha256?.S === sha256 ? "duplicate" : "conflict";
    if (resultReason?.Code === "ValidationError") return "too_large";
    known = resultReason?.Item;
  }
  throw new SluiceError("CONTENTION", `The item of ${submission.userId} changed ${ATTEMPTS} times.`, {
    retryable: true,
  });
}

export function markerWrite(table: string, submission: Submission, sha256: string): TransactWriteItem {
  return {
    Put: {
      TableName: table,
      Item: {
        submission: { S: submission.id },
        user_id: { S: submission.userId },
        submitted_at: { S: submission.submittedAt },
        sha256: { S: sha256 },
      },
      ConditionExpression: "attribute_not_exists(submission)",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    },
  };
}

/** The reasons for which the transaction was cancelled, in the order of its writes; none where it took effect. */
async function transact(
  { dynamodb }: Pick<Storage, "dynamodb">,
  writes: TransactWriteItem[],
  signal: AbortSignal,
): Promise<CancellationReason[]> {
  // The token makes a retry after a lost answer a success instead of a duplicate of itself.
  const command = new TransactWriteItemsCommand({ TransactItems: writes, ClientRequestToken: randomUUID() });
  try {
    await retryTransient(() => dynamodb.send(command, { abortSignal: signal }), signal);
    return [];
  } catch (error) {
    if (!(error instanceof TransactionCanceledException) || isTransient(error)) throw error;
    return error.CancellationReasons ?? [];
  }
}

function failed(reason: CancellationReason | undefined): boolean {
  return reason?.Code === "ConditionalCheckFailed";
}
