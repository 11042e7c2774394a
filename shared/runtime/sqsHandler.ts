import type { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import type { Metrics } from "@aws-lambda-powertools/metrics";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import middy from "@middy/core";
import sqsPartialBatchFailure from "@middy/sqs-partial-batch-failure";
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { type RetryLaterOptions, retryLater } from "../middleware/retryLater";
import { processRecords } from "./processRecords";

export interface SqsHandlerOptions extends Omit<RetryLaterOptions, "onError"> {
  /** What is done with one record. It throws where the record has to come again; then it is given to `onFailure`. */
  work: (record: SQSRecord, signal: AbortSignal) => Promise<void>;
  /** Told of every record that goes back to the queue. */
  onFailure: (error: unknown, record: SQSRecord) => void;
  /** Records in work at once, 1 or more. */
  concurrency: number;
  logger: Logger;
  metrics: Metrics;
}

type SqsHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/** What has to be left for the answer: back-off of failed records, metrics, log lines. */
const RESERVE_MS = 1_500;

/** The middy stack of every handler that takes batches from SQS. */
export function sqsHandler(options: SqsHandlerOptions): SqsHandler {
  const { work, onFailure, concurrency, logger, metrics } = options;
  const onError = (error: unknown) => logger.warn("visibility of failed records not changed", error as Error);
  return middy({ timeoutEarlyInMillis: 0 })
    .use(injectLambdaContext(logger))
    .use(logMetrics(metrics))
    .use(sqsPartialBatchFailure({ logger: onFailure }))
    .use(retryLater({ ...options, onError }))
    .handler(async (event: SQSEvent, context: Context) => {
      const left = context.getRemainingTimeInMillis() - RESERVE_MS;
      // A time-out of 0 would come only after the first records have been started.
      const signal = left > 0 ? AbortSignal.timeout(left) : AbortSignal.abort();
      return processRecords(event.Records, work, { concurrency, signal });
    }) as unknown as SqsHandler;
}
