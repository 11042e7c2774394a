/** What a job will consume, cost and take: see estimateJob.ts. */
import type { Bill } from "./bill";
import type { JobPlan } from "./jobPlan";
import type { Prices } from "./prices";
import type { Usage } from "./usage";

export interface Estimate {
  readonly work: JobPlan["work"];
  /** RCU/s that the job may consume. */
  readonly rcuPerSecond: number;
  /** Read capacity units of the job, and those of one pass with full pages. */
  readonly rcu: number;
  readonly onePassRcu: number;
  readonly pages: number;
  readonly seconds: number;
  /** Workers that run at once. */
  readonly workers: number;
  /** Share of the workers' billed time in which they wait for capacity, 0 to 1. */
  readonly waiting: number;
  /** What Lambda asks for that time. Null: not priced. */
  readonly waitingDollars: number | null;
  readonly usage: Usage;
  readonly bill: Bill;
  /** What AWS asks for the nearest thing that it does by itself. Absent: there is none, or the size is not known. */
  readonly comparison?: Comparison;
  readonly warnings: readonly string[];
  /** What has to be known of the figures, a sentence each. */
  readonly notes: readonly string[];
  /** Where and when the prices hold. */
  readonly prices: Pick<Prices, "region" | "asOf" | "currency">;
}

export interface Comparison {
  readonly what: "AWS's own export of the table";
  /** Null: not priced. */
  readonly dollars: number | null;
}
