/** One delivery of a segment's message: puts protocol, source, operation and capacity together. */
import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import type { S3Client } from "@aws-sdk/client-s3";
import { withoutLog } from "../../shared/aws/clients";
import { DynamoDbLedger } from "../../shared/capacity/ledger/dynamoDbLedger";
import { Ledger } from "../../shared/capacity/ledger/ledger";
import { capacityPlugin } from "../../shared/capacity/plugin/capacityPlugin";
import { CapacityLimiter } from "../../shared/capacity/worker/limiter";
import type { Clock } from "../../shared/clock";
import type { InvocationTime } from "../../shared/drivers/queue/invocationTime";
import { inTime } from "../../shared/engine/inTime";
import { workPages } from "../../shared/engine/pageLoop";
import { type Handled, handleUnitMessage } from "../../shared/engine/protocol";
import { SluiceError } from "../../shared/errors";
import type { Job } from "../../shared/jobs/job";
import { endOf, putJobEvent } from "../../shared/jobs/jobEvents";
import { DynamoDbEntries } from "../../shared/jobs/storage/dynamoDbEntries";
import { DynamoDbJobs } from "../../shared/jobs/storage/dynamoDbJobs";
import { DynamoDbUnits } from "../../shared/jobs/storage/dynamoDbUnits";
import { ledgerKey } from "../../shared/jobs/storage/jobsTable";
import { readUnits } from "../../shared/jobs/storage/reading";
import type { UnitMessage, UnitQueue } from "../../shared/jobs/stores";
import type { Unit } from "../../shared/jobs/unit";
import type { Operation, Tools, UnitResult } from "../../shared/operations/operation";
import { operationNamed } from "../../shared/operations/registry";
import { PageSize } from "../../shared/sources/table/pageSize";
import { readScansFast } from "../../shared/sources/table/scanResponses";
import { TableScan } from "../../shared/sources/table/tableScan";

/** What stays the same from delivery to delivery. */
export interface ScannerParts {
  /** For the jobs table; not limited. */
  readonly dynamodb: DynamoDBClient;
  /** For the limited clients, one a delivery, which share their connections. */
  readonly clientConfig: DynamoDBClientConfig;
  readonly s3: S3Client;
  readonly events: EventBridgeClient;
  readonly jobsTable: string;
  readonly resultsBucket: string;
  readonly eventBus: string;
  readonly clock: Clock;
  readonly retryTransient: <T>(call: () => Promise<T>, signal: AbortSignal) => Promise<T>;
  readonly isTransient: (error: unknown) => boolean;
  readonly onLedgerError: (error: unknown) => void;
}

/** What belongs to one delivery. */
export interface Delivery extends Omit<InvocationTime, "hideSeconds"> {
  readonly queue: UnitQueue;
  /** Unique for this delivery. */
  readonly owner: string;
  /** Aborts when time is over. */
  readonly signal: AbortSignal;
}

/** Clocks of two workers differ by less than this, milliseconds. */
const CLOCKS_MS = 2000;

/** @throws what `handleUnitMessage` throws: the message has to come again. */
export function scanUnit(message: UnitMessage, delivery: Delivery, parts: ScannerParts): Promise<Handled> {
  const { clock, jobsTable, dynamodb } = parts;
  const isTransient = (error: unknown) => parts.isTransient(error) || (error instanceof SluiceError && error.retryable);
  const retry = <T>(call: () => Promise<T>) => parts.retryTransient(call, delivery.signal);
  const table = { client: dynamodb, table: jobsTable, retry };
  return handleUnitMessage(message, {
    jobs: new DynamoDbJobs(table),
    units: new DynamoDbUnits(table),
    queue: delivery.queue,
    clock,
    owner: delivery.owner,
    leaseUntil: delivery.endsAt + CLOCKS_MS,
    isTransient,
    work: (job, unit, save) =>
      withLimit(job, delivery, parts, (limited) => {
        const { client, limiter } = limited;
        const source = new TableScan({
          client,
          job,
          segment: unit.number,
          pageSize: pageSizeOf(job, limiter),
          retry: parts.retryTransient,
        });
        const tools = toolsOf(job, client, delivery, parts);
        const operation = known(job);
        return workPages({ job, unit, source, operation, tools, clock, stopAt: delivery.stopAt, save });
      }),
    ending: {
      isTransient,
      summarize: (job) =>
        withLimit(job, delivery, parts, ({ client }) =>
          inTime(() => summarize(job, toolsOf(job, client, delivery, parts), parts), delivery, clock),
        ),
      announce: (job) => {
        const { type, detail } = endOf(job, jobsTable);
        return retry(() => putJobEvent(parts.events, parts.eventBus, type, detail));
      },
    },
  });
}

interface Limited {
  readonly client: DynamoDBClient;
  readonly limiter: CapacityLimiter;
}

/** Lends a client whose reads of the job's table share the job's limit. */
async function withLimit<T>(
  job: Job,
  { stopAt }: Delivery,
  parts: ScannerParts,
  work: (limited: Limited) => Promise<T>,
): Promise<T> {
  const { clientConfig, dynamodb, jobsTable, clock, onLedgerError } = parts;
  const store = new DynamoDbLedger({ client: dynamodb, table: jobsTable, key: ledgerKey(job.id, "read") });
  const limiter = new CapacityLimiter({ ledger: new Ledger(store), clock, onLedgerError, whenPaused: "reject" });
  const client = readScansFast(withoutLog(new DynamoDBClient(clientConfig)));
  client.middlewareStack.use(capacityPlugin(limiter, { table: job.source.table, direction: "read" }));
  limiter.open({ deadline: stopAt });
  try {
    return await work({ client, limiter });
  } finally {
    await limiter.close().catch(onLedgerError);
  }
}

function pageSizeOf(job: Job, limiter: CapacityLimiter): PageSize {
  const { source, estimatedBytes, estimatedItems, limits } = job;
  const { index } = source;
  return new PageSize({
    rcuPerSecond: () => {
      const now = limiter.limits ?? limits;
      return (index === undefined ? undefined : now.indexes?.[index]) ?? now.table;
    },
    consistentRead: source.consistentRead,
    averageBytes: estimatedItems > 0 ? estimatedBytes / estimatedItems : undefined,
  });
}

function toolsOf(job: Job, dynamodb: DynamoDBClient, { signal }: Delivery, parts: ScannerParts): Tools {
  const retry: Tools["retry"] = (call) => parts.retryTransient(call, signal);
  return {
    dynamodb,
    s3: parts.s3,
    bucket: parts.resultsBucket,
    prefix: `${job.operation.name}/${job.id}/`,
    signal,
    retry,
    entries: new DynamoDbEntries({ client: parts.dynamodb, table: parts.jobsTable, job: job.id, retry }),
  };
}

async function summarize(job: Job, tools: Tools, { dynamodb, jobsTable }: ScannerParts): Promise<unknown> {
  return known(job).finish?.(job, results(readUnits(dynamodb, jobsTable, job.id, { ConsistentRead: true })), tools);
}

async function* results(units: AsyncIterable<Unit>): AsyncGenerator<UnitResult> {
  for await (const { number, result, updatedAt } of units) yield { unit: number, result, endedAt: updatedAt };
}

function known({ operation }: Job): Operation {
  const found = operationNamed(operation.name);
  if (found !== undefined) return found;
  const message = `The function has no operation "${operation.name}" any more.`;
  throw new SluiceError("NO_SUCH_OPERATION", message, { value: operation.name });
}
