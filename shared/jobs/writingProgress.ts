/** The progress of a job that changes a table: the sums of its units' results so far. Pure. */
import type { Consumption } from "../capacity/metering/consumption";
import type { Outcomes } from "../writing/outcomes";
import { addWritten, nothingWritten, type Written, writtenIn } from "../writing/written";
import type { Job } from "./job";
import { limitOf, rateOf } from "./limits";

export interface WritingProgress {
  /** True if the job writes nothing: the figures then show what it would do. */
  readonly dryRun: boolean;
  /** Items by outcome, as of the units' last checkpoints. Exact once the job has ended. */
  readonly outcomes: Outcomes;
  /** Items on the list of failures, by code. */
  readonly failures: Readonly<Record<string, number>>;
  /** Write capacity units of the table and of each index that was written to. */
  readonly consumed: Consumption;
  /** The workers' writes of the last ten seconds and their limit, WCU/s of the table. The second is 0 for a dry run without a rate. */
  readonly wcuPerSecond: number;
  readonly targetWcuPerSecond: number;
  /**
   * The reads by which a dry run looks into the table: those so far, RCU, and their limit, RCU/s. Absent: it doesn't look there.
   */
  readonly lookups?: { readonly rcu: number; readonly targetRcuPerSecond: number };
}

/** The parts of a unit that concern its writes. */
interface WritingUnit {
  readonly result?: unknown;
  readonly wcuPerSecond?: number;
}

/** Undefined: the job changes no table. */
export function writingProgress(job: Job, units: readonly WritingUnit[]): WritingProgress | undefined {
  if (job.target === undefined) return undefined;
  const { outcomes, failures, consumed, lookupRcu: rcu = 0 } = writtenBy(units);
  const lookups = limitOf(job, "lookup");
  return {
    dryRun: job.operation.params.dryRun === true,
    outcomes,
    failures,
    consumed,
    wcuPerSecond: units.reduce((sum, { wcuPerSecond = 0 }) => sum + wcuPerSecond, 0),
    targetWcuPerSecond: rateOf(job, "write"),
    ...(lookups && { lookups: { rcu, targetRcuPerSecond: lookups.limits.table } }),
  };
}

/** The sum of the units' results. */
export function writtenBy(units: readonly Pick<WritingUnit, "result">[]): Written {
  return units.reduce((sum, { result }) => addWritten(sum, writtenIn(result) ?? nothingWritten), nothingWritten);
}
