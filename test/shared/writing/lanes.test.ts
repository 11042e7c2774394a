import fc from "fast-check";
import { BatchQueue, inLanes } from "../../../shared/writing/lanes";

describe("a queue", () => {
  test("gives out everything once, and never the same twice in a batch", () => {
    const ids = fc.array(fc.constantFrom("a", "b", "c", "d", "e"), { maxLength: 40 });
    fc.assert(
      fc.property(ids, fc.integer({ min: 1, max: 6 }), (given, size) => {
        const all = given.map((id, n) => ({ id, n }));
        const queue = new BatchQueue(all);
        const got: typeof all = [];
        for (let batch = queue.take(size); batch.length > 0; batch = queue.take(size)) {
          expect(new Set(batch.map(({ id }) => id)).size).toBe(batch.length);
          expect(batch.length).toBeLessThanOrEqual(size);
          got.push(...batch);
        }
        expect(got.sort((a, b) => a.n - b.n)).toEqual(all);
      }),
    );
  });

  test("gives out equal entries in their order", () => {
    const queue = new BatchQueue(["a", "b", "a", "a"].map((id, n) => ({ id, n })));
    expect([1, 2, 3].map(() => queue.take(2).map(({ n }) => n))).toEqual([[0, 1], [2], [3]]);
  });

  test("ends a batch before it has too many bytes, but with at least one entry", () => {
    const queue = new BatchQueue(
      [9, 3, 4, 4, 20, 1].map((bytes, n) => ({ id: String(n), bytes })),
      8,
    );
    expect([1, 2, 3, 4, 5].map(() => queue.take(25).map(({ bytes }) => bytes))).toEqual([[9], [3, 4], [4], [20], [1]]);
  });
});

describe("lanes", () => {
  test("work until the queue is empty, a fixed number at once", async () => {
    let [left, now, most] = [10, 0, 0];
    await inLanes(
      () => 3,
      () => (left-- > 0 ? [left] : []),
      async () => {
        most = Math.max(most, ++now);
        await Promise.resolve();
        now--;
      },
    );
    expect([left < 0, now, most]).toEqual([true, 0, 3]);
  });

  test("become more while they work, because the duration of a request is known only once one is done", async () => {
    let [left, now] = [40, 0];
    const atWork: number[] = [];
    await inLanes(
      () => (left > 37 ? 2 : 8),
      () => (left > 0 ? [left--] : []),
      async () => {
        atWork.push(++now);
        await new Promise((resolve) => setImmediate(resolve));
        now--;
      },
    );
    expect(atWork.slice(0, 2)).toEqual([1, 2]);
    expect(atWork).toHaveLength(40);
    expect(Math.max(...atWork)).toBe(8);
  });

  test("don't exist without work", async () => {
    await expect(
      inLanes(
        () => 0,
        () => [],
        () => Promise.reject(new Error("no work")),
      ),
    ).resolves.toBeUndefined();
  });

  test("begin no batch after a failure, and finish the batches under way before they throw the failure", async () => {
    const ended: number[] = [];
    let next = 0;
    const work = async ([n = 0]: readonly number[]) => {
      if (n === 0) throw new Error("first");
      await new Promise((resolve) => setImmediate(resolve));
      ended.push(n);
    };
    await expect(
      inLanes(
        () => 3,
        () => [next++],
        work,
      ),
    ).rejects.toThrow("first");
    expect([ended, next]).toEqual([[1, 2], 3]);
  });
});
