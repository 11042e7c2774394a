import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { S3Client } from "@aws-sdk/client-s3";
import * as fc from "fast-check";
import { workPages } from "../../../shared/engine/pageLoop";
import { SluiceError } from "../../../shared/errors";
import type { Checkpoint } from "../../../shared/jobs/stores";
import { noCounts, type Unit } from "../../../shared/jobs/unit";
import type { Operation, Page, Tools } from "../../../shared/operations/operation";
import type { Source, SourcePage } from "../../../shared/sources/source";
import { sampleJob } from "../../support/sampleJob";

const fresh: Unit = {
  ...{ number: 1, state: "active", turn: 0, attempts: 1, counts: noCounts, rcuPerSecond: 0, updatedAt: 0 },
};
const tools = {
  ...{ dynamodb: {} as DynamoDBClient, s3: {} as S3Client, bucket: "results", prefix: "job/" },
  entries: {} as Tools["entries"],
  limits: () => undefined,
  requestMs: () => undefined,
  consumed: () => ({ table: 0 }),
  ...{ signal: new AbortController().signal, retry: <T>(call: () => Promise<T>) => call() },
};
const refusal = (code: string, cause?: unknown, value?: unknown) =>
  new SluiceError(code, "no", { retryable: true, cause, value });
const cursor = (page: number) => `page ${page}`;

/** A unit of so many pages, each with 2 items out of 3 read, and each lasting a second. `log` records the work. */
function setUp({
  pages = 3,
  stopAt = 100_000,
  unit = fresh,
  page = listed as Operation["page"],
  fail = {} as Failures,
  operateMs = 0,
  readMs = 1000,
  flushMs = 0,
  rate = undefined as number | undefined,
  pure = undefined as boolean | undefined,
  flush = undefined as Operation["flush"],
  failures = undefined as Operation["failures"],
  writes = false,
  retireAfter = undefined as number | undefined,
  longestWaitMs = undefined as number | undefined,
}) {
  let asked = 0;
  const log: string[] = [];
  const saved: Checkpoint[] = [];
  let now = 0;
  const source: Source = {
    async read(from, signal): Promise<SourcePage> {
      const number = from === undefined ? 0 : Number((from as string).slice(5));
      log.push(`read ${number}`);
      expect(signal).toBe(tools.signal);
      if (fail.read?.[number] !== undefined) throw fail.read[number];
      now += readMs;
      const items = [{ n: { N: `${2 * number}` } }, { n: { N: `${2 * number + 1}` } }];
      return {
        items,
        scannedItems: 3,
        scannedBytes: 20_480,
        rcu: 5,
        cursor: number + 1 < pages ? cursor(number + 1) : undefined,
      };
    },
  };
  const save = async (checkpoint: Checkpoint) => {
    log.push(`save ${checkpoint.counts.pages}`);
    if (fail.save !== undefined) throw fail.save;
    saved.push(checkpoint);
  };
  const operation: Operation = {
    page: (given, soFar, with_) => {
      log.push(`operate ${given.position.page}`);
      now += operateMs;
      return page(given, soFar, with_);
    },
    writes,
    ...(failures === undefined ? {} : { failures }),
    ...(pure === undefined ? {} : { pure }),
    ...(flush === undefined
      ? {}
      : {
          flush: (result, with_) => {
            log.push("flush");
            expect(with_).toBe(tools);
            now += flushMs;
            return flush(result, with_);
          },
        }),
  };
  const clock = { now: () => now, sleep: () => Promise.reject(new Error("workPages never sleeps")) };
  const job = sampleJob({ operation: { name: "list", params: { by: "n" } } });
  const observed: [items: number, ms: number][] = [];
  const budget = {
    observe: (items: number, ms: number) => void observed.push([items, ms]),
    perSecond: (direction: string) => (direction === "read" ? rate : undefined),
  };
  const goOn = async () => {
    log.push("go on?");
    return ++asked !== retireAfter;
  };
  const asking = {
    ...(retireAfter === undefined ? {} : { goOn }),
    ...(longestWaitMs === undefined ? {} : { longestWaitMs }),
  };
  const onFailures = async (further: number) => void log.push(`${further} failed`);
  const given = { job, unit, source, operation, tools, budget, clock, stopAt, save, onFailures };
  const run = () => workPages({ ...given, ...asking });
  return { run, log, saved, observed };
}

interface Failures {
  readonly read?: Readonly<Record<number, Error>>;
  readonly save?: Error;
}

const listed = ({ items }: Page, soFar: unknown) => [...((soFar ?? []) as string[]), ...items.map((item) => item.n!.N)];

test("reads, operates and checkpoints page by page; the caller writes the last checkpoint", async () => {
  const { run, log, saved } = setUp({});
  const stretch = await run();
  expect(log).toEqual(["read 0", "operate 0", "save 1", "read 1", "operate 1", "save 2", "read 2", "operate 2"]);
  const counts = (pages: number) => ({ pages, scannedItems: 3 * pages, items: 2 * pages, rcu: 5 * pages });
  expect(saved).toMatchObject([
    { cursor: cursor(1), counts: counts(1), result: ["0", "1"], rcuPerSecond: 0 },
    { cursor: cursor(2), counts: counts(2), result: ["0", "1", "2", "3"], rcuPerSecond: 5 },
  ]);
  expect(stretch).toMatchObject({
    end: "exhausted",
    checkpoint: { cursor: undefined, counts: counts(3), result: ["0", "1", "2", "3", "4", "5"] },
  });
});

test("goes on from the checkpoint, with its counts, result and page number", async () => {
  const counts = { pages: 1, scannedItems: 30, items: 20, rcu: 50 };
  const before = { counts, result: ["x"], rcuPerSecond: 10, updatedAt: -60_000 };
  const { run, log } = setUp({ unit: { ...fresh, cursor: cursor(1), ...before } });
  expect(await run()).toMatchObject({
    checkpoint: {
      counts: { pages: 3, scannedItems: 36, items: 24, rcu: 60 },
      result: ["x", "2", "3", "4", "5"],
      // The first page of a stretch after a rest has no rate. The second page took one of five seconds.
      rcuPerSecond: expect.closeTo(5 + 5 * Math.exp(-1 / 5)),
    },
  });
  expect(log.slice(0, 2)).toEqual(["read 1", "operate 1"]);
});

test("goes on shortly after the last stretch: the time between the two counts for the rate", async () => {
  const counts = { pages: 1, scannedItems: 30, items: 20, rcu: 50 };
  const before = { counts, rcuPerSecond: 10, updatedAt: -9_000 };
  const { run } = setUp({ unit: { ...fresh, cursor: cursor(1), ...before }, pages: 2 });
  // 5 RCU in ten seconds: nine seconds in between, and one of reading.
  const weight = 1 - Math.exp(-10 / 5);
  const rcuPerSecond = expect.closeTo(weight * 0.5 + (1 - weight) * 10);
  expect(await run()).toMatchObject({ checkpoint: { rcuPerSecond } });
});

test("the budget learns the operation's time and number of items, but not the time of the read", async () => {
  const { run, observed } = setUp({ operateMs: 250, pages: 2 });
  await run();
  expect(observed).toEqual([
    [2, 250],
    [2, 250],
  ]);
});

test("the operation gets everything about its page", async () => {
  const given: Page[] = [];
  const { run } = setUp({ pages: 2, page: (page) => given.push(page) });
  await run();
  const all = { scannedItems: 3, scannedBytes: 20_480, rcu: 5, table: "answers", params: { by: "n" } };
  const items = (...numbers: string[]) => numbers.map((N) => ({ n: { N } }));
  expect(given).toEqual([
    { ...all, items: items("0", "1"), position: { job: "job", unit: 1, page: 0 }, last: false },
    { ...all, items: items("2", "3"), position: { job: "job", unit: 1, page: 1 }, last: true },
  ]);
});

describe("if items fail for good", () => {
  const failures = (result: unknown) => Math.floor((result as string[]).length / 3);

  test("further failures are reported before the checkpoint that counts them", async () => {
    const { run, log, saved } = setUp({ pages: 4, failures });
    const { checkpoint } = (await run()) as { checkpoint: Checkpoint };
    const saves = log.filter((line) => !/read|operate/.test(line));
    expect(saves).toEqual(["save 1", "1 failed", "save 2", "1 failed", "save 3"]);
    expect([...saved, checkpoint].map(({ counts }) => counts.failures)).toEqual([undefined, 1, 2, 2]);
    expect(saved[0]!.counts).not.toHaveProperty("failures");
  });

  test("failures of an earlier stretch are not reported again, and stay in the counts", async () => {
    const counts = { ...noCounts, pages: 1, failures: 1 };
    const unit = { ...fresh, cursor: cursor(1), counts, result: ["a", "b", "c"] };
    const { run, log } = setUp({ pages: 2, failures, unit });
    expect(await run()).toMatchObject({ checkpoint: { counts: { pages: 2, failures: 1 } } });
    expect(log).toEqual(["read 1", "operate 1"]);
  });

  test("the result that a flush returns counts", async () => {
    const flush = (result: unknown) => Promise.resolve([...(result as string[]), "x", "y"]);
    const { run, log } = setUp({ pages: 1, failures, flush });
    expect(await run()).toMatchObject({ checkpoint: { counts: { failures: 1 } } });
    expect(log).toEqual(["read 0", "operate 0", "flush", "1 failed"]);
  });
});

test("begins no page once time is short, and stops in good order", async () => {
  const { run, log } = setUp({ stopAt: 2000 });
  expect(await run()).toEqual({ end: "stopped", progressed: true, waited: false });
  expect(log.at(-1)).toBe("save 2");
});

test("reads nothing if time is short from the start, and reports that it made no progress", async () => {
  const { run, log } = setUp({ stopAt: 0 });
  expect(await run()).toEqual({ end: "stopped", progressed: false, waited: false });
  expect(log).toEqual([]);
});

describe("if pages only compute their result", () => {
  const quick = { pure: true, readMs: 180, pages: 20 };
  const saves = (log: readonly string[]) =>
    log.filter((entry) => entry.startsWith("save")).map((entry) => entry.slice(5));

  test("a checkpoint comes before a page with which unsaved reading would exceed a second", async () => {
    const { run, log, saved } = setUp(quick);
    expect(await run()).toMatchObject({ end: "exhausted", checkpoint: { counts: { pages: 20 } } });
    // Five pages take 900 ms, and six take 1,080.
    expect(saves(log)).toEqual(["5", "10", "15"]);
    expect(saved[1]).toMatchObject({ cursor: cursor(10), counts: { pages: 10, items: 20, rcu: 50 } });
    expect(saved[1]!.result).toHaveLength(20);
  });

  test("a page that takes a second or more is saved by itself", async () => {
    const { run, log } = setUp({ pure: true, pages: 4, readMs: 1001 });
    await run();
    expect(saves(log)).toEqual(["1", "2", "3"]);
  });

  test("the first page is saved by itself, too, although its capacity is waited for only before the next page", async () => {
    // 5 RCU at 4 RCU/s.
    const { run, log } = setUp({ pure: true, pages: 4, readMs: 1, rate: 4 });
    await run();
    expect(saves(log)).toEqual(["1", "2", "3"]);
  });

  test.each<[string, number, number, number, string[]]>([
    // Pages of 5 RCU.
    ["one of four workers has a checkpoint after as much as all of them read in a second", 25, 800, 11, ["5", "10"]],
    ["a single worker at the limit has a checkpoint every second", 25, 200, 11, ["5", "10"]],
    ["pages that exceed a second by eight per cent are saved together", 9.26, 540, 7, ["2", "4", "6"]],
    ["one of very many workers has a checkpoint every four seconds", 2_000, 800, 11, ["5", "10"]],
  ])("under a limit, %s", async (_, rate, readMs, pages, expected) => {
    const { run, log } = setUp({ pure: true, pages, readMs, rate });
    await run();
    expect(saves(log)).toEqual(expected);
  });

  test("if the limiter won't wait that long, the page is saved only when the unit is released", async () => {
    const later = { 1: refusal("capacity.later", undefined, 9_000) };
    const { run, log } = setUp({ pure: true, readMs: 1, rate: 1, longestWaitMs: 2_000, fail: { read: later } });
    expect(await run()).toMatchObject({ end: "stopped", later: 9_000, unsaved: { counts: { pages: 1 } } });
    expect(saves(log)).toEqual([]);
  });

  test("if it lets pages through nevertheless, they are saved once a second", async () => {
    const { run, log } = setUp({ pure: true, readMs: 400, pages: 7, rate: 1, longestWaitMs: 2_000 });
    await run();
    expect(saves(log)).toEqual(["3", "6"]);
  });

  test.each<[string, Parameters<typeof setUp>[0], object]>([
    ["its time is over", { stopAt: 500 }, { end: "stopped", progressed: true, waited: false }],
    ["the job is paused", { fail: { read: { 3: refusal("capacity.paused") } } }, { end: "paused" }],
    [
      "capacity comes after its time",
      { fail: { read: { 3: refusal("capacity.deadline") } } },
      { end: "stopped", progressed: true, waited: true },
    ],
    [
      "capacity comes later",
      { fail: { read: { 3: refusal("capacity.later", undefined, 77_000) } } },
      { end: "stopped", progressed: true, waited: true, later: 77_000 },
    ],
    ["it should not go on", { retireAfter: 3 }, { end: "retired" }],
  ])("the stretch returns its unsaved progress if %s", async (_why, given, stretch) => {
    const { run, log } = setUp({ ...quick, ...given });
    expect(await run()).toMatchObject({ ...stretch, unsaved: { cursor: cursor(3), counts: { pages: 3 } } });
    expect(saves(log)).toEqual([]);
  });

  test("nothing is unsaved if nothing was read since the last checkpoint", async () => {
    const { run } = setUp({ pure: true, pages: 4, readMs: 2_000, fail: { read: { 2: refusal("capacity.paused") } } });
    expect(await run()).toEqual({ end: "paused" });
  });

  test.each([
    ["read", { fail: { read: { 3: new Error("no such table") } } }, "no such table"],
    [
      "operated on",
      {
        page: ({ position }: Page) => {
          if (position.page === 3) throw new Error("no such bucket");
        },
      },
      "no such bucket",
    ],
  ])("work before a page that can't be %s is saved first", async (_case, given, message) => {
    const { run, log } = setUp({ ...quick, ...given });
    await expect(run()).rejects.toThrow(message);
    expect(saves(log)).toEqual(["3"]);
  });

  test("if that work can't be saved either, the page's error counts, but a lost lease counts more", async () => {
    const read = { 3: new Error("no such table") };
    await expect(setUp({ ...quick, fail: { read, save: new Error("slow down") } }).run()).rejects.toThrow(
      "no such table",
    );
    const lost = new SluiceError("LEASE_LOST", "taken");
    await expect(setUp({ ...quick, fail: { read, save: lost } }).run()).rejects.toBe(lost);
  });

  test("a crash repeats one page or a second of the job's reading, whichever is more", () => {
    const ms = fc.integer({ min: 1, max: 3_000 });
    const someRate = fc.option(fc.double({ min: 0.1, max: 1_000, noNaN: true }), { nil: undefined });
    return fc.assert(
      fc.asyncProperty(ms, fc.integer({ min: 1, max: 30 }), someRate, async (readMs, pages, rate) => {
        const { run, saved } = setUp({ pure: true, readMs, pages, rate });
        await run();
        const at = [0, ...saved.map(({ counts }) => counts.pages), pages];
        for (let i = 1; i < at.length; i++) {
          const read = at[i]! - at[i - 1]!;
          if (read === 1) continue;
          if (rate !== undefined) expect(5 * read).toBeLessThanOrEqual(1.1 * rate + 1e-9);
          expect(read * readMs).toBeLessThanOrEqual(rate === undefined ? 1_000 : 4_000);
        }
      }),
    );
  });
});

describe("if the operation makes its effects durable before a checkpoint", () => {
  const flush: Operation["flush"] = async (result) => [...(result as string[]), "flushed"];
  const quick = { flush, readMs: 400, pages: 5 };

  test("it does so before each checkpoint, and the checkpoint has the result that the flush returns", async () => {
    const { run, log, saved } = setUp(quick);
    const stretch = await run();
    expect(log.filter((entry) => !/read|operate/.test(entry))).toEqual(["flush", "save 2", "flush", "save 4", "flush"]);
    expect(saved[0]!.result).toEqual(["0", "1", "2", "3", "flushed"]);
    expect(stretch).toMatchObject({ end: "exhausted", checkpoint: { counts: { pages: 5 } } });
    expect((stretch as { checkpoint: Checkpoint }).checkpoint.result).toEqual([
      ...["0", "1", "2", "3", "flushed", "4", "5", "6", "7", "flushed", "8", "9", "flushed"],
    ]);
  });

  test("it also does so before unsaved progress is returned, and before an error", async () => {
    const paused = setUp({ ...quick, fail: { read: { 1: refusal("capacity.paused") } } });
    expect(await paused.run()).toMatchObject({ end: "paused", unsaved: { result: ["0", "1", "flushed"] } });
    const failed = setUp({ ...quick, fail: { read: { 1: new Error("no such table") } } });
    await expect(failed.run()).rejects.toThrow("no such table");
    expect(failed.log.slice(-3)).toEqual(["read 1", "flush", "save 1"]);
  });

  test("it doesn't do so if nothing is new", async () => {
    const { run, log } = setUp({ ...quick, fail: { read: { 0: refusal("capacity.paused") } } });
    expect(await run()).toEqual({ end: "paused" });
    expect(log).toEqual(["read 0"]);
  });

  test("the budget learns how long pages took, flush included", async () => {
    const { run, observed } = setUp({ ...quick, pages: 3, readMs: 300, operateMs: 100, flushMs: 250 });
    await run();
    expect(observed).toEqual([
      [4, 450],
      [2, 350],
    ]);
  });
});

test("goes on for as long as it should; after the unit's last page this is not checked", async () => {
  const { run, log } = setUp({ retireAfter: 3 });
  expect(await run()).toMatchObject({ end: "exhausted" });
  expect(log.slice(2)).toEqual([
    ...["save 1", "go on?", "read 1", "operate 1", "save 2", "go on?", "read 2", "operate 2"],
  ]);
  const retired = setUp({ retireAfter: 1 });
  expect(await retired.run()).toEqual({ end: "retired" });
  expect(retired.log).toEqual(["read 0", "operate 0", "save 1", "go on?"]);
});

const throttled = Object.assign(new Error("slow down"), { name: "ThrottlingException" });

test.each<[string, number, Error, object]>([
  ["the job is paused", 1, refusal("capacity.paused"), { end: "paused" }],
  ["the job is paused before the first page", 0, refusal("capacity.paused"), { end: "paused" }],
  ["it has to wait", 1, refusal("capacity.deadline"), { end: "stopped", progressed: true, waited: true }],
  [
    "it would have to wait for long",
    1,
    refusal("capacity.later", undefined, 9_000),
    { end: "stopped", progressed: true, waited: true, later: 9_000 },
  ],
  [
    "it would have to wait for long with its first page",
    0,
    refusal("capacity.later", undefined, 9_000),
    { end: "stopped", progressed: false, waited: true, later: 9_000 },
  ],
  [
    "it has to wait with its first page",
    0,
    refusal("capacity.deadline"),
    { end: "stopped", progressed: false, waited: true },
  ],
  [
    "it has to wait with a page that was refused, after a page that was not refused",
    1,
    refusal("capacity.deadline", throttled),
    { end: "stopped", progressed: true, waited: true },
  ],
])("stops if the limiter lets no page through: %s", async (_why, at, error, stretch) => {
  const { run, log } = setUp({ fail: { read: { [at]: error } } });
  expect(await run()).toEqual(stretch);
  expect(log.at(-1)).toBe(`read ${at}`);
});

test("a page of writes that has to wait for too long in its middle counts as begun", async () => {
  const page = () => Promise.reject(refusal("capacity.deadline"));
  const { run } = setUp({ page, writes: true });
  expect(await run()).toEqual({ end: "stopped", progressed: false, waited: true, begun: true });
});

test("a single page is progress", async () => {
  const { run } = setUp({ stopAt: 1000 });
  expect(await run()).toEqual({ end: "stopped", progressed: true, waited: false });
});

test.each(["capacity.deadline", "capacity.later", "capacity.paused"])(
  "only the limiter's own refusal counts: not %s of something else",
  async (code) => {
    const error = Object.assign(new Error("another's"), { code });
    const { run } = setUp({ fail: { read: { 0: error } } });
    await expect(run()).rejects.toBe(error);
  },
);

test("another error of ours is no refusal", async () => {
  const error = new SluiceError("OUT_OF_TIME", "over", { retryable: true });
  const { run } = setUp({ fail: { read: { 0: error } } });
  await expect(run()).rejects.toBe(error);
});

test("a first page that fails until capacity runs out has failed, with its own error", async () => {
  const { run, log } = setUp({ fail: { read: { 0: refusal("capacity.deadline", throttled) } } });
  await expect(run()).rejects.toBe(throttled);
  expect(log).toEqual(["read 0"]);
});

test.each<[string, Failures, (page: Page) => unknown, string]>([
  ["a read that fails", { read: { 1: new Error("no such table") } }, () => 1, "read 1"],
  ["a lost lease", { save: new Error("lease lost") }, () => 1, "save 1"],
])("%s ends the work with its error", async (_case, fail, page, last) => {
  const { run, log } = setUp({ fail, page });
  await expect(run()).rejects.toThrow();
  expect(log.at(-1)).toBe(last);
});

test("an operation that throws ends the work before the page's checkpoint, even with an error code of the limiter", async () => {
  const error = new SluiceError("capacity.paused", "thrown by an operation");
  const { run, saved } = setUp({
    page: ({ position }) => {
      if (position.page === 1) throw error;
    },
  });
  await expect(run()).rejects.toBe(error);
  expect(saved).toHaveLength(1);
});

test("a page whose writes meet a pause is not checkpointed, and puts the unit down", async () => {
  const { run, saved } = setUp({
    page: ({ position }) => {
      if (position.page === 1)
        throw new SluiceError("capacity.paused", "limiter: the ledger must not be paused, but it is");
    },
    writes: true,
  });
  expect(await run()).toEqual({ end: "paused" });
  expect(saved).toHaveLength(1);
});

test("while a page is written quickly, the next one is read, but none behind the unit's last page", async () => {
  const { run, log } = setUp({ pages: 4, operateMs: 100, writes: true });
  await run();
  const order = log.filter((line) => !line.startsWith("save"));
  expect(order).toEqual([
    ...["read 0", "read 1", "operate 0", "read 2", "operate 1", "read 3", "operate 2", "operate 3"],
  ]);
});

test("a page becomes garbage as soon as the operation has worked on it: it does not outlive the save or the next read", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const pages: WeakRef<Page["items"]>[] = [];
  const alive: number[] = [];
  // A promise's job keeps the objects that it used. They are free in the next turn of the event loop.
  const look = async () => {
    await turn();
    collect();
    alive.push(pages.filter((page) => page.deref() !== undefined).length);
  };
  const source: Source = {
    async read(from) {
      if (from !== undefined) await look();
      return {
        items: [{ n: { N: "1" } }],
        scannedItems: 1,
        scannedBytes: 4_096,
        rcu: 1,
        cursor: from === undefined ? cursor(1) : undefined,
      };
    },
  };
  const operation: Operation = { page: ({ items }) => void pages.push(new WeakRef(items)) };
  const clock = { now: () => 0, sleep: () => Promise.resolve() };
  const budget = { observe: () => undefined, perSecond: () => undefined };
  await workPages({ job: sampleJob(), unit: fresh, source, operation, tools, budget, clock, stopAt: 1, save: look });
  expect(alive).toEqual([0, 0]);
});

test("the operation gets missing items and unreadable lines, and they count as items", async () => {
  const others = { missing: [{ n: { N: "7" } }], unreadable: [{ line: "x", reason: "It is no key." }] };
  const source: Source = {
    read: async () => ({ items: [], ...others, scannedItems: 3, scannedBytes: 10, rcu: 1, cursor: undefined }),
  };
  const given: Page[] = [];
  const operation: Operation = { page: (page) => void given.push(page) };
  const budget = { observe: () => undefined, perSecond: () => undefined };
  const clock = { now: () => 0, sleep: () => Promise.reject(new Error("workPages never sleeps")) };
  const options = { job: sampleJob(), unit: fresh, source, operation, tools, budget, clock, stopAt: 1 };
  const { end, checkpoint } = (await workPages({ ...options, save: async () => undefined })) as {
    end: string;
    checkpoint: Checkpoint;
  };
  expect(given).toMatchObject([others]);
  expect({ end, items: checkpoint.counts.items }).toEqual({ end: "exhausted", items: 2 });
});
