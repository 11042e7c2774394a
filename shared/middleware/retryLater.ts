import { ChangeMessageVisibilityBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { MiddlewareObj, Request } from "@middy/core";
import type { Context, SQSEvent, SQSRecord } from "aws-lambda";
import { visibilityBackoffSeconds } from "../aws/visibilityBackoff";

export interface RetryLaterOptions {
  sqs: SQSClient;
  queueUrl: string;
  /** Uniform in [0, 1). */
  random: () => number;
  /**
   * For how many whole seconds to hide a record that failed with this error; undefined: for `backoffSeconds`. Default: always for
   * `backoffSeconds`.
   */
  hideSeconds?: (error: unknown, record: SQSRecord, backoffSeconds: number) => number | undefined;
  /** Called if the visibility could not be changed; the message then comes back after the queue's own timeout. */
  onError: (error: unknown) => void;
}

type Settled = PromiseSettledResult<unknown>[];
type SqsRequest = Request<SQSEvent, Settled, Error, Context>;

/** SQS takes at most this many entries in a call. */
const ENTRIES_MAX = 10;
/**
 * Time reserved for the rest of the invocation. Without the answer, which lists the failed records, the whole batch would
 * come again.
 */
const RESERVE_MS = 500;

/**
 * Retries by the queue: a record that failed is hidden for a time that grows with its receive count, so that an outage
 * doesn't use up a message's receives, and doesn't keep the functions busy. It sits inside of
 * `@middy/sqs-partial-batch-failure`, which then hands the record back.
 */
export function retryLater(options: RetryLaterOptions): MiddlewareObj<SQSEvent, Settled, Error, Context> {
  const retryLaterAfter = async ({ event, context, response }: SqsRequest): Promise<void> => {
    const failed = event.Records.flatMap((record, index): Failed[] => {
      const result = response?.[index];
      return result?.status === "rejected" ? [{ record, error: result.reason }] : [];
    });
    await hide(failed, context, options);
  };
  const retryLaterOnError = async ({ event, context, error }: SqsRequest): Promise<void> =>
    hide(
      (event.Records ?? []).map((record) => ({ record, error })),
      context,
      options,
    );
  return { after: retryLaterAfter, onError: retryLaterOnError };
}

interface Failed {
  record: SQSRecord;
  error: unknown;
}

async function hide(records: Failed[], context: Context, options: RetryLaterOptions): Promise<void> {
  if (records.length === 0) return;
  const signal = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - RESERVE_MS));
  const calls: Promise<unknown>[] = [];
  for (let start = 0; start < records.length; start += ENTRIES_MAX) {
    calls.push(hideSome(records.slice(start, start + ENTRIES_MAX), signal, options).catch(options.onError));
  }
  await Promise.all(calls);
}

async function hideSome(
  records: Failed[],
  abortSignal: AbortSignal,
  { sqs, queueUrl, random, hideSeconds, onError }: RetryLaterOptions,
): Promise<void> {
  const Entries = records.map(({ record, error }, index) => {
    const backoffSeconds = visibilityBackoffSeconds(Number(record.attributes.ApproximateReceiveCount), random);
    return {
      Id: String(index),
      ReceiptHandle: record.receiptHandle,
      VisibilityTimeout: hideSeconds?.(error, record, backoffSeconds) ?? backoffSeconds,
    };
  });
  const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries });
  const { Failed = [] } = await sqs.send(command, { abortSignal });
  for (const failed of Failed) onError(new Error(`${failed.Code}: ${failed.Message}`));
}
