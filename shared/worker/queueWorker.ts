/**
 * The handler of the queue driver's worker functions: takes turns at chains from the queue. The functions differ by the
 * operations they know. Wiring only: the work is in workChain.ts.
 */
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Context, SQSRecord } from "aws-lambda";
import { clientSettings, withoutLog } from "../aws/clients";
import { retryTransient } from "../aws/transient";
import type { ChainTurn } from "../drivers/driver";
import { failedSeconds, hiddenSeconds, workingSeconds } from "../drivers/queue/hiddenSeconds";
import { chainTurn, SqsUnitQueue } from "../drivers/queue/unitQueue";
import type { OperationSet } from "../operations/operation";
import { readEnvironment, variable } from "../runtime/environment";
import { hideMessage } from "../runtime/hideMessage";
import { sqsHandler } from "../runtime/sqsHandler";
import { functionParts, workAtHand, workVariables } from "./functionParts";
import { WorkerReport } from "./report";
import { type WorkerParts, workChain } from "./workChain";

/** The environment of the function. */
export const queueVariables = {
  ...workVariables,
  UNIT_QUEUE_URL: variable.text,
  BATCH_SIZE: variable.number,
  MOST_WORKERS: variable.number,
};

/**
 * @param environment the function's variables, those of `queueVariables` among them.
 * @throws SluiceError INVALID_ENVIRONMENT
 */
export function queueWorker(operations: OperationSet, environment: Record<string, string | undefined>) {
  const settings = readEnvironment(queueVariables, environment);
  const logger = new Logger();
  const metrics = new Metrics();
  const report = new WorkerReport(logger, metrics);
  const sqs = withoutLog(new SQSClient(clientSettings));
  const queueUrl = settings.UNIT_QUEUE_URL;
  const megabytes = Number(environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE);
  const { parts: common, meter } = functionParts({ operations, settings, megabytes, polls: true, report });
  meter.watch(sqs);
  const parts: WorkerParts = { ...common, mostWorkers: settings.MOST_WORKERS, random: Math.random };
  /** The invocation that the meter counts for. Its turns share its time; an aborted turn may outlast it. */
  let metered: string | undefined;
  /** When the invocations end that work on these messages, milliseconds since the epoch. */
  const ends = new WeakMap<SQSRecord, number>();

  const workOn = async (record: SQSRecord, message: ChainTurn, signal: AbortSignal, context: Context) => {
    const at = workAtHand(context, signal);
    ends.set(record, at.endsAt);
    await hideMessage(record, workingSeconds(context.getRemainingTimeInMillis()), signal, { sqs, queueUrl });
    const retry = <T>(call: () => Promise<T>) => retryTransient(call, signal);
    const driver = new SqsUnitQueue({ sqs, queueUrl, retry });
    const { handled, ...seconds } = await workChain(message, { ...at, driver }, parts);
    report.handled(handled, message, seconds);
  };

  const parse = ({ body, messageId }: SQSRecord) => {
    try {
      return chainTurn(body);
    } catch (error) {
      report.badMessage(error, messageId, body);
      return undefined;
    }
  };

  return sqsHandler({
    work: async (record, signal, context) => {
      const message = parse(record);
      if (message === undefined) return;
      if (metered !== context.awsRequestId) meter.begin(Date.now());
      metered = context.awsRequestId;
      await workOn(record, message, signal, context);
    },
    onFailure: (error, record) =>
      report.failed(error, record.messageId, Number(record.attributes.ApproximateReceiveCount)),
    hideSeconds: (error, record, backoffSeconds) => {
      const now = Date.now();
      return hiddenSeconds(error, now) ?? failedSeconds(backoffSeconds, ends.get(record) ?? now, now);
    },
    concurrency: settings.BATCH_SIZE,
    sqs,
    queueUrl,
    random: Math.random,
    logger,
    metrics,
  });
}
