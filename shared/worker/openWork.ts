/** What the workers of all drivers open for the work of one invocation: stores, limits, the end of the job. */
import type { ChainWorkOptions } from "../engine/heldChain";
import { inTime } from "../engine/inTime";
import { PauseWatch } from "../engine/pauseWatch";
import { SluiceError } from "../errors";
import { endOf, putJobEvent } from "../jobs/jobEvents";
import { DynamoDbChains } from "../jobs/storage/dynamoDbChains";
import { DynamoDbJobs } from "../jobs/storage/dynamoDbJobs";
import { DynamoDbUnits } from "../jobs/storage/dynamoDbUnits";
import { sourceProblem } from "../sources/identity";
import { sourceReader } from "../sources/readers";
import { targetProblem } from "../tables/targetProblem";
import { CapacitySession } from "./capacitySession";
import { FailureBrake } from "./failureBrake";
import { resultOf } from "./jobResult";
import { toolsOf } from "./operationTools";
import { workOnUnit } from "./unitPages";
import { UnitsTally } from "./unitsTally";
import { verdictOf } from "./verdict";
import type { WorkAtHand, WorkParts } from "./workParts";

/** The outcome of some work, its duration, and the part of it spent waiting for capacity, milliseconds. */
export interface Timed<Handled> {
  readonly handled: Handled;
  readonly ms: number;
  readonly waitedMs: number;
}

/** Clocks of two workers differ by less than this, milliseconds. */
const CLOCKS_MS = 2000;

/** What is open while work on a job goes on. */
export interface OpenWork {
  readonly stores: { readonly jobs: DynamoDbJobs; readonly units: DynamoDbUnits; readonly chains: DynamoDbChains };
  readonly capacity: CapacitySession;
  /**
   * What the engine works with.
   *
   * @param goOn whether the worker goes on with its unit; asked between two pages.
   * @param stopAt no further page is begun after it, milliseconds since the epoch. Default: the invocation's.
   */
  readonly options: (goOn: () => Promise<boolean>, stopAt?: number) => ChainWorkOptions;
}

/** Opens what work on a job needs, and gives its capacity back afterwards. */
export async function withWork<Handled>(
  job: string,
  at: WorkAtHand,
  parts: WorkParts,
  work: (open: OpenWork) => Promise<Handled>,
): Promise<Timed<Handled>> {
  const capacity = new CapacitySession(at.deadline, parts);
  try {
    const handled = await work(opened(job, capacity, at, parts));
    return { handled, ms: parts.clock.now() - at.startedAt, waitedMs: capacity.waitedMs };
  } finally {
    await capacity.close();
  }
}

function opened(id: string, capacity: CapacitySession, at: WorkAtHand, parts: WorkParts): OpenWork {
  const { clock, jobsTable, dynamodb, backoffMs, onUnit, onEnd, usage } = parts;
  const isTransient = (error: unknown) => parts.isTransient(error) || (error instanceof SluiceError && error.retryable);
  const retry = <T>(call: () => Promise<T>) => parts.retryTransient(call, at.signal);
  // Has to stop when page work does, so that time is left to record why it failed.
  const retryInWork = <T>(call: () => Promise<T>) => parts.retryTransient(call, at.workSignal);
  const table = { client: dynamodb, table: jobsTable, retry };
  const stores = { jobs: new DynamoDbJobs(table), units: new DynamoDbUnits(table), chains: new DynamoDbChains(table) };
  const pauses = new PauseWatch({ ...stores, clock, spentMs: () => capacity.use().spentMs });
  const failures = new FailureBrake(stores.jobs, clock);
  const working = { ...at, capacity, pauses, failures, ofSource: new WeakSet<object>() };
  const tally = new UnitsTally();
  const options: OpenWork["options"] = (goOn, stopAt = at.stopAt) => ({
    ...stores,
    ...{ clock, owner: at.owner, isTransient, backoffMs, usage },
    leaseUntil: at.endsAt + CLOCKS_MS,
    verdict: (error, job) => verdictOf(error, job, working.ofSource.has(error as object), parts.operations),
    work: (job, unit, tools) =>
      tally.of(unit, tools, (counted) => workOnUnit(job, unit, counted, { ...working, goOn, stopAt }, parts)),
    onCheckpoint: (job) => failures.saved(job),
    onUnit: (unit, end) => onUnit(id, unit, end, tally.take()),
    rest: () => capacity.close(),
    ending: {
      isTransient,
      tablesProblem: async (job) =>
        (await sourceProblem(sourceReader(job.source), job, dynamodb, retryInWork)) ??
        (await targetProblem(job, dynamodb, retryInWork)),
      summarize: (job) => inTime(() => resultOf(job, toolsOf(job, capacity.of(job), at, parts), parts), at, clock),
      announce: async (job) => {
        const { type, detail } = endOf(job, jobsTable);
        await retry(() => putJobEvent(parts.events, parts.eventBus, type, detail));
        onEnd(job);
      },
    },
  });
  return { stores, capacity, options };
}
