/** The estimate of a job's consumption, cost and duration: see estimateJob.ts. */
import type { Direction } from "../capacity/metering/direction";
import type { Bill } from "./bill";
import type { DriverComparison } from "./compareDrivers";
import type { JobPlan } from "./jobPlan";
import type { Prices } from "./prices";
import type { Usage } from "./usage";

export interface Estimate {
  readonly work: JobPlan["work"];
  /** RCU/s that the job may consume; 0: it reads no table. */
  readonly rcuPerSecond: number;
  /** Read capacity units of the job, and those of one pass with full pages. */
  readonly rcu: number;
  readonly onePassRcu: number;
  readonly pages: number;
  /** For a job that changes a table: the writes, as if it changed every item. */
  readonly writing?: WritingEstimate;
  readonly seconds: number;
  /** Workers that run at once. */
  readonly workers: number;
  /** Share of the workers' billed time in which they wait for capacity, 0 to 1. */
  readonly waiting: number;
  /** The price of that time. Null: not priced. */
  readonly waitingDollars: number | null;
  readonly usage: Usage;
  /** DPU-hours of the Glue run. Absent: the job doesn't use the spark driver. */
  readonly dpuHours?: number;
  readonly bill: Bill;
  /** The cost of the job with each driver that can run it. */
  readonly drivers: DriverComparison;
  /** The price of AWS's own service that comes nearest. Absent: there is none, or the size is not known. */
  readonly comparison?: Comparison;
  readonly warnings: readonly string[];
  /** Warnings about the figures, a sentence each. */
  readonly notes: readonly string[];
  /** Where and when the prices hold. */
  readonly prices: Pick<Prices, "region" | "asOf" | "currency">;
}

export interface WritingEstimate {
  readonly table: string;
  readonly dryRun: boolean;
  /** Write capacity units of the table, without its indexes, which are not known. 0 for a dry run. */
  readonly wcu: number;
  /** WCU/s that the job may consume. Absent: a dry run without a rate. */
  readonly wcuPerSecond?: number;
  /** The reads by which a dry run looks into the table, as if every item was there. Absent: it doesn't look there. */
  readonly lookups?: { readonly rcu: number; readonly rcuPerSecond: number };
  /** The direction whose limit takes longer. Absent: nothing is consumed. */
  readonly binds?: Direction;
}

export interface Comparison {
  readonly what: "AWS's own export of the table";
  /** Null: not priced. */
  readonly dollars: number | null;
}
