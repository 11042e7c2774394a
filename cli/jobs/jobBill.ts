/** The cost of a job so far. */
import { type Bill, billOf } from "../../shared/cost/bill";
import { type DpuSeconds, dpuSecondsOf } from "../../shared/cost/dpuSeconds";
import type { Prices } from "../../shared/cost/prices";
import { noUsage, type Usage } from "../../shared/cost/usage";
import { isActive, type Job } from "../../shared/jobs/job";
import { readRuns } from "../../shared/jobs/storage/runs";
import { readUsage } from "../../shared/jobs/storage/usage";
import { allWriteUnits } from "../../shared/tables/writeConsumption";
import type { Operator } from "../operator";
import { describeBill } from "../text/bill";
import { dollars } from "../text/format";
import type { Snapshot } from "./snapshot";

export interface JobBill extends Bill {
  /** The usage of its functions. Absent: they did not record it. */
  readonly usage?: Usage;
  /** The usage of its ended Glue runs. Absent: the job doesn't use the spark driver. */
  readonly dpu?: DpuSeconds;
  /** True if workers are at work. They record their usage when their invocations end. */
  readonly soFar: boolean;
  /** Where and when the prices hold. */
  readonly prices: Pick<Prices, "region" | "asOf" | "currency">;
}

/** What a job has used besides the capacity that its units have consumed. */
export interface JobUse {
  /** Of its functions. Undefined: they did not record it. */
  readonly usage: Usage | undefined;
  /** Of its ended Glue runs. */
  readonly dpu: DpuSeconds;
}

/** Reads the use of a job's workers, and prices it together with the capacity that the units have consumed. */
export async function readBill(
  operator: Pick<Operator, "dynamodb" | "jobsTable">,
  snapshot: Pick<Snapshot, "job" | "progress">,
  prices: Prices,
): Promise<JobBill> {
  return jobBill(await readUse(operator, snapshot.job), snapshot, prices);
}

/** Reads what a job's functions and Glue runs have recorded. */
export async function readUse(
  { dynamodb, jobsTable }: Pick<Operator, "dynamodb" | "jobsTable">,
  { id, driver }: Pick<Job, "id" | "driver">,
): Promise<JobUse> {
  const runs = driver === "spark" ? await readRuns(dynamodb, jobsTable, id) : [];
  return { usage: await readUsage(dynamodb, jobsTable, id), dpu: dpuSecondsOf(runs) };
}

/** Pure. */
export function jobBill(
  { usage, dpu }: JobUse,
  { job, progress }: Pick<Snapshot, "job" | "progress">,
  prices: Prices,
): JobBill {
  const { region, asOf, currency } = prices;
  const { writing, counts } = progress;
  // A dry run writes nothing.
  const read = counts.rcu + (writing?.lookups?.rcu ?? 0);
  const write = writing === undefined || writing.dryRun ? 0 : allWriteUnits(writing.consumed, job.target);
  return {
    ...billOf(usage ?? noUsage, { read, write }, prices, dpu),
    ...(job.driver === "spark" ? { dpu } : {}),
    ...(usage === undefined ? {} : { usage }),
    soFar: isActive(progress),
    prices: { region, asOf, currency },
  };
}

/** The bill as one line: by part, or only the capacity if nothing else is known. */
export function describeJobBill(bill: JobBill): string {
  const { region, asOf } = bill.prices;
  const at = `at prices of ${region}, ${asOf}`;
  const when =
    bill.dpu === undefined
      ? "workers add what they use when their invocations end"
      : "Glue's part is added when its run ends";
  const later = bill.soFar ? `; ${when}` : "";
  if (bill.usage !== undefined) return `${describeBill(bill)}, ${at}${later}`;
  return `${dollars(bill.dollars)} for capacity, ${at}; its workers did not record what they used`;
}
