/** Turns a job's run into a report of its cost. */
import type { ConsumptionReport } from "../../local/gateway/throttling/record";
import { lambdaUsage, ownCapacity, usageOf, without } from "../../local/metering/usage";
import { scannerFields } from "../../services/scanner/config";
import { type Bill, billOf } from "../../shared/cost/bill";
import type { DriverComparison } from "../../shared/cost/compareDrivers";
import { estimateJob } from "../../shared/cost/estimateJob";
import type { JobPlan } from "../../shared/cost/jobPlan";
import type { Usage } from "../../shared/cost/usage";
import type { Figure } from "../capacity/figures";
import { figuresOf } from "./figures";
import type { JobRun, OperationName, Sample } from "./jobs";
import { OUR_PRICES } from "./prices";
import { type Evenness, evennessOf } from "./timeline";

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
  /** RCU/s from the first page to the last, as a share of the limit. Below 0.95, this machine is too slow for the rate. */
  readonly reached: number;
  readonly evenness: Evenness;
  readonly whole: Phase;
  /**
   * The parts that don't depend on the table's size: before the first page, and after the last one. They are included in
   * `whole`. Absent from a simulation.
   */
  readonly start?: Phase;
  readonly end?: Phase;
  /** Time that workers spent waiting for capacity, milliseconds; undefined if they didn't report it. */
  readonly waitedMs: number | undefined;
  readonly figures: readonly Figure[];
  /** What the job would cost with each driver, estimated. */
  readonly drivers: DriverComparison;
  /** The same job on virtual time, if this machine is too slow for the rate. */
  readonly simulated?: CostReport;
}

/** A job that reads this share of its rate counts as reaching it. */
export const ENOUGH = 0.95;

export interface About {
  readonly operation: OperationName;
  readonly rate: number;
  readonly items: number;
  readonly bytes: number;
  readonly undisturbedRcu: number;
}

/** The report of a job on the local cloud. @param jobsTable its name. */
export function reportOf(
  { job, reading, samples, consumption, times }: JobRun,
  about: About,
  jobsTable: string,
): CostReport {
  const usage = usageOf(reading, jobsTable);
  const report = assess(
    {
      usage,
      consumption,
      units: job.units,
      rcu: ownCapacity(reading, job.work.table),
      waitedMs: times?.waitedMs,
    },
    about,
  );
  return { ...report, ...phasesOf(usage, report.evenness, samples, jobsTable, reading.invocations) };
}

/** The outcome of a job, real or on virtual time. */
export interface Outcome {
  readonly usage: Usage;
  readonly consumption: ConsumptionReport;
  readonly units: number;
  readonly rcu: number;
  readonly waitedMs: number | undefined;
}

/** The report without phases. */
export function assess({ usage, consumption, units, rcu, waitedMs }: Outcome, about: About): CostReport {
  const { operation, rate, undisturbedRcu } = about;
  const evenness = evennessOf(consumption, rate);
  const bill = billOf(usage, { read: rcu }, OUR_PRICES);
  const waiting = waitedMs === undefined ? undefined : waitedMs / usage.billedMs;
  return {
    ...about,
    ...{ units, rcu, evenness, waitedMs },
    reached: evenness.mean,
    whole: { usage, bill },
    drivers: driversFor(about, units),
    figures: figuresOf({ operation, rate, rcu, undisturbedRcu, usage, bill, evenness, waiting }),
  };
}

function driversFor({ operation, rate, items, bytes, undisturbedRcu }: About, units: number): DriverComparison {
  const { memoryMegabytes, timeoutSeconds, maximumConcurrency } = scannerFields;
  const plan: JobPlan = {
    work: { operation, table: "cost" },
    ...{ filtered: false, consistentRead: false, warnings: [] },
    ...{ items, bytes, units, onePassRcu: undisturbedRcu },
    limits: [{ direction: "read", table: "cost", limits: { table: rate } }],
    workers: {
      memoryMegabytes: memoryMegabytes.default,
      timeoutSeconds: timeoutSeconds.default,
      maximumConcurrency: maximumConcurrency.default,
    },
  };
  return estimateJob(plan, OUR_PRICES).drivers;
}

/** Splits requests by the meter's samples, and Lambda's time by when it passed. */
function phasesOf(
  whole: Usage,
  { firstReadAt, lastReadAt }: Evenness,
  samples: readonly Sample[],
  jobsTable: string,
  invocations: JobRun["reading"]["invocations"],
): { start: Phase; end: Phase } {
  const nothing = without(whole, whole);
  const at = (sample: Sample | undefined) => (sample === undefined ? nothing : usageOf(sample.reading, jobsTable));
  const phase = (usage: Usage, from: number, to: number): Phase => {
    const all = { ...usage, ...lambdaUsage(invocations, from, to) };
    return { usage: all, bill: billOf(all, {}, OUR_PRICES) };
  };
  const before = samples.findLast((sample) => sample.at <= firstReadAt);
  const after = samples.find((sample) => sample.at > lastReadAt);
  return {
    start: phase(at(before), 0, firstReadAt),
    end: phase(after === undefined ? nothing : without(whole, at(after)), lastReadAt, Number.POSITIVE_INFINITY),
  };
}

const GIBIBYTE = 2 ** 30;

/** Dollars per GiB, as if the whole cost grew with the table. */
export function dollarsPerGibibyte({ whole, bytes }: CostReport): number {
  return (whole.bill.dollars / bytes) * GIBIBYTE;
}

/** A bill in microdollars, part by part. */
export function renderBill(name: string, { dollars, parts }: Bill): string {
  const each = parts.map(({ part, dollars: one }) => `${part} ${one === null ? "not priced" : micro(one)}`);
  return `${name}: ${micro(dollars)} µ$ (${each.join(", ")})`;
}

/** Both drivers in microdollars. */
export function renderDrivers({ queue, workflow, transitions }: DriverComparison): string {
  const [ofQueue, ofWorkflow] = [queue, workflow].map((each) => (each === null ? "not priced" : `${micro(each)} µ$`));
  return `estimated: queue ${ofQueue}, workflow ${ofWorkflow} (${transitions} transitions)`;
}

function micro(dollars: number): string {
  return (1e6 * dollars).toFixed(1);
}
