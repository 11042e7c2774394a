/** Whole jobs on virtual time. */
import { assess, type CostReport } from "../../../../bench/cost/report";
import { INIT_MS, pageTimes } from "../../../../bench/cost/simulation/assumed";
import { type Simulated, type SimulationOptions, simulateJob } from "../../../../bench/cost/simulation/simulateJob";
import { automaticSegments } from "../../../../shared/sources/table/segments";

const ITEM_BYTES = 1_000;

type Given = Pick<SimulationOptions, "operation" | "rate"> & Partial<SimulationOptions>;

/** A job over so many megabytes, with workers of 256 MB. */
async function job(megabytes: number, given: Given): Promise<{ outcome: Simulated; report: CostReport }> {
  const items = Math.floor((megabytes * 2 ** 20) / ITEM_BYTES);
  const bytes = items * ITEM_BYTES;
  const { operation, rate } = given;
  const segments = given.segments ?? automaticSegments(bytes, rate);
  const outcome = await simulateJob({
    ...{ items, itemBytes: ITEM_BYTES, segments, seed: 1 },
    ...pageTimes(operation, 256),
    lambda: { maximumConcurrency: 16, timeoutSeconds: 60, memoryMegabytes: 256, initMs: INIT_MS },
    ...given,
  });
  const about = { operation, rate, items, bytes, undisturbedRcu: outcome.undisturbedRcu };
  return { outcome, report: assess({ ...outcome, units: segments }, about) };
}

function figure({ figures }: CostReport, name: string): number {
  return figures.find((each) => each.name === name)!.measured;
}

const chains = ({ chains: all }: Simulated) => all.map((each) => each.chains);

test("each unit is claimed, taken and ended once, and the job ends once", async () => {
  const { outcome } = await job(64, { operation: "count", rate: 1_000, segments: 16 });
  const { calls, rcu, undisturbedRcu } = outcome;
  expect(calls).toMatchObject({ "units.finish": 16, "jobs.announced": 1 });
  expect(calls["jobs.claim"]).toBeGreaterThanOrEqual(16);
  expect(rcu / undisturbedRcu).toBeGreaterThanOrEqual(1);
  expect(rcu / undisturbedRcu).toBeLessThan(1.02);
});

test("the same seed gives the same figures", async () => {
  const given: Given = { operation: "export", rate: 500 };
  const [first, second] = [await job(32, given), await job(32, given)];
  expect(first.outcome).toEqual(second.outcome);
});

test.each<[Given, number]>([
  [{ operation: "count", rate: 20 }, 48],
  [{ operation: "count", rate: 100 }, 96],
  [{ operation: "export", rate: 100 }, 96],
])("one worker does a slow job alone: %p", async (given, megabytes) => {
  const { outcome, report } = await job(megabytes, given);
  expect(chains(outcome)).toEqual([1]);
  expect(figure(report, "mean")).toBeGreaterThanOrEqual(0.98);
  expect(figure(report, "capacity by one undisturbed pass")).toBeLessThanOrEqual(1.05);
  expect(figure(report, "everything else by capacity")).toBeLessThanOrEqual(given.rate < 100 ? 3 : 0.75);
});

test.each<[Given, number]>([
  [{ operation: "count", rate: 1_000 }, 470],
  [{ operation: "export", rate: 1_000 }, 940],
])("several workers do a fast job, as many as it needs: %p", async (given, megabytes) => {
  const { outcome, report } = await job(megabytes, given);
  expect(Math.min(...chains(outcome))).toBeGreaterThanOrEqual(3);
  expect(Math.max(...chains(outcome))).toBeLessThanOrEqual(6);
  expect(figure(report, "mean")).toBeGreaterThanOrEqual(0.98);
  expect(figure(report, "tail")).toBeLessThanOrEqual(0.05);
  expect(figure(report, "everything else by capacity")).toBeLessThanOrEqual(0.25);
  expect(figure(report, "waiting by Lambda's time")).toBeLessThanOrEqual(0.5);
  if (given.operation === "export") expect(figure(report, "puts by capacity")).toBeLessThanOrEqual(0.1);
});

test("the number of chains stays the same while the rate stays the same", async () => {
  const { outcome } = await job(1_024, { operation: "count", rate: 1_000 });
  expect(chains(outcome).length).toBeLessThanOrEqual(2);
});

test("a raised rate gets its workers within two seconds", async () => {
  const atMs = 20_000;
  const changes = [{ atMs, rate: 4_000 }];
  const { outcome } = await job(1_024, { operation: "count", rate: 500, segments: 100, changes });
  const after = outcome.chains.find((each) => each.atMs > atMs)!;
  expect(after.atMs).toBeLessThanOrEqual(atMs + 2_000);
  expect(after.chains).toBeGreaterThanOrEqual(8);
  const from = outcome.consumption.consumption[0]!.at + atMs + 3_000;
  const slots = outcome.consumption.consumption.filter(({ at }) => at >= from && at < from + 10_000);
  const perSecond = slots.reduce((sum, { rcu }) => sum + rcu, 0) / 10;
  expect(perSecond).toBeGreaterThan(0.9 * 4_000);
});

test("a lowered rate leaves no more workers than it needs", async () => {
  const changes = [{ atMs: 20_000, rate: 500 }];
  const { outcome } = await job(768, { operation: "count", rate: 4_000, changes });
  const after = outcome.chains.filter(({ atMs }) => atMs > 20_000 && atMs < 22_000);
  expect(after.length).toBeGreaterThan(0);
  expect(after.at(-1)!.chains).toBeLessThanOrEqual(2);
});

test.each([1, 2, 3, 4])(
  "a lowered rate is used in full once what was spent under the old one is waited out, seed %d",
  async (seed) => {
    const atMs = 20_000;
    const changes = [{ atMs, rate: 200 }];
    const { outcome } = await job(400, { operation: "count", rate: 2_000, changes, seed });
    // The job starts at a whole second and reads its first page before the next one.
    const start = 1_000 * Math.floor(outcome.consumption.consumption[0]!.at / 1_000);
    const share = (fromMs: number, toMs: number) => {
      const inside = outcome.consumption.consumption.filter(({ at }) => at >= start + fromMs && at < start + toMs);
      return inside.reduce((sum, { rcu }) => sum + rcu, 0) / 200 / ((toMs - fromMs) / 1_000);
    };
    // The job waits out the cost of pages under way at the change. Besides that, it loses less than a second's capacity, while
    // workers of which it has too many leave: at once, or once it has measured for three seconds what the others need.
    expect(share(atMs, atMs + 6_000)).toBeGreaterThan(5 / 6);
    expect(share(atMs, atMs + 6_000)).toBeLessThan(8 / 6);
    expect(share(atMs, atMs + 10_000)).toBeGreaterThan(9 / 10);
    for (let from = atMs + 10_000; from < atMs + 30_000; from += 5_000)
      expect(share(from, from + 5_000)).toBeGreaterThan(0.95);
  },
);

test("a rate that was very low and is raised again is in force within half a minute, although chains rest by then", async () => {
  const atMs = 120_000;
  const changes = [
    { atMs: 10_000, rate: 1 },
    { atMs, rate: 4_000 },
  ];
  const { outcome } = await job(1_024, { operation: "count", rate: 4_000, changes });
  const slots = outcome.consumption.consumption;
  const next = slots.find(({ at, rcu }) => rcu > 0 && at >= slots[0]!.at + atMs)!;
  expect(next.at - slots[0]!.at - atMs).toBeLessThanOrEqual(32_000);
  expect(outcome.chains.at(-1)!.chains).toBeGreaterThanOrEqual(8);
});
