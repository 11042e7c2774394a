import type { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import type { Metrics } from "@aws-lambda-powertools/metrics";
import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { errorsByCode } from "../middleware/errorsByCode";
import { publishMetrics } from "../middleware/publishMetrics";

export interface TaskHandlerOptions<Answer> {
  /** Does one task. If it throws, the task fails with that error. */
  readonly work: (event: unknown, signal: AbortSignal, context: Context) => Promise<Answer>;
  readonly logger: Logger;
  /** Default: the task counts nothing. */
  readonly metrics?: Metrics;
}

/** Time reserved for the answer: metrics, log lines, and the error of calls that are aborted at the end. */
const RESERVE_MS = 1_500;

/** The middy stack of every handler that is a task of a state machine. An error of ours has its code as its name. */
export function taskHandler<Answer>({
  work,
  logger,
  metrics,
}: TaskHandlerOptions<Answer>): (event: unknown, context: Context) => Promise<Answer> {
  // Once middy aborts the signal, calls end with their own errors, which are more informative than a time-out.
  let working: Promise<Answer>;
  return middy({ timeoutEarlyInMillis: RESERVE_MS, timeoutEarlyResponse: () => working })
    .use(injectLambdaContext(logger))
    .use(metrics === undefined ? [] : [publishMetrics(metrics)])
    .use(errorsByCode())
    .handler((event: unknown, context: Context, { signal }) => {
      working = work(event, signal, context);
      return working;
    }) as unknown as (event: unknown, context: Context) => Promise<Answer>;
}
