import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type BillPartName, dollarsOf } from "../../../shared/cost/bill";
import { estimateJob } from "../../../shared/cost/estimateJob";
import type { JobPlan } from "../../../shared/cost/jobPlan";
import { START } from "../../../shared/cost/model";
import { listPrices, pricesFrom } from "../../../shared/cost/prices";
import { automaticSegments } from "../../../shared/sources/table/segments";
import { plan } from "./jobPlans";

const estimate = (rate: number, changes: Partial<JobPlan> = {}) => estimateJob(plan(rate, changes), listPrices);
const TEBIBYTE = 1024 ** 4;
const exported = {
  work: { operation: "export", table: "surveys" },
  items: TEBIBYTE / 1024,
  bytes: TEBIBYTE,
  units: 512,
};

/** The cost of everything besides the job's own capacity, as a share of that capacity's cost. */
function overhead(rate: number, changes: Partial<JobPlan> = {}): number {
  const { bill } = estimate(rate, changes);
  const capacity = dollarsOf(bill, "capacity")!;
  return (bill.dollars - capacity) / capacity;
}

describe("a count of 10 GB", () => {
  test("at 100 RCU/s: one worker for 3.5 hours", () => {
    const { rcu, onePassRcu, seconds, workers, usage } = estimate(100);
    expect(onePassRcu).toBe(1_250_000);
    expect(rcu / onePassRcu).toBeCloseTo(1.014, 3);
    expect([workers, seconds]).toEqual([1, expect.closeTo(rcu / 100 + 0.8, 0)]);
    // The start function runs twice. A turn lasts 52 s of the 60.
    expect(usage.invocations).toBe(2 + Math.ceil(rcu / 100 / 52));
    expect(usage.gigabyteSeconds).toBeCloseTo(rcu / 100 / 4 + 9.4, 0);
  });

  test.each([
    [20, 1, 3],
    [100, 1, 0.75],
    [1_000, 3, 0.25],
    [4_000, 10, 0.15],
  ])("at %d RCU/s: %d workers, and all else costs at most %d times the capacity", (rate, workers, most) => {
    expect(estimate(rate).workers).toBe(workers);
    expect(overhead(rate)).toBeLessThan(most);
  });

  test("at 5 RCU/s: a short invocation for each page", () => {
    const { pages, usage } = estimate(5);
    expect(usage.invocations - 2).toBeCloseTo(pages, 0);
    expect(usage.billedMs).toBeCloseTo(800 * pages + 400, -3);
    expect(estimate(5)).toMatchObject({ waiting: 0, waitingDollars: 0, warnings: [] });
  });

  test("takes as long as its workers need, with no more workers than units", () => {
    expect(estimate(10_000, { units: 2 })).toMatchObject({ workers: 2, seconds: expect.closeTo(1_253_000 / 800, -1) });
  });
});

describe("a count of one page", () => {
  const onePage = { items: 5, bytes: 921, onePassRcu: 0.5, units: 1 };

  test.each([0.05, 1, 5, 100])("at %d RCU/s waits for nothing, because a worker's first page never waits", (rate) => {
    expect(estimate(rate, onePage)).toMatchObject({ pages: 1, waiting: 0, seconds: expect.closeTo(0.8, 1) });
  });

  test("at 0.25 RCU/s and of two pages waits once", () => {
    expect(estimate(0.25, { ...onePage, onePassRcu: 1, units: 2 })).toMatchObject({
      pages: 2,
      workers: 1,
      seconds: expect.closeTo(2.8, 1),
    });
  });
});

describe("an export", () => {
  test("of 1 TiB at 1,000 RCU/s costs less than AWS's own", () => {
    const { bill, comparison, usage, rcu } = estimate(1_000, exported);
    expect(comparison).toEqual({ what: "AWS's own export of the table", dollars: expect.closeTo(102.4, 5) });
    expect(bill.dollars).toBeLessThan(comparison!.dollars! / 2);
    // All workers together put once for every 22 pages of 50 RCU, full objects included: once in 1.1 s. And once at each
    // hand-on.
    expect(usage.puts).toBeCloseTo(rcu / 50 / 22 + usage.invocations, -4);
    expect(usage.writeUnits).toBeGreaterThan(TEBIBYTE / (50 * 1024 ** 2));
  });

  test("puts no more often than it reads pages", () => {
    const small = { ...exported, items: 10, bytes: 10_240, units: 1 };
    expect(estimate(100, small).usage.puts).toBeLessThan(8);
  });

  test("of an index has nothing to be compared with", () => {
    const work = { operation: "export", table: "surveys", index: "by-date" };
    expect(estimate(100, { ...exported, work }).comparison).toBeUndefined();
  });
});

test("exports and counts of 1 GiB cost as much as documented", () => {
  const docs = readFileSync(join(__dirname, "../../../docs/bulk-jobs.md"), "utf8");
  const rows = [...docs.matchAll(/^\| ([\d,]+) +\|[^|]+\|((?: \$[\d.]+ +\|){7})$/gm)];
  const bytes = 1024 ** 3;
  const computed = rows.map(([, rate = ""]) => {
    const perSecond = Number(rate.replace(",", ""));
    const size = { items: bytes / 1024, bytes, units: automaticSegments(bytes, perSecond) };
    const billed = (operation: string) => estimate(perSecond, { work: { operation, table: "surveys" }, ...size }).bill;
    const [ofExport, ofCount] = [billed("export"), billed("count")];
    const parts = (["capacity", "lambda", "jobsTable", "sqs", "s3"] as const).map((part) => dollarsOf(ofExport, part)!);
    return [...parts, ofExport.dollars, ofCount.dollars].map((dollars) => `$${dollars.toFixed(4)}`);
  });
  expect(rows).toHaveLength(5);
  expect(rows.map(([, , cells = ""]) => cells.match(/\$[\d.]+/g))).toEqual(computed);
});

describe("an empty job", () => {
  test("costs its start, its units and its end, but no waiting", () => {
    const { rcu, workers, usage, seconds } = estimate(100, { items: 0, bytes: 0, units: 4 });
    expect([rcu, workers, Math.round(seconds)]).toEqual([2, 1, 1]);
    // The start; claim, take and end of four units; chain, ledger and a last claim; the end.
    expect(usage.writeUnits).toBeCloseTo(START.writeUnits + 4 * 3 + 5 + 2, 0);
  });
});

test("an invocation's own time is not waiting for capacity", () => {
  expect(estimate(6_000, { items: 5, bytes: 921, units: 1 })).toMatchObject({ waiting: 0, waitingDollars: 0 });
});

describe("warnings", () => {
  test.each<[string, number, Partial<JobPlan>, RegExp[]]>([
    ["none, if all is well", 1_000, {}, []],
    ["none, if the start costs more than the capacity", 100, { items: 100, bytes: 102_400, units: 1 }, []],
    ["none, if a job of one page would cost the same at any rate", 6_000, { items: 5, bytes: 921, units: 1 }, []],
    ["none, if a job is over in seconds", 20, { items: 5, bytes: 921, units: 1 }, []],
    [
      "waiting workers",
      15,
      { workers: { memoryMegabytes: 1_024, timeoutSeconds: 60, maximumConcurrency: 16 } },
      [/^Waiting workers dominate .* 95 % .* higher --read-rate/],
    ],
    ["none, if a short job could be faster", 1_000, { items: 1_000, bytes: 1_024_000, units: 1 }, []],
    ["too few workers", 10_000, {}, [/^The rate can't be reached: 16 workers run at most .*, 6400 of 10000 RCU\/s\.$/]],
    [
      "too few segments",
      1_000,
      { units: 1 },
      [/^The rate can't be reached: 1 segment is read by .*, 400 of 1000 RCU\/s\.$/],
    ],
    [
      "more days than the queue keeps messages",
      1,
      { workers: { memoryMegabytes: 128, timeoutSeconds: 60, maximumConcurrency: 2 } },
      [/takes about 15 days, and the queue keeps a message for 13/],
    ],
    [
      "a rate above the table's own",
      100,
      { capacity: { perSecond: 50, paidBy: "request" } },
      [/serves now, 50 RCU\/s/],
    ],
    ["a size that is not known", 100, { items: 0, bytes: 0 }, [/^The size of table surveys is not known/]],
    [
      "and the start function's warnings come first",
      100,
      { bytes: 0, items: 0, warnings: ["Another job."] },
      [/^Another job\.$/, /size/],
    ],
  ])("%s", (_, rate, changes, expected) => {
    const { warnings } = estimate(rate, changes);
    expect(warnings).toEqual(expected.map((each) => expect.stringMatching(each)));
  });
});

describe("notes", () => {
  test.each<[string, Partial<JobPlan>, RegExp[]]>([
    ["none for a count", { filtered: true }, []],
    [
      "an operation of one's own",
      { work: { operation: "histogram", table: "surveys" } },
      [/^histogram .* estimated as a count/],
    ],
    [
      "an export with a filter",
      { ...exported, filtered: true },
      [/^With the filter or projection there is less to write/],
    ],
    [
      "provisioned capacity",
      { capacity: { perSecond: 200, paidBy: "hour" } },
      [/by the hour, whether it is used or not/],
    ],
  ])("%s", (_, changes, expected) => {
    expect(estimate(100, changes).notes).toEqual(expected.map((each) => expect.stringMatching(each)));
  });
});

test("a price that is missing leaves its part unpriced and stops nothing", () => {
  const prices = pricesFrom('{ "prices": { "functionGigabyteSeconds": { "value": null } } }', "mine.json");
  const { bill, warnings } = estimateJob(plan(15), prices);
  const priced = (part: BillPartName) => dollarsOf(bill, part) !== null;
  expect([priced("lambda"), priced("capacity"), bill.notPriced, warnings]).toEqual([
    false,
    true,
    ["functionGigabyteSeconds"],
    [],
  ]);
});
