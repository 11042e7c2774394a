/** Estimates against simulated jobs, for rates at which one machine can't run a job's workers. */
import { INIT_MS, pageTimes } from "../../../../bench/cost/simulation/assumed";
import { simulateJob } from "../../../../bench/cost/simulation/simulateJob";
import { sizeFor } from "../../../../bench/cost/table";
import { billOf } from "../../../../shared/cost/bill";
import { estimateJob } from "../../../../shared/cost/estimateJob";
import { listPrices } from "../../../../shared/cost/prices";
import { automaticSegments } from "../../../../shared/sources/table/segments";
import { plan } from "../../../shared/cost/jobPlans";

const ITEM_BYTES = 1_000;
const CLOSE = 0.15;

type Case = readonly [operation: "count" | "export", rate: number, seconds: number];

test.each<Case>([
  ["count", 5, 300],
  ["count", 20, 300],
  ["export", 20, 300],
  ["count", 100, 300],
  ["export", 100, 300],
  ["count", 400, 120],
  ["count", 1_000, 120],
  ["export", 1_000, 120],
  ["count", 2_000, 60],
  ["export", 2_000, 60],
  ["count", 4_000, 60],
  ["export", 4_000, 60],
])("%s at %d RCU/s for %d s consumes and costs what is estimated", async (operation, rate, seconds) => {
  const { items, bytes } = sizeFor(rate, seconds, ITEM_BYTES, Number.POSITIVE_INFINITY);
  const units = automaticSegments(bytes, rate);
  const work = { operation, table: "surveys" };
  const given = plan(rate, { work, items, bytes, units });
  const job = await simulateJob({
    ...{ operation, rate, items, itemBytes: ITEM_BYTES, segments: units, seed: 1 },
    ...pageTimes(operation, given.workers.memoryMegabytes),
    lambda: { ...given.workers, initMs: INIT_MS },
  });
  const cost = billOf(job.usage, { read: job.rcu }, listPrices).dollars;
  const estimate = estimateJob(given, listPrices);
  expect(Math.abs(estimate.rcu / job.rcu - 1)).toBeLessThan(CLOSE);
  expect(Math.abs(estimate.bill.dollars / cost - 1)).toBeLessThan(CLOSE);
});
