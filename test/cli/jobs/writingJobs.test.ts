import { describeBottleneck, describeLeft, describeProgress, describeRate } from "../../../cli/jobs/describe";
import { dryRunFigures } from "../../../cli/jobs/describeWriting";
import { jobBill } from "../../../cli/jobs/jobBill";
import { renderList } from "../../../cli/jobs/renderList";
import { renderShow } from "../../../cli/jobs/renderShow";
import type { Snapshot } from "../../../cli/jobs/snapshot";
import { renderEnd } from "../../../cli/jobs/watchJob";
import { dollarsOf } from "../../../shared/cost/bill";
import { noDpuSeconds } from "../../../shared/cost/dpuSeconds";
import { listPrices } from "../../../shared/cost/prices";
import type { Job, JobLimit } from "../../../shared/jobs/job";
import { jobProgress } from "../../../shared/jobs/progress";
import type { Unit } from "../../../shared/jobs/unit";
import { noOutcomes } from "../../../shared/writing/outcomes";
import { nothingWritten, type Written } from "../../../shared/writing/written";
import { job, NOW, reading, snapshot } from "./jobs";

/** Of a job whose functions and Glue runs recorded nothing. */
const noUse = { usage: undefined, dpu: noDpuSeconds };

const target = {
  ...{ name: "surveys", keys: ["id"], keyTypes: { id: "S" as const } },
  indexes: [
    { name: "by-day", kind: "global", keys: ["day"], projection: "ALL" },
    { name: "by-size", kind: "local", keys: ["id", "size"], projection: "ALL" },
  ] as const,
};
const write: JobLimit = { direction: "write", table: "surveys", limits: { table: 50, indexes: { "by-day": 10 } } };
const update = {
  work: { operation: "update", table: "surveys" },
  operation: { name: "update", params: {} },
  target,
  limits: [...reading(100), write],
} satisfies Partial<Job>;
const exported = { ...update, limits: [write], source: { kind: "export", table: "surveys" } as Job["source"] };
const dryRun = { ...update, operation: { name: "update", params: { dryRun: true } } };

function written(part: Partial<Written>): Partial<Unit> {
  return { wcuPerSecond: 30, result: { ...nothingWritten, ...part } };
}
const first = written({
  outcomes: { ...noOutcomes, updated: 900, skipped: 1_100, failed: 3 },
  consumed: { table: 800, indexes: { "by-day": 400, "by-size": 100 } },
  failures: { ITEM_TOO_LARGE: 3 },
});
const second = written({
  outcomes: { ...noOutcomes, updated: 100, conflict: 1 },
  consumed: { table: 300, indexes: { "by-day": 10 } },
  failures: { CONFLICT: 1 },
});
const both = [first, { number: 1, ...second }];

test("outcomes, failures and consumption are summed over all units, including units without a page", () => {
  expect(snapshot(update, [...both, { number: 2 }]).progress.writing).toEqual({
    dryRun: false,
    outcomes: { ...noOutcomes, updated: 1_000, skipped: 1_100, conflict: 1, failed: 3 },
    failures: { ITEM_TOO_LARGE: 3, CONFLICT: 1 },
    consumed: { table: 1_100, indexes: { "by-day": 410, "by-size": 100 } },
    wcuPerSecond: 60,
    targetWcuPerSecond: 50,
  });
});

test("a job that changes no table has no such figures", () => {
  expect(snapshot({}, [{}]).progress).not.toHaveProperty("writing");
});

test("a job that writes shows them, its two rates and what binds", () => {
  const shown = renderShow(snapshot(update, both), false);
  expect(shown).toContain("Outcomes  1,000 updated, 1,100 skipped, 1 conflict, 3 failed\n");
  expect(shown).toContain("Failures  ITEM_TOO_LARGE 3, CONFLICT 1; `jobs failures nightly` lists them\n");
  expect(shown).toContain("Written   1,100 WCU on table surveys, 410 on index by-day, 100 on index by-size\n");
  expect(shown).toContain("Rate      21.1 of 100 RCU/s, 60 of 50 WCU/s\n");
  expect(shown).toContain("Pace      as fast as the write limit allows\n");
  expect(shown).toMatch(/^UNIT {2}PHASE +ITEMS {2}UPDATED {2}FAILED +RCU +WCU {2}WCU\/S {2}ATTEMPTS$/m);
  expect(shown).toMatch(/^ +0 {2}working {2}2,100 +900 +3 {2}105\.5 +800 +30 +1$/m);
});

test.each<[string, Partial<Job>, string]>([
  ["reads and writes", update, "21.1 of 100 RCU/s, 60 of 50 WCU/s"],
  ["reads no table", exported, "60 of 50 WCU/s"],
  ["is a dry run", dryRun, "21.1 of 100 RCU/s"],
  ["is a dry run over an export", { ...dryRun, limits: [] }, "consumes no capacity"],
])("the rate of a job that %s", (_, of, text) => {
  expect(describeRate(snapshot(of, both).progress)).toBe(text);
});

test("the time left depends on the direction that is nearer to its limit", () => {
  // 21 % are done. Reading: 211 RCU at 21.1/s; writing: 1,100 WCU at 50/s.
  expect(snapshot(update, both).progress.secondsLeft).toBeCloseTo(((1_100 / 0.21) * 0.79) / 50);
  const idle = [{ ...first, wcuPerSecond: 0 }];
  expect(snapshot(update, idle).progress.secondsLeft).toBeCloseTo(((105.5 / 0.105) * 0.895) / 10.55);
});

test("the time left does not grow because later items need no writes", () => {
  const dwindling = [{ ...first, wcuPerSecond: 0.001 }];
  expect(snapshot(update, dwindling).progress.secondsLeft).toBeCloseTo(((105.5 / 0.105) * 0.895) / 10.55);
});

test("the time left of a job that consumes nothing depends on its items", () => {
  const { progress } = snapshot({ ...dryRun, limits: [] }, [{ ...first, rcuPerSecond: 0, wcuPerSecond: 0 }]);
  expect(progress.secondsLeft).toBeCloseTo((63 / 0.105) * 0.895);
  expect(describeLeft(progress)).toBe("8 min 57 s left");
});

test("throttled writes are distinguished from throttled reads", () => {
  const shown = snapshot(update, both, NOW, undefined, { until: NOW, factor: 0.4, factorAt: NOW });
  expect(shown.progress).toMatchObject({ bottleneck: "throttled", limitedBy: "write" });
  expect(describeBottleneck(shown.progress)).toBe("throttled by DynamoDB: 40 % of the write limit is in force");
});

test("a job that a worker paused shows the reason", () => {
  const reason = "101 items failed, more than 100 (maxFailures).";
  const shown = snapshot({ ...update, state: "paused", reason }, both);
  expect(describeProgress(shown.progress)).toMatch(/ {2}101 items failed, more than 100 \(maxFailures\)\.$/);
  expect(renderShow(shown, false)).toContain(`Reason    ${reason}\n`);
});

test("the bill has the writes of table and global indexes; those of a dry run cost nothing", () => {
  const capacity = ({ job: of, progress }: Snapshot) =>
    dollarsOf(jobBill(noUse, { job: of, progress }, listPrices), "capacity");
  const read = (211 * 0.125) / 1e6;
  expect(capacity(snapshot(update, both))).toBeCloseTo(read + ((1_100 + 410) * 0.625) / 1e6, 10);
  expect(capacity(snapshot(dryRun, both))).toBeCloseTo(read, 10);
});

describe("a dry run", () => {
  const examples = [
    { before: { id: { S: "a" } }, after: { id: { S: "a" }, day: { S: "x" } } },
    { before: { id: { S: "b" } } },
  ];
  const shown = snapshot(dryRun, [{ ...first, result: { ...(first.result as Written), examples } }]);
  const figures = dryRunFigures(shown.job, shown.progress.writing, listPrices);

  test("finds the limit that binds, and the cost of the writes", () => {
    expect(figures).toEqual({
      binding: { index: "by-day", consumed: 400, limit: 10, seconds: 40 },
      dollars: expect.closeTo((1_200 * 0.625) / 1e6, 10),
    });
    expect(dryRunFigures(job(update), snapshot(update, both).progress.writing, listPrices)).toBeUndefined();
    expect(dryRunFigures(job({ ...dryRun, limits: [] }), shown.progress.writing, listPrices)).not.toHaveProperty(
      "binding",
    );
  });

  test("shows them, with examples", () => {
    const text = renderShow(shown, false, { dryRun: figures });
    expect(text).toContain("Job         nightly: update over surveys (dry run)\n");
    expect(text).toContain("Outcomes    900 would be updated, 1,100 skipped, 3 failed\n");
    expect(text).toContain("Would use   800 WCU on table surveys, 400 on index by-day, 100 on index by-size\n");
    expect(text).toContain("Binding     index by-day, 10 WCU/s: the writes take 40 s there\n");
    expect(text).toContain("Would cost  $0.00075 for the writes\n");
    expect(text).toContain(
      '\nExamples, before and after:\n  - {"id":{"S":"a"}}\n  + {"id":{"S":"a"},"day":{"S":"x"}}\n',
    );
    expect(text).toContain('  - {"id":{"S":"b"}}\n  + deleted\n');
  });
});

describe("a dry run of a copy", () => {
  const lookup: JobLimit = { direction: "read", purpose: "lookup", table: "surveys", limits: { table: 80 } };
  const copying = {
    ...dryRun,
    work: { operation: "copy", table: "answers", to: "surveys" },
    operation: { name: "copy", params: { to: "surveys", dryRun: true } },
  };
  const looking = { ...copying, limits: [...reading(100), write, lookup] };
  const found = { ...first, result: { ...(first.result as Written), lookupRcu: 4_000 } };

  test("shows what it read of the table, and pays for it", () => {
    const { job, progress } = snapshot(looking, [found, { number: 1, ...second }]);
    expect(progress.writing?.lookups).toEqual({ rcu: 4_000, targetRcuPerSecond: 80 });
    const shown = renderShow({ ...snapshot(looking, [found]) }, false);
    expect(shown).toContain("Lookups    4,000 RCU on table surveys\n");
    expect(shown).toContain("Rate       10.6 of 100 RCU/s, at most 80 RCU/s for lookups\n");
    const bill = jobBill(noUse, { job, progress }, listPrices);
    const free = jobBill(noUse, snapshot(copying, both), listPrices);
    expect(dollarsOf(bill, "capacity")! - dollarsOf(free, "capacity")!).toBeCloseTo((4_000 * 0.125) / 1e6, 9);
  });

  test("says that it didn't look into a table whose items it would overwrite", () => {
    const shown = renderShow(snapshot(copying, both), false);
    expect(shown).toContain(
      "Lookups    none: the dry run didn't look into table surveys, and counts each put as that of a new item\n",
    );
    expect(renderShow(snapshot(dryRun, both), false)).not.toContain("Lookups");
  });

  test("is held back by its lookups if their limit is used up", () => {
    const { job: of, units } = snapshot(looking, [found]);
    const progress = jobProgress(of, units, NOW, { lookup: { until: NOW, factor: 1, factorAt: NOW } });
    expect(progress).toMatchObject({ bottleneck: "rate", limitedBy: "read" });
  });
});

test("a sample shows its estimates for all items", () => {
  const nothing = { about: 0, from: 0, to: 0 };
  const totals = { ...Object.fromEntries(Object.keys(noOutcomes).map((name) => [name, nothing])) };
  const result = { sample: { share: 0.1, totals: { ...totals, updated: { about: 9_000, from: 8_400, to: 9_600 } } } };
  const shown = renderShow(snapshot({ ...dryRun, state: "completed", endedAt: NOW, result }, both), false);
  expect(shown).toMatch(/^Of all +about 9,000 updated \(8,400 to 9,600\); the figures below cover the sample only$/m);
  const unseen = { about: 0, from: 0, to: 27 };
  const rare = { sample: { share: 0.1, totals: { ...result.sample.totals, gone: unseen, failed: unseen } } };
  const other = renderShow(snapshot({ ...dryRun, state: "completed", endedAt: NOW, result: rare }, both), false);
  expect(other).toMatch(/^Of all +about 9,000 updated \(8,400 to 9,600\), about 0 failed \(0 to 27\); the figures/m);
});

test("the list has write rates if a job writes", () => {
  const copy = job({ id: "copied", ...exported, work: { operation: "copy", table: "surveys", to: "archive" } });
  expect(
    renderList(
      [
        { ...copy, share: 0 },
        { ...job(), share: 0 },
      ],
      NOW,
    ).split("\n"),
  ).toEqual([
    expect.stringMatching(/RCU\/S {2}WCU\/S/),
    expect.stringMatching(/^copied {3}running {2}copy +surveys to archive +0 % +0\/4 +0 +50 /),
    expect.stringMatching(/^nightly {2}running {2}count +surveys +0 % +0\/4 +0 +100 +2025-/),
  ]);
});

test("the end of a job that wrote has its outcomes, and the place of its failures", () => {
  const end = snapshot({ ...exported, state: "completed", endedAt: NOW, result: {} }, [
    { ...first, counts: { pages: 2, scannedItems: 2_003, items: 2_003, rcu: 0 } },
  ]);
  expect(renderEnd(end, "resume")).toBe(
    "Job nightly is completed: 2,003 items, 900 updated, 1,100 skipped, 3 failed, 800 WCU, 1 min 3 s.\n" +
      "Failures: ITEM_TOO_LARGE 3. `jobs failures nightly` lists them.",
  );
});
