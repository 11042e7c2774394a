import * as fc from "fast-check";
import type { Item } from "../../../../shared/aws/itemSize";
import { readExport } from "../../../../shared/exports/readExport";
import type { Tools } from "../../../../shared/operations/operation";
import { objectBytes } from "../../../../shared/results/openObject";
import {
  beforeEachWithTools,
  Crashes,
  collect,
  exportJob,
  finish,
  MemoryEntries,
  noise,
  noisy,
  plan,
  runUnit,
  stored,
  type UnitRun,
} from "./exportGround";

let tools: Tools;
beforeEachWithTools((given) => {
  tools = given;
});

/**
 * What an attempt at a page finds. `size`: how many items it takes. `gone`: every how many of them is gone; 1: all, 0: none.
 */
interface Attempt {
  readonly size: number;
  readonly gone: number;
}

/** Objects of three items, in pieces that two pages of two fill. */
beforeEach(() => {
  jest.replaceProperty(objectBytes, "enough", 5_000);
  jest.replaceProperty(objectBytes, "piece", 2_600);
});
afterEach(() => jest.restoreAllMocks());

let jobs = 0;

/** Exports units in turn, and compares what can be read with what was checkpointed. Resolves to the number of crashes. */
async function exportsExactly(
  units: readonly (readonly Item[])[],
  steps: readonly number[],
  nextAttempt: (repeats: boolean) => Attempt,
  pagesEach: () => number = () => 1,
): Promise<number> {
  jobs += 1;
  const job = exportJob(`job-${jobs}`, { exportPrefix: "chaos" });
  const own = { ...tools, entries: new MemoryEntries() };
  const crashes = new Crashes(steps);
  let [attempt, seen, restarts] = [undefined as Attempt | undefined, 0, 0];
  const pageSize = () => {
    [attempt, seen, restarts] = [nextAttempt(crashes.count > restarts), 0, crashes.count];
    return attempt.size;
  };
  const has = () => {
    seen += 1;
    return attempt!.gone === 0 || seen % attempt!.gone !== 0;
  };
  const runs: UnitRun[] = [];
  for (const [unit, items] of units.entries()) {
    runs.push(await runUnit({ job, unit, items, pageSize, has, crashes, pagesEach }, own));
  }
  const { manifest, objects } = await finish(job, runs, own);
  expect(await collect(readExport(tools.s3, tools.bucket, manifest))).toEqual(runs.flatMap(({ expected }) => expected));
  // A reader of all objects below data/ gets the same.
  const all = await stored(tools);
  expect(all.filter((key) => key.includes(`/${job.id}/data/`))).toHaveLength(objects);
  expect(all.filter((key) => key.includes(`/${job.id}/open/`))).toEqual([]);
  return crashes.count;
}

/** With pages of two items, the second page fills a piece, and the third and the sixth complete an object. */
const twelve = noisy(12, 900);
const two = { size: 2, gone: 0 };
/**
 * With a checkpoint for each page, four pieces are put. Two objects are put and noted, and two pieces of each are removed. Each
 * of these is a moment before and a moment after. Six checkpoints are one moment each.
 */
const MOMENTS = 4 * 2 + 2 * (2 + 2 + 2 * 2) + 6;
/** The moment when the put of the first object begins, and the moment when the checkpoint behind it is durable. */
const FIRST_OBJECT = [6, 15] as const;

describe("after a crash at any one moment, before or after an effect", () => {
  test.each<[string, Attempt]>([
    ["the same page", two],
    ["a smaller one", { size: 1, gone: 0 }],
    ["a larger one", { size: 4, gone: 0 }],
    ["a page without items", { size: 2, gone: 1 }],
    ["a page with other items", { size: 3, gone: 2 }],
    ["a last page without items", { size: 12, gone: 1 }],
  ])(
    "and then %s, each item that counts is in the export once",
    async (_, repeated) => {
      const attempt = (repeats: boolean) => (repeats ? repeated : two);
      for (let moment = 0; moment < MOMENTS; moment += 1) {
        expect(await exportsExactly([twelve], [moment], attempt)).toBe(1);
      }
      // One more moment is behind the end.
      expect(await exportsExactly([twelve], [MOMENTS], attempt)).toBe(0);
    },
    60_000,
  );
});

test.each([2, 3, 6])("each item is in the export once, too, if a checkpoint comes after %d pages", async (pages) => {
  for (let moment = 0; ; moment += 1) {
    const crashes = await exportsExactly(
      [twelve],
      [moment],
      () => two,
      () => pages,
    );
    if (crashes === 0) break;
    expect(moment).toBeLessThan(MOMENTS);
  }
});

test("each item is in the export once after a crash while an object is completed, and another crash during the repair", async () => {
  for (let first = FIRST_OBJECT[0]; first <= FIRST_OBJECT[1]; first += 1) {
    for (const second of [0, 1, 3, 4, 6, 9]) {
      await exportsExactly([twelve], [first, second], (repeats) => (repeats ? { size: 1, gone: 3 } : two));
    }
  }
});

test("after crashes at many moments, with pages of any size, each item that counts is in the export once", async () => {
  const sizes = fc.array(fc.constantFrom(10, 10, 900, 3_000), { maxLength: 14 });
  const unit = sizes.map((all) => all.map((size, i) => ({ id: { N: `${i}` }, text: { S: noise(size, i) } })));
  const attempt = fc.record({ size: fc.integer({ min: 1, max: 6 }), gone: fc.constantFrom(0, 0, 1, 1, 2, 3) });
  const steps = fc.array(fc.nat({ max: 12 }), { maxLength: 8 });
  const each = fc.infiniteStream(fc.integer({ min: 1, max: 4 }));
  const units = fc.array(unit, { minLength: 1, maxLength: 2 });
  await fc.assert(
    fc.asyncProperty(units, steps, fc.infiniteStream(attempt), each, async (given, crashes, attempts, pages) => {
      const nextAttempt = () => attempts.next().value;
      await exportsExactly(given, crashes, nextAttempt, () => pages.next().value);
    }),
    { numRuns: 100 },
  );
});

test("if an object's page is repeated without items, the object is removed, and its entry does not count", async () => {
  let attempt = 0;
  const has = () => attempt === 1;
  const pageSize = () => {
    attempt += 1;
    return 10;
  };
  // The only page is put and noted, and its piece is removed. Then the crash comes, before the checkpoint.
  const { result } = await runUnit(plan({ has, pageSize, crashes: new Crashes([6]) }), tools);
  expect(result).toEqual({ objects: 0, items: 0, bytes: 0 });
  expect(await collect(tools.entries.list())).toHaveLength(1);
  expect(await finish(exportJob("job-1"), [{ result }], tools)).toMatchObject({ items: 0, objects: 0 });
  expect((await stored(tools)).filter((key) => key.includes("/data/"))).toEqual([]);
});
