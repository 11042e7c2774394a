import type { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import type { Metrics } from "@aws-lambda-powertools/metrics";
import middy from "@middy/core";
import sqsPartialBatchFailure from "@middy/sqs-partial-batch-failure";
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import type { CapacityLimiter } from "../capacity/worker/limiter";
import { capacityLimit } from "../middleware/capacityLimit";
import { publishMetrics } from "../middleware/publishMetrics";
import { type RetryLaterOptions, retryLater } from "../middleware/retryLater";
import { processRecords } from "./processRecords";

export interface SqsHandlerOptions extends Omit<RetryLaterOptions, "onError"> {
  /** Processes one record. If it throws, the record comes again, and `onFailure` is called. */
  work: (record: SQSRecord, signal: AbortSignal, context: Context) => Promise<void>;
  /** Called for every record that goes back to the queue. */
  onFailure: (error: unknown, record: SQSRecord) => void;
  /** Records in work at once, 1 or more. */
  concurrency: number;
  /** Capacity limiters to open for each invocation. Default none. */
  limiters?: readonly CapacityLimiter[];
  logger: Logger;
  metrics: Metrics;
}

type SqsHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/** Time reserved for the answer: back-off of failed records, metrics, log lines. */
const RESERVE_MS = 1_500;

/** The middy stack of every handler that takes batches from SQS. */
export function sqsHandler(options: SqsHandlerOptions): SqsHandler {
  const { work, onFailure, concurrency, limiters = [], logger, metrics } = options;
  const onError = (error: unknown) => logger.warn("visibility of failed records not changed", error as Error);
  // Shortly before the time-out, middy aborts the signal and answers with the results so far.
  let processing: Promise<PromiseSettledResult<void>[]>;
  return middy({ timeoutEarlyInMillis: RESERVE_MS, timeoutEarlyResponse: () => processing })
    .use(injectLambdaContext(logger))
    .use(publishMetrics(metrics))
    .use(sqsPartialBatchFailure({ logger: onFailure }))
    .use(retryLater({ ...options, onError }))
    .use(limiters.length > 0 ? [capacityLimit({ limiters, reserveMs: RESERVE_MS })] : [])
    .handler((event: SQSEvent, context: Context, { signal }) => {
      // If the time is short from the beginning, middy's early time-out comes only after the first records.
      const late = context.getRemainingTimeInMillis() <= RESERVE_MS;
      const each = (record: SQSRecord, over: AbortSignal) => work(record, over, context);
      processing = processRecords(event.Records, each, { concurrency, signal: late ? AbortSignal.abort() : signal });
      return processing;
    }) as unknown as SqsHandler;
}
