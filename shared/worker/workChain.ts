/** One turn at a chain: puts protocol, source, operation and capacity together. */
import type { DynamoDBClient, DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import type { S3Client } from "@aws-sdk/client-s3";
import type { Clock } from "../clock";
import type { Usage } from "../cost/usage";
import type { ChainTurn, Driver } from "../drivers/driver";
import type { InvocationTime } from "../drivers/invocationTime";
import { Budget } from "../engine/budget";
import { Crew } from "../engine/crew";
import { inTime } from "../engine/inTime";
import { workPages } from "../engine/pageLoop";
import { PauseWatch } from "../engine/pauseWatch";
import { type Handled, handleChainTurn } from "../engine/protocol";
import { keepingReason } from "../engine/retries";
import type { UnitEnd, WorkTools } from "../engine/unitWork";
import { SluiceError } from "../errors";
import type { Job } from "../jobs/job";
import { endOf, putJobEvent } from "../jobs/jobEvents";
import { DynamoDbChains } from "../jobs/storage/dynamoDbChains";
import { DynamoDbEntries } from "../jobs/storage/dynamoDbEntries";
import { DynamoDbJobs } from "../jobs/storage/dynamoDbJobs";
import { DynamoDbUnits } from "../jobs/storage/dynamoDbUnits";
import { readUnits } from "../jobs/storage/reading";
import type { Unit } from "../jobs/unit";
import type { FinishedJob, OperationSet, OperationWork, Tools } from "../operations/operation";
import { ownPrefix } from "../operations/ownPrefix";
import { sourceProblem } from "../sources/identity";
import { sourceReader } from "../sources/readers";
import type { Source } from "../sources/source";
import { CapacitySession, type Limited, LONGEST_WAIT_MS } from "./capacitySession";
import { FailureBrake } from "./failureBrake";
import { unitResults } from "./unitResults";
import { verdictOf } from "./verdict";

/** What stays the same from turn to turn. */
export interface WorkerParts {
  /** For the jobs table; not limited. */
  readonly dynamodb: DynamoDBClient;
  /** For the limited clients, one per turn, which share their connections. */
  readonly clientConfig: DynamoDBClientConfig;
  readonly s3: S3Client;
  readonly events: EventBridgeClient;
  /** The operations that this worker knows. */
  readonly operations: OperationSet;
  readonly jobsTable: string;
  readonly resultsBucket: string;
  readonly eventBus: string;
  readonly clock: Clock;
  readonly retryTransient: <T>(call: () => Promise<T>, signal: AbortSignal) => Promise<T>;
  readonly isTransient: (error: unknown) => boolean;
  /** How long a unit waits after this many attempts without progress, milliseconds. */
  readonly backoffMs: (attempts: number) => number;
  readonly onLedgerError: (error: unknown) => void;
  /** Called after the work on each unit. */
  readonly onUnit: (job: string, unit: number, end: UnitEnd) => void;
  /** Most workers at once. */
  readonly mostWorkers: number;
  /** Usage since the turn began; called once, before the chain is released. */
  readonly usage: () => Usage;
}

/** What belongs to one turn. */
export interface TurnAtHand extends InvocationTime {
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

/** @throws what `handleChainTurn` throws: the turn has to come again. */
export async function workChain(
  turn: ChainTurn,
  at: TurnAtHand,
  parts: WorkerParts,
): Promise<{ handled: Handled; ms: number; waitedMs: number }> {
  const { clock, jobsTable, dynamodb, backoffMs, onUnit, usage, mostWorkers: most } = parts;
  const { driver, owner, stopAt } = at;
  const isTransient = (error: unknown) => parts.isTransient(error) || (error instanceof SluiceError && error.retryable);
  const retry = <T>(call: () => Promise<T>) => parts.retryTransient(call, at.signal);
  const table = { client: dynamodb, table: jobsTable, retry };
  const stores = { jobs: new DynamoDbJobs(table), units: new DynamoDbUnits(table), chains: new DynamoDbChains(table) };
  const capacity = new CapacitySession(stopAt, parts);
  const crew = new Crew({ ...stores, chain: turn.chain, driver, clock, use: () => capacity.use(), most });
  const pauses = new PauseWatch({ ...stores, clock, visitsLedgers: () => capacity.hasVisited });
  const failures = new FailureBrake(stores.jobs);
  const turnAtHand = { ...at, capacity, crew, pauses, failures, ofSource: new WeakSet<object>() };
  try {
    const handled = await handleChainTurn(turn, {
      ...stores,
      ...{ driver, clock, owner, stopAt, isTransient, backoffMs, usage },
      leaseUntil: at.endsAt + CLOCKS_MS,
      verdict: (error, job) => verdictOf(error, job, turnAtHand.ofSource.has(error as object), parts.operations),
      work: (job, unit, tools) => workOn(job, unit, tools, turnAtHand, parts),
      onUnit: (unit, end) => onUnit(turn.job, unit, end),
      onHead: (head) => crew.see(head),
      rest: () => capacity.close(),
      ending: {
        isTransient,
        // Has to stop when page work does, so that time is left to record why it failed.
        sourceProblem: (job) =>
          sourceProblem(sourceReader(job.source), job, dynamodb, (call) => parts.retryTransient(call, at.workSignal)),
        summarize: (job) => inTime(() => summarize(job, toolsOf(job, capacity.of(job), at, parts), parts), at, clock),
        announce: (job) => {
          const { type, detail } = endOf(job, jobsTable);
          return retry(() => putJobEvent(parts.events, parts.eventBus, type, detail));
        },
      },
    });
    return { handled, ms: clock.now() - at.startedAt, waitedMs: capacity.waitedMs };
  } finally {
    await capacity.close();
  }
}

interface Working extends TurnAtHand {
  readonly capacity: CapacitySession;
  readonly crew: Crew;
  readonly pauses: PauseWatch;
  readonly failures: FailureBrake;
  /** Collects the errors of reading the source. */
  readonly ofSource: WeakSet<object>;
}

async function workOn(job: Job, unit: Unit, { save, note }: WorkTools, at: Working, parts: WorkerParts) {
  const { clock, retryTransient } = parts;
  const { stopAt, capacity, crew, pauses, failures, ofSource } = at;
  const retry = keepingReason((call) => retryTransient(call, at.workSignal), clock, note);
  const { client, perSecond } = capacity.of(job);
  const budget = new Budget({ clock, stopAt, perSecond });
  const { estimatedBytes, estimatedItems, units } = job;
  const averageBytes = estimatedItems > 0 ? estimatedBytes / estimatedItems : undefined;
  const source = sourceReader(job.source).open(
    { spec: job.source, unit: unit.number, units, averageBytes, before: unit.counts },
    { dynamodb: client, s3: parts.s3, budget, retry },
  );
  const read: Source["read"] = async (cursor, signal) => {
    try {
      return await source.read(cursor, signal);
    } catch (error) {
      if (error instanceof Error) ofSource.add(error);
      throw error;
    }
  };
  const tools = { ...toolsOf(job, capacity.of(job), at, parts), retry };
  const shared = { job, unit, source: { read }, operation: known(job, parts), tools, budget, clock, stopAt, save };
  try {
    return await workPages({
      ...shared,
      goOn: async () => ((await pauses.isPaused(job.id)) ? "paused" : crew.goOn()),
      onFailures: (further) => failures.add(job, further),
      longestWaitMs: LONGEST_WAIT_MS,
    });
  } finally {
    source.close?.();
  }
}

function toolsOf(
  job: Job,
  { client: dynamodb, limits, consumed }: Limited,
  { workSignal: signal }: TurnAtHand,
  parts: WorkerParts,
): Tools {
  const retry: Tools["retry"] = (call) => parts.retryTransient(call, signal);
  const { id, expiresAt } = job;
  return {
    dynamodb,
    limits,
    consumed,
    s3: parts.s3,
    bucket: parts.resultsBucket,
    prefix: ownPrefix(job.operation.name, id),
    signal,
    retry,
    entries: new DynamoDbEntries({ client: parts.dynamodb, table: parts.jobsTable, job: id, expiresAt, retry }),
  };
}

async function summarize(job: Job, tools: Tools, parts: WorkerParts): Promise<unknown> {
  const { dynamodb, jobsTable } = parts;
  const units = readUnits(dynamodb, jobsTable, job.id, { ConsistentRead: true, retry: tools.retry });
  return known(job, parts).finish?.(finishedJob(job), unitResults(units, job.units), tools);
}

function finishedJob({ id, createdAt, operation, work, identity, source, units }: Job): FinishedJob {
  const scope = Object.entries(scopeOf(source)).filter(([, value]) => value !== undefined);
  const { arn, id: tableId } = identity;
  const sample = sourceReader(source).sampleOf(source, units);
  return {
    id,
    createdAt,
    params: operation.params,
    table: {
      name: work.table,
      ...(arn === undefined ? {} : { arn }),
      ...(tableId === undefined ? {} : { id: tableId }),
    },
    ...(sample && { sample }),
    scope: Object.fromEntries(scope) as Record<string, string>,
  };
}

/** Which part of the table the source is; empty: the whole. */
function scopeOf(source: Job["source"]): Record<string, string | undefined> {
  if (source.kind === "table") {
    const { index, filter, projection } = source;
    return { index, filter, projection };
  }
  return { source: source.kind };
}

function known({ operation }: Job, { operations }: WorkerParts): OperationWork {
  const found = operations.named(operation.name);
  if (found !== undefined) return found;
  const message = `The function has no operation "${operation.name}" any more.`;
  throw new SluiceError("NO_SUCH_OPERATION", message, { value: operation.name });
}
