/** What a job will consume, cost and take, before it runs. Pure; its model parameters are in model.ts. */
import { billOf } from "./bill";
import { chainsOf } from "./chains";
import { compareDrivers } from "./compareDrivers";
import type { Comparison, Estimate } from "./estimate";
import type { JobPlan } from "./jobPlan";
import { queueUsage } from "./jobUsage";
import { type Demand, demandOf, rateIn } from "./load";
import { dollarsFor, type Prices } from "./prices";
import { notesOn, warningsOf } from "./warnings";

const GIGABYTE = 1024 ** 3;

export function estimateJob(plan: JobPlan, prices: Prices): Estimate {
  const { work, onePassRcu, workers: settings } = plan;
  const rcuPerSecond = rateIn(plan, "read") ?? 0;
  const demand = demandOf(plan);
  const chains = chainsOf(plan, demand.load);
  const usage = queueUsage(chains);
  const rcu = Math.round(2 * demand.rcu) / 2;
  const bill = billOf(usage, { read: rcu, write: demand.wcu }, prices);
  const comparison = comparisonOf(plan, prices);
  const waited = chains.waiting * chains.usage.gigabyteSeconds;
  const waitingDollars = dollarsFor(waited, "functionGigabyteSeconds", prices) ?? null;
  const figures = {
    ...{
      work,
      rcuPerSecond,
      rcu,
      onePassRcu,
      pages: Math.round(demand.load.count),
      seconds: Math.round(10 * chains.seconds) / 10,
    },
    ...writingOf(plan, demand),
    ...{ workers: chains.workers, waiting: chains.waiting, waitingDollars, usage, bill },
  };
  return {
    ...figures,
    drivers: compareDrivers(plan, demand, bill, prices),
    ...(comparison === undefined ? {} : { comparison }),
    warnings: [...plan.warnings, ...warningsOf(plan, figures, settings)],
    notes: notesOn(plan),
    prices: { region: prices.region, asOf: prices.asOf, currency: prices.currency },
  };
}

function writingOf(plan: JobPlan, { wcu, binds }: Demand): Pick<Estimate, "writing"> {
  if (plan.changes === undefined) return {};
  const wcuPerSecond = rateIn(plan, "write");
  const rate = wcuPerSecond === undefined ? {} : { wcuPerSecond };
  return { writing: { ...plan.changes, wcu, ...rate, ...(binds === undefined ? {} : { binds }) } };
}

/** AWS exports tables, not indexes, and changes nothing. It counts nothing, and lets nobody run code of their own. */
function comparisonOf({ work, bytes, changes, source }: JobPlan, prices: Prices): Comparison | undefined {
  if (work.index !== undefined || bytes === 0 || changes !== undefined || source !== undefined) return undefined;
  return {
    what: "AWS's own export of the table",
    dollars: dollarsFor(bytes / GIGABYTE, "tableExportGigabytes", prices) ?? null,
  };
}
