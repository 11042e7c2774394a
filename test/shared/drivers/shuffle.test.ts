import fc from "fast-check";
import { shuffledUnits } from "../../../shared/drivers/shuffle";

const counts = fc.integer({ min: 0, max: 300 });

test("each unit comes out once, and the seed alone decides the order", () => {
  fc.assert(
    fc.property(counts, fc.string(), (count, seed) => {
      const units = shuffledUnits(count, seed);
      expect(units.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, unit) => unit));
      expect(shuffledUnits(count, seed)).toEqual(units);
    }),
  );
});

/** After a crash a newer version of the function may go on, so the order must not change from version to version. */
test("the order of a seed is the same for ever", () => {
  expect(shuffledUnits(10, "job-1/0")).toEqual([1, 6, 2, 8, 4, 5, 7, 3, 0, 9]);
  expect(shuffledUnits(10, "job-1/1")).toEqual([9, 7, 3, 0, 2, 6, 8, 1, 4, 5]);
});

test("every order is about as likely as every other", () => {
  const orders = new Map<string, number>();
  for (let seed = 0; seed < 24_000; seed++) {
    const order = shuffledUnits(4, `job-${seed}/0`).join();
    orders.set(order, (orders.get(order) ?? 0) + 1);
  }
  expect(orders.size).toBe(24);
  // 1,000 of each are expected, with a standard deviation of 31.
  for (const times of orders.values()) expect(Math.abs(times - 1_000)).toBeLessThan(160);
});

test("neighbours of the key space are not handed out one after the other", () => {
  const units = shuffledUnits(10_000, "nightly/3");
  const neighbours = units.filter((unit, at) => Math.abs(unit - units[at - 1]!) === 1);
  // Two neighbours are expected.
  expect(neighbours.length).toBeLessThan(12);
});
