import { dollarsOf } from "../../../shared/cost/bill";
import { estimateJob } from "../../../shared/cost/estimateJob";
import type { JobPlan } from "../../../shared/cost/jobPlan";
import { listPrices } from "../../../shared/cost/prices";
import { plan } from "./jobPlans";

const rates = (read: number | undefined, write: number | undefined): JobPlan["limits"] => [
  ...(read === undefined ? [] : [{ direction: "read", table: "surveys", limits: { table: read } } as const]),
  ...(write === undefined ? [] : [{ direction: "write", table: "surveys", limits: { table: write } } as const]),
];

/** An update of a million items of 1,500 bytes. */
function update(changes: Partial<JobPlan> = {}) {
  const items = 1_000_000;
  const writing = { work: { operation: "update", table: "surveys" }, changes: { table: "surveys", dryRun: false } };
  return estimateJob(plan(1, { items, bytes: items * 1_500, ...writing, ...changes }), listPrices);
}
const fromExport = { source: "export", limits: rates(undefined, 1_000), onePassRcu: 0, units: 40 };

test("writes are counted at the average size, rounded up to 1 KB", () => {
  const { rcu, rcuPerSecond, writing, seconds, bill } = update(fromExport);
  expect({ rcu, rcuPerSecond, writing }).toEqual({
    ...{ rcu: 0, rcuPerSecond: 0 },
    writing: { table: "surveys", dryRun: false, wcu: 2_000_000, wcuPerSecond: 1_000, binds: "write" },
  });
  expect(seconds).toBeCloseTo(2_000.8, 1);
  expect(dollarsOf(bill, "capacity")).toBeCloseTo(1.25);
});

test.each<[string, number, number, "read" | "write"]>([
  ["the reads", 20, 2_000, "read"],
  ["the writes", 1_000, 200, "write"],
])("the duration follows from %s if they take longer", (_, read, write, binds) => {
  const { writing, seconds, rcu } = update({ limits: rates(read, write) });
  expect(writing).toMatchObject({ binds, wcu: 2_000_000 });
  expect(seconds).toBeCloseTo(0.8 + (binds === "read" ? rcu / read : 2_000_000 / write), 0);
});

test("a list of keys costs the read of each item", () => {
  const { rcu } = update({ source: "keys", items: 1_000, bytes: 1_500_000, onePassRcu: 500, limits: rates(100, 100) });
  expect(rcu).toBe(500);
});

test("a dry run writes nothing; from an export it consumes no capacity at all", () => {
  const changes = { table: "surveys", dryRun: true };
  const { bill, writing, warnings, notes } = update({ ...fromExport, changes, limits: [] });
  expect([dollarsOf(bill, "capacity"), writing]).toEqual([0, { table: "surveys", dryRun: true, wcu: 0 }]);
  expect([warnings, notes]).toEqual([[], []]);
  expect(update({ changes, limits: rates(100, 50) }).writing).toMatchObject({ wcu: 0, binds: "read" });
});

test("a dry run that looks into the table reads each item there, and lasts as long as that takes", () => {
  const changes = { table: "surveys", dryRun: true };
  const lookup = { direction: "read", purpose: "lookup", table: "surveys", limits: { table: 100 } } as const;
  const { bill, rcu, writing, seconds } = update({ ...fromExport, changes, limits: [lookup] });
  expect(writing).toMatchObject({ wcu: 0, lookups: { rcu: 1_000_000, rcuPerSecond: 100 }, binds: "read" });
  expect(rcu).toBe(0);
  expect(seconds).toBeCloseTo(10_000.8, 0);
  expect(dollarsOf(bill, "capacity")).toBeCloseTo(0.125);
  const large = update({ ...fromExport, bytes: 1_000_000 * 5_000, changes, limits: [lookup] });
  expect(large.writing?.lookups?.rcu).toBe(2_000_000);
  const faster = { ...lookup, limits: { table: 1e6 } };
  expect(update({ changes, limits: [...rates(20, undefined), faster] }).seconds).toBeCloseTo(
    update({ changes, limits: rates(20, undefined) }).seconds,
    0,
  );
});

test("a count of an export consumes no capacity", () => {
  const { changes: _, ...counted } = plan(1, { ...fromExport, limits: [] });
  expect(estimateJob(counted, listPrices)).toMatchObject({ rcu: 0, workers: 16 });
});

test("there is a request to S3 for each file and each manifest", () => {
  expect(update(fromExport).usage.gets).toBeGreaterThan(40);
});

test("reports unknown figures: indexes, and the number of keys of a list", () => {
  expect(update(fromExport).notes).toEqual([
    expect.stringMatching(/indexes of table surveys .*--dry-run for exact figures\.$/),
  ]);
  const list = { source: "keys", items: 0, bytes: 0, onePassRcu: 0, limits: rates(100, 100) };
  expect(update(list).warnings).toEqual([expect.stringMatching(/^The number of keys on the list is not known,/)]);
});
