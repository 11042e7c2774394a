import { readFileSync } from "node:fs";
import { join } from "node:path";
import { estimateJob } from "../../../shared/cost/estimateJob";
import type { JobPlan } from "../../../shared/cost/jobPlan";
import { listPrices, type Prices } from "../../../shared/cost/prices";
import { automaticSegments } from "../../../shared/sources/table/segments";
import { plan } from "./jobPlans";

const GIBIBYTE = 1024 ** 3;
const drivers = (rate: number, changes: Partial<JobPlan> = {}) => estimateJob(plan(rate, changes), listPrices).drivers;
const workers = { memoryMegabytes: 256, timeoutSeconds: 60, maximumConcurrency: 16 };

describe("the cost of a job by driver", () => {
  test("is the bill's cost, with the queue driver", () => {
    const { drivers, bill } = estimateJob(plan(100), listPrices);
    expect(drivers.queue).toBe(bill.dollars);
  });

  test("has three transitions for each turn of a lane with the workflow, and ten for the execution", () => {
    // A rate of 1,000 RCU/s feeds 3 lanes. 60 units take a lane 11 s each, a batch takes half a minute at most, and a worker
    // has 52 s.
    expect(drivers(1_000, { items: 2_000_000, units: 60 }).transitions).toBe(10 + 3 * 30);
    // There is one lane, and two units take 75 s each.
    expect(drivers(100, { items: 120_000, units: 2 }).transitions).toBe(10 + 3 * 2 * 2);
  });

  test("has a fourth one for each page but a unit's first, at a rate so low that each page has a turn", () => {
    const { pages, drivers } = estimateJob(plan(5, { items: 100_000, units: 4 }), listPrices);
    expect(drivers.transitions / (10 + 4 * pages - 4)).toBeCloseTo(1, 2);
  });

  test("differs by the price of transitions above all", () => {
    const { queue, workflow, transitions } = drivers(1_000);
    expect((workflow! - queue!) / (25e-6 * transitions)).toBeCloseTo(1, 0);
  });

  test("differs less with functions that run longer", () => {
    const more = (timeoutSeconds: number) => {
      const { queue, workflow } = drivers(100, { workers: { ...workers, timeoutSeconds } });
      return workflow! - queue!;
    };
    expect(more(900)).toBeLessThan(0.2 * more(60));
  });

  test.each([
    ["stateTransitions", { workflow: null }],
    ["queueRequests", { queue: null, workflow: null }],
  ] as const)("is not known for a driver if %s has no price, and then no driver is cheaper", (name, unknown) => {
    const prices: Prices = {
      ...listPrices,
      prices: { ...listPrices.prices, [name]: { ...listPrices.prices[name], value: null } },
    };
    const { drivers } = estimateJob(plan(100), prices);
    expect(drivers).toMatchObject(unknown);
    expect(drivers).not.toHaveProperty("cheaper");
  });

  test("makes the workflow cheaper if transitions are free and messages are expensive", () => {
    const priced = (name: "stateTransitions" | "queueRequests", value: number) => ({
      [name]: { ...listPrices.prices[name], value },
    });
    const prices = { ...listPrices.prices, ...priced("stateTransitions", 0), ...priced("queueRequests", 1_000) };
    expect(estimateJob(plan(100), { ...listPrices, prices }).drivers.cheaper).toBe("workflow");
    expect(drivers(100).cheaper).toBe("queue");
  });

  test("agrees with the documentation", () => {
    const docs = readFileSync(join(__dirname, "../../../docs/bulk-jobs.md"), "utf8");
    const rows = [
      ...docs.matchAll(/^\| ([\d,]+) GiB +\| ([\d,]+) +\| ([\d,]+) s +\| (\$[\d.]+) +\| (\$[\d.]+) +\|$/gm),
    ];
    const number = (text = "") => Number(text.replace(",", ""));
    const computed = rows.map(([, gibibytes, rcu, seconds]) => {
      const [bytes, rate] = [GIBIBYTE * number(gibibytes), number(rcu)];
      const size = { bytes, items: bytes / 1024, units: automaticSegments(bytes, rate) };
      const { queue, workflow } = drivers(rate, { ...size, workers: { ...workers, timeoutSeconds: number(seconds) } });
      return [queue, workflow].map((dollars) => `$${dollars!.toFixed(4)}`);
    });
    expect(rows).toHaveLength(8);
    expect(rows.map((row) => row.slice(4))).toEqual(computed);
  });
});
