import * as fc from "fast-check";
import type { Item } from "../../../../shared/aws/itemSize";
import { readExport } from "../../../../shared/operations/export/readExport";
import type { Tools } from "../../../../shared/operations/operation";
import {
  beforeEachWithTools,
  Crashes,
  collect,
  exportJob,
  finish,
  items,
  MemoryEntries,
  plan,
  runUnit,
  stored,
  type UnitRun,
} from "./exportGround";

let tools: Tools;
beforeEachWithTools((given) => {
  tools = given;
});

/** What an attempt at a page finds: how many items it takes, and every how many of them is gone since. 1: all are, 0: none is. */
interface Attempt {
  readonly size: number;
  readonly gone: number;
}

let jobs = 0;

/** Exports units in turn and compares what can be read with what was checkpointed. Resolves with the crashes there were. */
async function exportsExactly(
  units: readonly (readonly Item[])[],
  steps: readonly number[],
  nextAttempt: (repeats: boolean) => Attempt,
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
    runs.push(await runUnit({ job, unit, items, pageSize, has, crashes }, own));
  }
  const { manifest, objects } = await finish(job, runs, own);
  expect(await collect(readExport(tools.s3, tools.bucket, manifest))).toEqual(runs.flatMap(({ expected }) => expected));
  // Whoever reads all that lies under data/ gets the same.
  const data = (await stored(tools)).filter((key) => key.includes(`/${job.id}/data/`));
  expect(data).toHaveLength(objects);
  return crashes.count;
}

/** Six pages of two, of which the third and the last complete an object. */
const twelve = items(12, 900_000);
const two = { size: 2, gone: 0 };
/** Pages, objects noted, checkpoints: each is a moment before and one after, a checkpoint one. */
const MOMENTS = 6 * 2 + 2 * 2 + 6;

describe("after a crash at any one moment, before or after an effect", () => {
  test.each<[string, Attempt]>([
    ["the same page", two],
    ["a smaller one", { size: 1, gone: 0 }],
    ["a larger one", { size: 4, gone: 0 }],
    ["a page without items", { size: 2, gone: 1 }],
    ["a page with other items", { size: 3, gone: 2 }],
    ["a last page without items", { size: 12, gone: 1 }],
  ])(
    "and then %s, each item that counts is there once",
    async (_, repeated) => {
      for (let moment = 0; moment < MOMENTS; moment += 1) {
        const crashes = await exportsExactly([twelve], [moment], (repeats) => (repeats ? repeated : two));
        expect(crashes).toBe(1);
      }
    },
    60_000,
  );
});

test("after crashes at many moments, in pages of any extent, each item that counts is there once", async () => {
  const sizes = fc.array(fc.constantFrom(10, 10, 10, 900_000), { maxLength: 14 });
  const unit = sizes.map((all) => all.map((size, i) => ({ id: { N: `${i}` }, text: { S: "x".repeat(size) } })));
  const attempt = fc.record({ size: fc.integer({ min: 1, max: 6 }), gone: fc.constantFrom(0, 0, 1, 1, 2, 3) });
  const steps = fc.array(fc.nat({ max: 12 }), { maxLength: 8 });
  const units = fc.array(unit, { minLength: 1, maxLength: 2 });
  await fc.assert(
    fc.asyncProperty(units, steps, fc.infiniteStream(attempt), async (given, crashes, attempts) => {
      await exportsExactly(given, crashes, () => attempts.next().value);
    }),
    { numRuns: 60 },
  );
}, 120_000);

test("an object whose page is repeated without items is gone, and its entry does not count", async () => {
  let attempt = 0;
  const has = () => attempt === 1;
  const pageSize = () => {
    attempt += 1;
    return 10;
  };
  // The one page: put and noted, then the crash before its checkpoint.
  const { result } = await runUnit(plan({ has, pageSize, crashes: new Crashes([4]) }), tools);
  expect(result).toEqual({ objects: 0, items: 0, bytes: 0 });
  expect(await collect(tools.entries.list())).toHaveLength(1);
  expect(await finish(exportJob("job-1"), [{ result }], tools)).toMatchObject({ items: 0, objects: 0 });
  expect((await stored(tools)).filter((key) => key.includes("/data/"))).toEqual([]);
});
