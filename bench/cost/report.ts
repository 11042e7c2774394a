/** From a job that ran to what it cost. */
import type { Figure } from "../capacity/figures";
import { type Bill, billOf, billParts, total } from "./bill";
import { figuresOf } from "./figures";
import type { JobRun, OperationName, Sample } from "./jobs";
import { type Evenness, evennessOf } from "./timeline";
import { gigabyteSeconds, ownCapacity, type Usage, usageOf, without } from "./usage";

/** A job's bill of one of its phases. */
export interface Phase {
  readonly usage: Usage;
  readonly bill: Bill;
}

export interface CostReport {
  readonly operation: OperationName;
  /** The limit, RCU/s. */
  readonly rate: number;
  /** Bytes of the table's items. */
  readonly bytes: number;
  readonly units: number;
  /** RCU that the job read, and that one undisturbed pass with full pages reads. */
  readonly rcu: number;
  readonly undisturbedRcu: number;
  /** RCU/s from the first page to the last, as a share of the limit: below 0.95 this machine is too slow for the rate. */
  readonly reached: number;
  readonly evenness: Evenness;
  readonly whole: Phase;
  /** What is the same however large the table is: until the first page was read, and after the last one. In `whole` too. */
  readonly start: Phase;
  readonly end: Phase;
  /** Lambda's billed time and what of the workers' time was waiting for capacity, milliseconds; absent: not reported. */
  readonly billedMs: number;
  readonly waitedMs: number | undefined;
  readonly figures: readonly Figure[];
}

/** A job reaches its rate from this share of it on. */
export const ENOUGH = 0.95;

export interface About {
  readonly operation: OperationName;
  readonly rate: number;
  readonly bytes: number;
  readonly undisturbedRcu: number;
  readonly jobsTable: string;
}

export function reportOf({ job, reading, samples, consumption, times }: JobRun, about: About): CostReport {
  const { operation, rate, undisturbedRcu, jobsTable, bytes } = about;
  const rcu = ownCapacity(reading, job.work.table);
  const evenness = evennessOf(consumption, rate);
  const usage = usageOf(reading, jobsTable);
  const bill = billOf(usage, rcu);
  const billedMs = reading.invocations.reduce((sum, { billedMs: ms }) => sum + ms, 0);
  const waitedMs = times?.waitedMs;
  const waiting = waitedMs === undefined ? undefined : waitedMs / billedMs;
  return {
    ...{ operation, rate, bytes, units: job.units, rcu, undisturbedRcu, evenness, billedMs, waitedMs },
    reached: evenness.mean,
    whole: { usage, bill },
    ...phasesOf(usage, evenness, samples, jobsTable, reading.invocations),
    figures: figuresOf({ operation, rate, rcu, undisturbedRcu, bill, evenness, waiting }),
  };
}

/** Requests by what the meter showed at the time, Lambda's time by when it was. */
function phasesOf(
  whole: Usage,
  { firstReadAt, lastReadAt }: Evenness,
  samples: readonly Sample[],
  jobsTable: string,
  invocations: JobRun["reading"]["invocations"],
): { start: Phase; end: Phase } {
  const nothing = without(whole, whole);
  const at = (sample: Sample | undefined) => (sample === undefined ? nothing : usageOf(sample.reading, jobsTable));
  const began = (from: number, to: number) => invocations.filter(({ at }) => at >= from && at < to).length;
  const phase = (usage: Usage, from: number, to: number): Phase => {
    const lambda = { invocations: began(from, to), gigabyteSeconds: gigabyteSeconds(invocations, from, to) };
    const all = { ...usage, ...lambda };
    return { usage: all, bill: billOf(all, 0) };
  };
  const before = samples.findLast((sample) => sample.at <= firstReadAt);
  const after = samples.find((sample) => sample.at > lastReadAt);
  return {
    start: phase(at(before), 0, firstReadAt),
    end: phase(after === undefined ? nothing : without(whole, at(after)), lastReadAt, Number.POSITIVE_INFINITY),
  };
}

const GIBIBYTE = 2 ** 30;
const GIGABYTE = 1e9;

/** Dollars for a GiB, where the job's cost grew with the table. */
export function dollarsPerGibibyte({ whole, bytes }: CostReport): number {
  return (total(whole.bill) / bytes) * GIBIBYTE;
}

/** What AWS's own export of a GiB costs at a price for a GB. */
export function exportPerGibibyte(dollarsPerGigabyte: number): number {
  return (dollarsPerGigabyte / GIGABYTE) * GIBIBYTE;
}

/** A bill in microdollars, part by part. */
export function renderBill(name: string, bill: Bill): string {
  const parts = billParts.map((part) => `${part} ${(1e6 * bill[part]).toFixed(1)}`);
  return `${name}: ${(1e6 * total(bill)).toFixed(1)} µ$ (${parts.join(", ")})`;
}
