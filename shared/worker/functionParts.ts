/** The clients and other parts of a worker function, made once when it loads. */
import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { S3Client } from "@aws-sdk/client-s3";
import type { Context } from "aws-lambda";
import { clientSettings, withoutLog } from "../aws/clients";
import { isTransient, retryTransient } from "../aws/transient";
import { systemClock } from "../clock";
import { UsageMeter } from "../cost/usageMeter";
import { divideTime, unitBackoffMs } from "../drivers/invocationTime";
import type { OperationSet } from "../operations/operation";
import { variable } from "../runtime/environment";
import type { WorkerReport } from "./report";
import type { WorkAtHand, WorkParts } from "./workParts";

/** The environment of every worker function. */
export const workVariables = {
  JOBS_TABLE: variable.text,
  RESULTS_BUCKET: variable.text,
  EVENT_BUS: variable.text,
};

export interface FunctionPartsOptions {
  readonly operations: OperationSet;
  /** Values of `workVariables`. */
  readonly settings: { readonly JOBS_TABLE: string; readonly RESULTS_BUCKET: string; readonly EVENT_BUS: string };
  /** The function's memory, megabytes. */
  readonly megabytes: number;
  /** Whether Lambda takes its events from a queue. */
  readonly polls: boolean;
  readonly report: Pick<WorkerReport, "ledger" | "unit" | "ended">;
}

/** @returns `meter`: counts the requests of the clients in `parts`; an invocation begins with its `begin`. */
export function functionParts(options: FunctionPartsOptions): {
  readonly parts: WorkParts;
  readonly meter: UsageMeter;
} {
  const { operations, settings, megabytes, polls, report } = options;
  const dynamodb = withoutLog(new DynamoDBClient(clientSettings));
  const s3 = withoutLog(new S3Client(clientSettings));
  const events = withoutLog(new EventBridgeClient(clientSettings));
  const meter = new UsageMeter({ jobsTable: settings.JOBS_TABLE, megabytes, polls });
  for (const client of [dynamodb, s3, events]) meter.watch(client);
  const parts: WorkParts = {
    dynamodb,
    clientConfig: { ...clientSettings, requestHandler: dynamodb.config.requestHandler },
    s3,
    events,
    operations,
    jobsTable: settings.JOBS_TABLE,
    resultsBucket: settings.RESULTS_BUCKET,
    eventBus: settings.EVENT_BUS,
    clock: systemClock,
    retryTransient,
    isTransient,
    backoffMs: (attempts) => unitBackoffMs(attempts, Math.random),
    onLedgerError: (error) => report.ledger(error),
    onUnit: (job, unit, end, progress) => report.unit(job, unit, end, progress),
    onEnd: (job) => report.ended(job),
    // Only the write that stores the usage and the answer follow.
    usage: () => meter.take(Date.now(), { writeUnits: 1 }),
  };
  return { parts, meter };
}

/**
 * The time and the name of one delivery. The name has the request's id, by which the log can be found, and a part that is unique
 * even among duplicates.
 *
 * @param signal aborts when time is over.
 */
export function workAtHand(context: Context, signal: AbortSignal): WorkAtHand {
  const time = divideTime(Date.now(), context.getRemainingTimeInMillis());
  const workSignal = AbortSignal.any([signal, AbortSignal.timeout(Math.max(0, time.workEndsAt - Date.now()))]);
  return { owner: `${context.awsRequestId}/${randomUUID()}`, ...time, workSignal, signal };
}
