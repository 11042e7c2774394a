import { ReadAhead, type ReadAheadOptions } from "../../../shared/engine/readAhead";
import type { SourcePage } from "../../../shared/sources/source";

const pageAt = (cursor: unknown): SourcePage => ({
  ...{ items: [], scannedItems: 0, scannedBytes: 0, rcu: 0 },
  cursor: `after ${cursor}`,
});

/** Operations that change a table, and a source that lists what is read. */
function setUp(part: Partial<ReadAheadOptions> = {}) {
  const reads: unknown[] = [];
  const { signal } = new AbortController();
  const options: ReadAheadOptions = {
    source: {
      read: async (cursor, given) => {
        expect(given).toBe(signal);
        reads.push(cursor);
        return pageAt(cursor);
      },
    },
    operation: { writes: true },
    tools: { signal },
    clock: { now: () => 1_000, sleep: async () => undefined },
    stopAt: 10_000,
    ...part,
  };
  return { reads, ahead: new ReadAhead(options) };
}

test("the page behind a short one is read while the short page is worked on, and only once", async () => {
  const { reads, ahead } = setUp();
  ahead.worked(100);
  ahead.begin("a");
  expect(reads).toEqual(["a"]);
  expect(await ahead.read("a")).toEqual(pageAt("a"));
  expect(await ahead.read("b")).toEqual(pageAt("b"));
  expect(reads).toEqual(["a", "b"]);
});

test("the page behind a unit's first one is read ahead, although nobody knows how long that one will take", () => {
  const { reads, ahead } = setUp();
  ahead.begin("a");
  expect(reads).toEqual(["a"]);
});

test.each<[string, number | undefined, Partial<ReadAheadOptions>, string | undefined]>([
  ["if pages are long", 5_000, {}, "a"],
  ["if the operation changes no table", 100, { operation: {} }, "a"],
  ["if too little time is left for another page", 100, { stopAt: 1_200 }, "a"],
  ["if too little time is left for two first pages", undefined, { stopAt: 3_000 }, "a"],
  ["behind the last page", 100, {}, undefined],
])("nothing is read ahead %s", (_when, ms, part, cursor) => {
  const { reads, ahead } = setUp(part);
  if (ms !== undefined) ahead.worked(ms);
  ahead.begin(cursor);
  expect(reads).toEqual([]);
});

test("an error comes when the page is requested, and only once", async () => {
  let fails = true;
  const read = async () => {
    if (fails) throw new Error("no such table");
    return pageAt("a");
  };
  const { ahead } = setUp({ source: { read } });
  ahead.worked(100);
  ahead.begin("a");
  await expect(ahead.read("a")).rejects.toThrow("no such table");
  fails = false;
  expect(await ahead.read("a")).toEqual(pageAt("a"));
});

test("the end waits for a page that was read ahead, even if it fails", async () => {
  let fail: (error: Error) => void = () => undefined;
  const { ahead } = setUp({ source: { read: () => new Promise((_, reject) => (fail = reject)) } });
  ahead.worked(100);
  ahead.begin("a");
  let ended = false;
  const end = ahead.end().then(() => (ended = true));
  await Promise.resolve();
  expect(ended).toBe(false);
  fail(new Error("paused"));
  await end;
  expect(ended).toBe(true);
});
