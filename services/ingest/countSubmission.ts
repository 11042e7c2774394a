import { randomUUID } from "node:crypto";
import {
  type CancellationReason,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { isTransient, retryTransient } from "../../shared/aws/transient";
import { SluiceError } from "../../shared/errors";
import { resultWrite, type StoredResult } from "./resultItem";
import type { Storage } from "./storage";
import type { Submission } from "./submission";
import { isTombstone } from "./tombstone";

/** `counted` happens exactly once for each submission; with all others the count stays as it is. */
export type CountOutcome = "counted" | "duplicate" | "conflict" | "too_large" | "erased";

/** The identity of the counted body, as in its marker. */
export interface CountedBody {
  /** Base64. */
  sha256: string;
  messageId: string;
}

/** How often the item may change concurrently before the submission goes back to the queue. */
const ATTEMPTS = 20;

/**
 * Counts a submission and keeps its answers if they are the latest, in one transaction with a durable marker: either both
 * exist or neither, and the marker exists at most once. So a submission is counted once, however often and however late
 * it is delivered.
 * @param body a marker with another SHA-256 means other content under the same key.
 */
export async function countSubmission(
  storage: Pick<Storage, "dynamodb" | "resultsTable" | "submissionsTable">,
  submission: Submission,
  body: CountedBody,
  signal: AbortSignal,
): Promise<CountOutcome> {
  const marker = markerWrite(storage.submissionsTable, submission, body);
  let known: StoredResult | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const writes = [marker, resultWrite(storage.resultsTable, submission, known)];
    const cancelled = await transact(storage, writes, signal);
    if (!cancelled) return "counted";
    const [markerReason, resultReason] = cancelled;
    if (failed(resultReason) && isTombstone(resultReason.Item ?? {})) return "erased";
    if (failed(markerReason)) return markerReason.Item?.sha256?.S === body.sha256 ? "duplicate" : "conflict";
    if (isTooLarge(resultReason)) return "too_large";
    if (!failed(resultReason)) throw cancelledFor(submission, cancelled);
    known = resultReason.Item;
  }
  throw new SluiceError("CONTENTION", `The item of ${submission.userId} changed ${ATTEMPTS} times.`, {
    retryable: true,
  });
}

export function markerWrite(
  table: string,
  submission: Submission,
  { sha256, messageId }: CountedBody,
): TransactWriteItem {
  return {
    Put: {
      TableName: table,
      Item: {
        submission: { S: submission.id },
        user_id: { S: submission.userId },
        submitted_at: { S: submission.submittedAt },
        sha256: { S: sha256 },
        ...(submission.implausibleTime ? { implausible_time: { BOOL: true } } : {}),
        message: { S: messageId },
      },
      ConditionExpression: "attribute_not_exists(submission)",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    },
  };
}

type Reasons = [marker: CancellationReason, result: CancellationReason];

/** Why the transaction was cancelled, a reason for each of its writes; undefined if it took effect. */
async function transact(
  { dynamodb }: Pick<Storage, "dynamodb">,
  writes: TransactWriteItem[],
  signal: AbortSignal,
): Promise<Reasons | undefined> {
  // The token makes a retry after a lost answer a success instead of a duplicate of itself.
  const command = new TransactWriteItemsCommand({ TransactItems: writes, ClientRequestToken: randomUUID() });
  try {
    await retryTransient(() => dynamodb.send(command, { abortSignal: signal }), signal);
    return undefined;
  } catch (error) {
    // A whole item that is too large may be refused before the transaction begins.
    const refusal: CancellationReason = { Code: (error as Error).name, Message: (error as Error).message };
    if (isTooLarge(refusal)) return [{}, refusal];
    const reasons = error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
    // Without a reason, it is unknown whether the transaction took effect.
    if (reasons.length !== writes.length || isTransient(error)) throw error;
    return reasons as Reasons;
  }
}

function failed(reason: CancellationReason): boolean {
  return reason.Code === "ConditionalCheckFailed";
}

/**
 * Other validation errors are not the submission's fault, such as a `num_submission` that somebody changed into a string.
 */
function isTooLarge({ Code, Message }: CancellationReason): boolean {
  return /^Validation(Error|Exception)$/.test(Code ?? "") && /^Item size /.test(Message ?? "");
}

/**
 * Doesn't throw the error itself, or keep it as the cause: it holds the item, with answers and free text, and would be
 * logged.
 */
function cancelledFor({ id }: Submission, reasons: Reasons): SluiceError {
  const why = reasons.map(({ Code, Message }) => [Code, Message].filter(Boolean).join(": ")).join("; ");
  return new SluiceError("TRANSACTION_CANCELLED", `The transaction of ${id} was cancelled (${why}).`);
}
