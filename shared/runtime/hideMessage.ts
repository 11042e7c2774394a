import { ChangeMessageVisibilityCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { SQSRecord } from "aws-lambda";
import { retryTransient } from "../aws/transient";

/**
 * Hides a received message for this many seconds from now, whatever the queue's own timeout.
 * @throws SluiceError OUT_OF_TIME when the signal aborts, or the SDK's error
 */
export async function hideMessage(
  { receiptHandle }: Pick<SQSRecord, "receiptHandle">,
  seconds: number,
  abortSignal: AbortSignal,
  { sqs, queueUrl }: { readonly sqs: SQSClient; readonly queueUrl: string },
): Promise<void> {
  const input = { QueueUrl: queueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout: seconds };
  await retryTransient(() => sqs.send(new ChangeMessageVisibilityCommand(input), { abortSignal }), abortSignal);
}
