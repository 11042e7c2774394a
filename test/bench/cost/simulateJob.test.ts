import { INIT_MS, pageTimes } from "../../../bench/cost/simulation/assumed";
import { simulateJob } from "../../../bench/cost/simulation/simulateJob";
import { evennessOf } from "../../../bench/cost/timeline";

const lambda = { maximumConcurrency: 16, timeoutSeconds: 60, memoryMegabytes: 256, initMs: INIT_MS };

function simulate(operation: "count" | "export", rate: number, seconds: number) {
  const items = Math.ceil((rate * seconds * 8_192) / 1_000);
  const table = { items, itemBytes: 1_000, segments: 8 };
  return simulateJob({ operation, rate, seed: 1, ...table, ...pageTimes(operation, 256), lambda });
}

test("a simulated job reads the whole table within its limit", async () => {
  const { rcu, undisturbedRcu, consumption, billedMs, waitedMs, usage } = await simulate("count", 1_000, 30);
  expect(undisturbedRcu).toBeCloseTo(30_000, -1);
  expect(rcu).toBeGreaterThanOrEqual(undisturbedRcu);
  expect(rcu).toBeLessThan(1.05 * undisturbedRcu);
  const { mean, worst, ms } = evennessOf(consumption, 1_000);
  expect(mean).toBeGreaterThan(0.95);
  expect(mean).toBeLessThanOrEqual(1.01);
  expect(worst).toBeLessThan(1.2);
  expect(ms).toBeGreaterThan(29_000);
  // Workers wait for capacity in part of the time that Lambda bills, and no more than that.
  expect(waitedMs).toBeGreaterThan(0);
  expect(waitedMs).toBeLessThan(billedMs);
  expect(usage.gigabyteSeconds).toBeCloseTo(billedMs / 4_000);
  expect(usage.puts).toBe(0);
});

test("a simulated job is the same each time, and an export puts objects", async () => {
  const [first, second] = [await simulate("export", 400, 10), await simulate("export", 400, 10)];
  expect(second).toEqual(first);
  expect(first.usage.puts).toBeGreaterThanOrEqual(8 + 2);
});

test("workers that are too slow for a rate do not reach it", async () => {
  const { consumption } = await simulate("count", 40_000, 10);
  expect(evennessOf(consumption, 40_000).mean).toBeLessThan(0.5);
});
