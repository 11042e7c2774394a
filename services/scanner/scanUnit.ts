/** One turn at a unit: puts protocol, source, operation and capacity together. */
import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import type { S3Client } from "@aws-sdk/client-s3";
import { withoutLog } from "../../shared/aws/clients";
import type { CapacityLimits } from "../../shared/capacity/metering/limits";
import { capacityPlugin } from "../../shared/capacity/plugin/capacityPlugin";
import { CapacityLimiter } from "../../shared/capacity/worker/limiter";
import type { Clock } from "../../shared/clock";
import type { Driver, UnitTurn } from "../../shared/drivers/driver";
import type { InvocationTime } from "../../shared/drivers/queue/invocationTime";
import { Budget } from "../../shared/engine/budget";
import { inTime } from "../../shared/engine/inTime";
import { workPages } from "../../shared/engine/pageLoop";
import { type Handled, handleUnitTurn, type WorkTools } from "../../shared/engine/protocol";
import { keepingReason } from "../../shared/engine/retries";
import { SluiceError } from "../../shared/errors";
import type { Job, JobLimit } from "../../shared/jobs/job";
import { endOf, putJobEvent } from "../../shared/jobs/jobEvents";
import { DynamoDbEntries } from "../../shared/jobs/storage/dynamoDbEntries";
import { DynamoDbJobs } from "../../shared/jobs/storage/dynamoDbJobs";
import { DynamoDbUnits } from "../../shared/jobs/storage/dynamoDbUnits";
import { ledgerOf } from "../../shared/jobs/storage/ledgers";
import { readUnits } from "../../shared/jobs/storage/reading";
import type { Unit } from "../../shared/jobs/unit";
import type { FinishedJob, Operation, Tools } from "../../shared/operations/operation";
import { ownPrefix } from "../../shared/operations/prefixes";
import { operationNamed } from "../../shared/operations/registry";
import { sourceProblem } from "../../shared/sources/identity";
import { sourceReader } from "../../shared/sources/readers";
import type { Source } from "../../shared/sources/source";
import { readScansFast } from "../../shared/sources/table/scanResponses";
import { unitResults } from "./unitResults";
import { verdictOf } from "./verdict";

/** What stays the same from turn to turn. */
export interface ScannerParts {
  /** For the jobs table; not limited. */
  readonly dynamodb: DynamoDBClient;
  /** For the limited clients, one a turn, which share their connections. */
  readonly clientConfig: DynamoDBClientConfig;
  readonly s3: S3Client;
  readonly events: EventBridgeClient;
  readonly jobsTable: string;
  readonly resultsBucket: string;
  readonly eventBus: string;
  readonly clock: Clock;
  readonly retryTransient: <T>(call: () => Promise<T>, signal: AbortSignal) => Promise<T>;
  readonly isTransient: (error: unknown) => boolean;
  /** How long a unit waits after this many attempts without progress, milliseconds. */
  readonly backoffMs: (attempts: number) => number;
  readonly onLedgerError: (error: unknown) => void;
}

/** What belongs to one turn. */
export interface TurnAtHand extends Omit<InvocationTime, "hideSeconds"> {
  readonly driver: Driver;
  /** Unique for this turn. */
  readonly owner: string;
  /** Aborts when page work has to stop, early enough to record why. */
  readonly workSignal: AbortSignal;
  /** Aborts when time is over, for records too. */
  readonly signal: AbortSignal;
}

/** Clocks of two workers differ by less than this, milliseconds. */
const CLOCKS_MS = 2000;

/** @throws what `handleUnitTurn` throws: the turn has to come again. */
export function scanUnit(turn: UnitTurn, at: TurnAtHand, parts: ScannerParts): Promise<Handled> {
  const { clock, jobsTable, dynamodb, backoffMs } = parts;
  const isTransient = (error: unknown) => parts.isTransient(error) || (error instanceof SluiceError && error.retryable);
  const retry = <T>(call: () => Promise<T>) => parts.retryTransient(call, at.signal);
  const table = { client: dynamodb, table: jobsTable, retry };
  const ofSource = new WeakSet<object>();
  return handleUnitTurn(turn, {
    jobs: new DynamoDbJobs(table),
    units: new DynamoDbUnits(table),
    driver: at.driver,
    clock,
    owner: at.owner,
    leaseUntil: at.endsAt + CLOCKS_MS,
    isTransient,
    verdict: (error, job) => verdictOf(error, job, ofSource.has(error as object)),
    backoffMs,
    work: (job, unit, tools) => workOn(job, unit, tools, at, parts, ofSource),
    ending: {
      isTransient,
      // As page work, so that there is time to record why it failed.
      sourceProblem: (job) =>
        sourceProblem(sourceReader(job.source), job, dynamodb, (call) => parts.retryTransient(call, at.workSignal)),
      summarize: (job) =>
        withLimits(job, at, parts, ({ client }) =>
          inTime(() => summarize(job, toolsOf(job, client, at, parts), parts), at, clock),
        ),
      announce: (job) => {
        const { type, detail } = endOf(job, jobsTable);
        return retry(() => putJobEvent(parts.events, parts.eventBus, type, detail));
      },
    },
  });
}

/** @param ofSource collects the errors of reading the source. */
function workOn(
  job: Job,
  unit: Unit,
  { save, note }: WorkTools,
  at: TurnAtHand,
  parts: ScannerParts,
  ofSource: WeakSet<object>,
) {
  const { clock, retryTransient } = parts;
  const { stopAt } = at;
  const remembering = keepingReason((call) => retryTransient(call, at.workSignal), clock, note);
  return withLimits(job, at, parts, ({ client, perSecond }) => {
    const budget = new Budget({ clock, stopAt, perSecond });
    const { estimatedBytes, estimatedItems, units } = job;
    const averageBytes = estimatedItems > 0 ? estimatedBytes / estimatedItems : undefined;
    const source = sourceReader(job.source).open(
      { spec: job.source, unit: unit.number, units, averageBytes },
      { dynamodb: client, budget, retry: remembering },
    );
    const read: Source["read"] = async (cursor, signal) => {
      try {
        return await source.read(cursor, signal);
      } catch (error) {
        if (error instanceof Error) ofSource.add(error);
        throw error;
      }
    };
    const tools = { ...toolsOf(job, client, at, parts), retry: remembering };
    return workPages({ job, unit, source: { read }, operation: known(job), tools, budget, clock, stopAt, save });
  });
}

interface Limited {
  readonly client: DynamoDBClient;
  /** Capacity units per second in force for all workers together. */
  readonly perSecond: (direction: JobLimit["direction"]) => number | undefined;
}

/** Lends a client whose requests to the job's tables share the job's limits. */
async function withLimits<T>(
  job: Job,
  { stopAt }: TurnAtHand,
  parts: ScannerParts,
  work: (limited: Limited) => Promise<T>,
): Promise<T> {
  const { clientConfig, dynamodb, jobsTable, clock, onLedgerError } = parts;
  const client = readScansFast(withoutLog(new DynamoDBClient(clientConfig)));
  const limiters = job.limits.map((limit) => {
    const ledger = ledgerOf(dynamodb, jobsTable, job, limit);
    const limiter = new CapacityLimiter({ ledger, clock, onLedgerError, whenPaused: "reject" });
    client.middlewareStack.use(capacityPlugin(limiter, limit));
    limiter.open({ deadline: stopAt });
    return { limit, limiter };
  });
  const perSecond: Limited["perSecond"] = (direction) => {
    const found = limiters.find(({ limit }) => limit.direction === direction);
    return found && lowest(found.limiter.limits ?? found.limit.limits);
  };
  try {
    return await work({ client, perSecond });
  } finally {
    await Promise.all(limiters.map(({ limiter }) => limiter.close().catch(onLedgerError)));
  }
}

function lowest({ table, indexes = {} }: CapacityLimits): number {
  return Math.min(table, ...Object.values(indexes));
}

function toolsOf(job: Job, dynamodb: DynamoDBClient, { workSignal: signal }: TurnAtHand, parts: ScannerParts): Tools {
  const retry: Tools["retry"] = (call) => parts.retryTransient(call, signal);
  const { id, expiresAt } = job;
  return {
    dynamodb,
    s3: parts.s3,
    bucket: parts.resultsBucket,
    prefix: ownPrefix(job.operation.name, id),
    signal,
    retry,
    entries: new DynamoDbEntries({ client: parts.dynamodb, table: parts.jobsTable, job: id, expiresAt, retry }),
  };
}

async function summarize(job: Job, tools: Tools, { dynamodb, jobsTable }: ScannerParts): Promise<unknown> {
  const units = readUnits(dynamodb, jobsTable, job.id, { ConsistentRead: true, retry: tools.retry });
  return known(job).finish?.(finishedJob(job), unitResults(units, job.units), tools);
}

function finishedJob({ id, createdAt, operation, work, identity, source }: Job): FinishedJob {
  const { index, filter, projection } = source;
  const scope = Object.entries({ index, filter, projection }).filter(([, value]) => value !== undefined);
  const { arn, id: tableId } = identity;
  return {
    id,
    createdAt,
    params: operation.params,
    table: {
      name: work.table,
      ...(arn === undefined ? {} : { arn }),
      ...(tableId === undefined ? {} : { id: tableId }),
    },
    scope: Object.fromEntries(scope) as Record<string, string>,
  };
}

function known({ operation }: Job): Operation {
  const found = operationNamed(operation.name);
  if (found !== undefined) return found;
  const message = `The function has no operation "${operation.name}" any more.`;
  throw new SluiceError("NO_SUCH_OPERATION", message, { value: operation.name });
}
