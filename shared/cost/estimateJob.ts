/** Estimates a job's consumption, cost and duration before it runs. Pure; the model's parameters are in model.ts. */
import { billOf } from "./bill";
import { chainsOf } from "./chains";
import { compareDrivers } from "./compareDrivers";
import { noDpuSeconds } from "./dpuSeconds";
import type { Comparison, Estimate } from "./estimate";
import type { JobPlan } from "./jobPlan";
import { queueUsage } from "./jobUsage";
import { type Demand, demandOf, rateIn } from "./load";
import { dollarsFor, type Prices } from "./prices";
import { type SparkWork, sparkWork } from "./spark";
import { notesOn, warningsOf } from "./warnings";

const GIGABYTE = 1024 ** 3;

export function estimateJob(plan: JobPlan, prices: Prices): Estimate {
  const { work, onePassRcu, workers: settings } = plan;
  const rcuPerSecond = rateIn(plan, "read") ?? 0;
  const demand = demandOf(plan);
  const rcu = Math.round(2 * demand.rcu) / 2;
  const capacity = { read: rcu + demand.lookupRcu, write: demand.wcu };
  const byQueue = queueWork(plan, demand);
  const bySpark = plan.spark && { ...sparkWork(plan, demand.load, plan.spark), waiting: 0, waited: 0 };
  const billFor = ({ usage, dpu }: Work) => billOf(usage, capacity, prices, dpu);
  const bills = { queue: billFor(byQueue), spark: bySpark && billFor(bySpark) };
  const isSparks = plan.driver === "spark" && bySpark !== undefined;
  const { workers, waiting, waited, usage, dpu, seconds } = isSparks ? bySpark : byQueue;
  const bill = isSparks ? bills.spark! : bills.queue;
  const comparison = comparisonOf(plan, prices);
  const waitingDollars = dollarsFor(waited, "functionGigabyteSeconds", prices) ?? null;
  const figures = {
    ...{
      work,
      rcuPerSecond,
      rcu,
      onePassRcu,
      pages: Math.round(demand.load.count),
      seconds: Math.round(10 * seconds) / 10,
    },
    ...writingOf(plan, demand),
    ...{ workers, waiting, waitingDollars, usage, bill },
    ...(isSparks ? { dpuHours: (dpu.standard + dpu.flex) / 3_600 } : {}),
  };
  return {
    ...figures,
    drivers: compareDrivers(plan, demand, bills, prices),
    ...(comparison === undefined ? {} : { comparison }),
    warnings: [...plan.warnings, ...warningsOf(plan, figures, settings)],
    notes: notesOn(plan),
    prices: { region: prices.region, asOf: prices.asOf, currency: prices.currency },
  };
}

/** How a driver's workers process the job. */
interface Work extends SparkWork {
  /** Share of the billed time of Lambda's workers in which they wait for capacity, 0 to 1, and the gigabyte-seconds of it. */
  readonly waiting: number;
  readonly waited: number;
}

function queueWork(plan: JobPlan, { load }: Demand): Work {
  const chains = chainsOf(plan, load);
  const waited = chains.waiting * chains.usage.gigabyteSeconds;
  return { ...chains, usage: queueUsage(chains), waited, dpu: noDpuSeconds };
}

function writingOf(plan: JobPlan, { wcu, lookupRcu, binds }: Demand): Pick<Estimate, "writing"> {
  if (plan.changes === undefined) return {};
  const wcuPerSecond = rateIn(plan, "write");
  const rate = wcuPerSecond === undefined ? {} : { wcuPerSecond };
  const lookupRate = rateIn(plan, "lookup");
  const lookups = lookupRate === undefined ? {} : { lookups: { rcu: lookupRcu, rcuPerSecond: lookupRate } };
  return { writing: { ...plan.changes, wcu, ...rate, ...lookups, ...(binds === undefined ? {} : { binds }) } };
}

/** AWS exports tables, but not indexes. It has no service that changes or counts items, or runs users' code on them. */
function comparisonOf({ work, bytes, changes, source }: JobPlan, prices: Prices): Comparison | undefined {
  if (work.index !== undefined || bytes === 0 || changes !== undefined || source !== undefined) return undefined;
  return {
    what: "AWS's own export of the table",
    dollars: dollarsFor(bytes / GIGABYTE, "tableExportGigabytes", prices) ?? null,
  };
}
