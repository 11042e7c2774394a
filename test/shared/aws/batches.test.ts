import fc from "fast-check";
import { inBatches } from "../../../shared/aws/batches";

const tick = () => new Promise((resolve) => setImmediate(resolve));

test("passes on every item once, in order, in full batches except for the last, and never too many at a time", async () => {
  const sizes = fc.integer({ min: 1, max: 7 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(), { maxLength: 60 }), sizes, sizes, async (items, size, concurrency) => {
      const batches: (readonly number[])[] = [];
      let underWay = 0;
      const count = await inBatches(items, { size, concurrency }, async (batch) => {
        batches.push(batch);
        underWay += 1;
        expect(underWay).toBeLessThanOrEqual(concurrency);
        for (let i = batch[0]! % 3; i >= 0; i -= 1) await tick();
        underWay -= 1;
      });
      expect([count, underWay]).toEqual([items.length, 0]);
      expect(batches.flat()).toEqual(items);
      expect(batches.slice(0, -1).every((batch) => batch.length === size)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("does not read ahead of the work", async () => {
  let read = 0;
  let done = 0;
  async function* items() {
    for (; read < 100; read += 1) {
      expect(read - done).toBeLessThanOrEqual(3 * 2);
      yield read;
    }
  }
  await inBatches(items(), { size: 2, concurrency: 3 }, async (batch) => {
    await tick();
    done += batch.length;
  });
  expect(done).toBe(100);
});

test("after a failure begins no further work, waits for the work under way, and fails with the first error", async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const working = inBatches([0, 1, 2, 3, 4, 5], { size: 1, concurrency: 2 }, async ([item]) => {
    begun.push(item!);
    if (item === 1) throw new Error("first");
    await tick();
    ended.push(item!);
    if (item === 0) throw new Error("second");
  });
  await expect(working).rejects.toThrow("first");
  expect([begun, ended]).toEqual([[0, 1], [0]]);
});

test("fails with the list's error, once the batches under way have ended", async () => {
  const ended: number[] = [];
  async function* items() {
    yield 1;
    throw new Error("list");
  }
  const working = inBatches(items(), { size: 1, concurrency: 2 }, async ([item]) => {
    await tick();
    ended.push(item!);
  });
  await expect(working).rejects.toThrow("list");
  expect(ended).toEqual([1]);
});
