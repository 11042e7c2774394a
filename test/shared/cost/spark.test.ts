import { billOf, dollarsOf } from "../../../shared/cost/bill";
import { dpuSecondsOf } from "../../../shared/cost/dpuSeconds";
import { estimateJob } from "../../../shared/cost/estimateJob";
import type { JobPlan, SparkSettings } from "../../../shared/cost/jobPlan";
import { listPrices } from "../../../shared/cost/prices";
import { tasksOf } from "../../../shared/cost/spark";
import { noUsage } from "../../../shared/cost/usage";
import { plan } from "./jobPlans";

const three: SparkSettings = { workers: 3, dpusPerWorker: 1, flex: false, timeoutMinutes: 2_880 };
const estimate = (rate: number, spark: Partial<SparkSettings> = {}, changes: Partial<JobPlan> = {}) =>
  estimateJob(plan(rate, { driver: "spark", spark: { ...three, ...spark }, units: 64, ...changes }), listPrices);

describe("Glue's time", () => {
  test("is paid by the DPU-hour, less with class FLEX", () => {
    const dollars = (dpu: { standard: number; flex: number }) =>
      dollarsOf(billOf(noUsage, {}, listPrices, dpu), "glue");
    expect(dollars({ standard: 3_600, flex: 0 })).toBeCloseTo(0.44, 12);
    expect(dollars({ standard: 0, flex: 7_200 })).toBeCloseTo(0.58, 12);
  });

  test("of a job is the sum over its runs, by class", () => {
    const runs = [
      { dpuSeconds: 180, flex: false },
      { dpuSeconds: 900.5, flex: true },
      { dpuSeconds: 20, flex: false },
    ];
    expect(dpuSecondsOf(runs)).toEqual({ standard: 200, flex: 900.5 });
    expect(dpuSecondsOf([])).toEqual({ standard: 0, flex: 0 });
  });
});

test.each([
  [3, 1, 8],
  [2, 2, 8],
  [11, 2, 80],
])("a run of %d workers of %d DPU has %d tasks: one worker only drives the others", (workers, dpusPerWorker, tasks) => {
  expect(tasksOf({ ...three, workers, dpusPerWorker })).toBe(tasks);
});

describe("a job of the spark driver", () => {
  test("pays all workers of its run from beginning to end, and for at least a minute", () => {
    const { dpuHours, seconds } = estimate(3_200);
    // The time before the run begins is not paid.
    expect(dpuHours).toBeCloseTo((3 * (seconds - 30)) / 3_600, 3);
    const short = estimate(3_200, {}, { items: 1_000 });
    expect(short.dpuHours).toBeCloseTo((3 * 60) / 3_600, 6);
  });

  test("is as fast as its tasks, if they are too few for the rate", () => {
    const [slow, fast] = [estimate(12_000), estimate(12_000, { workers: 9 })];
    expect([slow.workers, fast.workers]).toEqual([8, 30]);
    expect(slow.warnings).toContain(
      "The rate can't be reached: 8 tasks run at most (config glueWorkers), and each reads about 400 RCU/s, 3200 of 12000 RCU/s.",
    );
    expect(fast.warnings.join()).not.toMatch(/can't be reached/);
  });

  test("costs as much as its bill, which has Glue in place of Lambda's workers", () => {
    const { bill, drivers, usage } = estimate(3_200);
    expect(drivers.spark).toBe(bill.dollars);
    expect(dollarsOf(bill, "glue")!).toBeGreaterThan(10 * dollarsOf(bill, "lambda")!);
    // The start function runs twice; then come the worker that ends the job and the function that looks at the run's end.
    expect(usage.invocations).toBe(4);
  });

  test("warns of tasks that find no work at the rate, but are paid", () => {
    const idle = /At this rate, (\d+) of the (\d+) tasks of a Glue run find work/;
    expect(estimate(400, { workers: 10 }).warnings.join()).toMatch(idle);
    expect(idle.exec(estimate(400, { workers: 10 }).warnings.join())!.slice(1)).toEqual(["1", "36"]);
    expect(estimate(3_200).warnings.join()).not.toMatch(idle);
  });

  test("warns of a run's time-out, and not of the queue's retention", () => {
    const { warnings } = estimate(5, { timeoutMinutes: 600 });
    expect(warnings.join()).toMatch(/takes about \d+ hours, and a Glue run ends after 600 minutes/);
    expect(warnings.join()).not.toMatch(/queue keeps/);
    expect(estimate(3_200).warnings.join()).not.toMatch(/a Glue run ends/);
  });
});

describe("the comparison of drivers", () => {
  const compared = (changes: Partial<JobPlan>) =>
    estimateJob(plan(3_200, { units: 64, ...changes }), listPrices).drivers;

  test("has the spark driver if the stack has one, whatever the job's driver is", () => {
    const { spark, cheaper } = compared({ spark: three });
    expect([spark! > 0, cheaper]).toEqual([true, "queue"]);
    expect(compared({})).not.toHaveProperty("spark");
    expect(compared({ spark: three, driver: "workflow" }).spark).toBe(spark);
  });

  test("names it as the cheapest if Glue is free and Lambda expensive", () => {
    const { prices } = listPrices;
    const priced = {
      ...prices,
      dpuHours: { ...prices.dpuHours, value: 0 },
      functionGigabyteSeconds: { ...prices.functionGigabyteSeconds, value: 1 },
    };
    const { drivers } = estimateJob(plan(3_200, { spark: three, units: 64 }), { ...listPrices, prices: priced });
    expect(drivers.cheaper).toBe("spark");
  });

  test("names none if Glue has no price", () => {
    const prices = { ...listPrices.prices, dpuHours: { ...listPrices.prices.dpuHours, value: null } };
    const { drivers } = estimateJob(plan(3_200, { spark: three, units: 64 }), { ...listPrices, prices });
    expect(drivers.spark).toBeNull();
    expect(drivers).not.toHaveProperty("cheaper");
  });
});
