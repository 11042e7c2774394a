import fc from "fast-check";
import type { Purpose } from "../../../../shared/capacity/metering/direction";
import type { Clock } from "../../../../shared/clock";
import { Budget } from "../../../../shared/engine/budget";
import type { PageBudget, ReadBefore } from "../../../../shared/sources/source";
import { PageSize, pageRcu } from "../../../../shared/sources/table/pageSize";

const page = fc.record({
  rate: fc.oneof(fc.integer({ min: 1, max: 2000 }), fc.double({ min: 0.1, max: 50, noNaN: true })),
  bytes: fc.integer({ min: 10, max: 100_000 }),
  consistentRead: fc.boolean(),
});

/** DynamoDB's charge for a page of items of this size. Scan ends a page after 1 MB at the latest. */
function charge(items: number, bytes: number, consistentRead: boolean) {
  const read = Math.max(1, Math.min(items, Math.floor(2 ** 20 / bytes)));
  return { read, rcu: Math.ceil((read * bytes) / 4096) * (consistentRead ? 1 : 0.5) };
}

/** A budget of the read rate and, if given, of the items for which there is time. */
function budgetOf(rate: () => number | undefined, mostItems?: () => number | undefined): PageBudget {
  return {
    perSecond: (direction) => (direction === "read" ? rate() : undefined),
    mostItems: mostItems ?? (() => undefined),
  };
}

function newPageSize(rate: number | undefined, consistentRead: boolean, averageBytes?: number, mostItems?: number) {
  const budget = budgetOf(
    () => rate,
    () => mostItems,
  );
  return new PageSize({ budget, consistentRead, averageBytes });
}

test.each([
  // A twentieth of a second's rate, once that is 16 RCU or more, and at most Scan's 1 MB.
  [40_000, 128],
  [2_560, 128],
  [1_000, 50],
  [400, 20],
  [320, 16],
  // 1.08 × rate / k, in whole half units.
  [319, 16],
  [100, 18],
  [49, 8.5],
  [20, 10.5],
  [15, 8],
  // These pages last for seconds.
  [14.8, 40],
  [5, 40],
  [1, 20],
  [0.1, 2],
  [0.01, 0.5],
])("at %d RCU/s a page costs %d RCU", (rate, rcu) => {
  expect(pageRcu(rate, 1)).toBe(rcu);
  expect(pageRcu(2 * rate, 2)).toBe(2 * rcu);
});

test("pages are half as large below 100 RCU/s, strongly consistent or not", () => {
  expect([99, 100].map((rate) => pageRcu(rate, 1))).toEqual([8, 18]);
  expect([99, 100].map((rate) => pageRcu(rate, 2))).toEqual([17, 36]);
});

test("from 14.9 RCU/s on, no second holds pages of more than 1.08 times its rate", () => {
  fc.assert(
    fc.property(fc.double({ min: 14.9, max: 5_000, noNaN: true }), (rate) => {
      const rcu = pageRcu(rate, 1);
      expect(rcu).toBeGreaterThanOrEqual(rate < 100 ? 7.5 : 15.5);
      // Pages of the same cost are rcu / rate seconds apart, so a second (the later end not included) holds so many.
      const pages = Math.ceil(rate / rcu - 1e-9);
      expect(pages * rcu).toBeLessThanOrEqual(Math.max(rcu, 1.08 * rate) + 1e-9);
    }),
    { numRuns: 2_000 },
  );
});

test("if the size of items is known, the first page costs as much as a page may, or has one item", () => {
  fc.assert(
    fc.property(page, ({ rate, bytes, consistentRead }) => {
      const items = newPageSize(rate, consistentRead, bytes).items() ?? Number.POSITIVE_INFINITY;
      if (items === 1) return;
      const most = pageRcu(rate, consistentRead ? 2 : 1);
      expect(charge(items, bytes, consistentRead).rcu).toBeLessThanOrEqual(most + 1e-9);
    }),
    { numRuns: 1000 },
  );
});

test("with any items and any estimate, pages of equal items settle at the cost that a page may have, an item or a unit more or less", () => {
  fc.assert(
    fc.property(page, fc.option(fc.integer({ min: 10, max: 100_000 }), { nil: undefined }), (given, estimate) => {
      const { rate, bytes, consistentRead } = given;
      const size = newPageSize(rate, consistentRead, estimate);
      const strength = consistentRead ? 2 : 1;
      const most = pageRcu(rate, strength);
      const item = (strength * bytes) / 8192;
      const unit = strength / 2;
      for (let number = 0; number < 60; number++) {
        const items = size.items() ?? Number.POSITIVE_INFINITY;
        const { read, rcu } = charge(items, bytes, consistentRead);
        size.observe(read, rcu);
        if (number < 40 || read === 1 || items > 2 ** 20 / bytes) continue;
        expect(rcu).toBeLessThanOrEqual(most + item + unit);
        expect(rcu).toBeGreaterThanOrEqual(most - item - unit);
      }
    }),
    { numRuns: 500 },
  );
});

test("there is no bound without a rate, or if 1 MB is small enough", () => {
  expect(newPageSize(undefined, false, 400).items()).toBeUndefined();
  expect(newPageSize(2560, false, 400).items()).toBeUndefined();
  expect(newPageSize(2500, false, 400).items()).toBeDefined();
  expect(newPageSize(5100, true, 400).items()).toBeDefined();
  expect(newPageSize(5120, true, 400).items()).toBeUndefined();
});

test("the first page of unknown items has ten, and an empty page changes nothing", () => {
  const size = newPageSize(10, false, 0);
  size.observe(0, 0.5);
  size.observe(5, 0);
  expect(size.items()).toBe(10);
});

test("a change of rate shows in the next page", () => {
  let rate = 400;
  const size = new PageSize({ budget: budgetOf(() => rate), consistentRead: false, averageBytes: 4096 });
  expect(size.items()).toBe(40);
  rate = 1_000;
  expect(size.items()).toBe(100);
});

test.each([
  ["the rate, if there is time for more", 400, 1_000, 40],
  ["the time, if the rate allows more", 400, 3, 3],
  ["only the time, if 1 MB is small enough for the rate", 10_000, 7_000, 7_000],
  ["only the time, if there is no rate", undefined, 5, 5],
])("a page is bounded by %s", (_, rate, mostItems, expected) => {
  expect(newPageSize(rate, false, 4096, mostItems).items()).toBe(expected);
});

/** A filter that passes this share of the items, with pages of 40 ms of writes per item that passes. */
function sizesBehindFilter(share: number, before?: ReadBefore) {
  let now = 0;
  const perSecond = (purpose: Purpose) => ({ read: 40_000, write: 100, lookup: undefined })[purpose];
  const budget = new Budget({ clock: { now: () => now } as Clock, deadline: 52_000, perSecond });
  const size = new PageSize({ budget, consistentRead: false, averageBytes: 100, before });
  const sizes = Array.from({ length: 12 }, () => {
    const items = size.items()!;
    const passed = Math.round(share * items);
    size.observe(items, Math.ceil((items * 100) / 4096) / 2, passed);
    budget.observe(passed, 40 * passed);
    return items;
  });
  const end = (left: number) => {
    now = 52_000 - left;
    return size.items()!;
  };
  return { sizes, end };
}

test.each([
  [1, 25],
  [0.5, 50],
  [0.125, 200],
  // No more than ten times as many, because all might pass.
  [0.01, 250],
  [0, 250],
])("behind a filter that passes %d of the items, a page soon reads %d for a second's writes", (share, items) => {
  const { sizes } = sizesBehindFilter(share);
  expect(sizes[0]).toBe(25);
  expect(Math.abs(sizes.at(-1)! / items - 1)).toBeLessThan(0.05);
});

test("a unit's next worker knows what share passed before", () => {
  const before = { pages: 9, scannedItems: 10_000, items: 1_250, rcu: 125 };
  expect(sizesBehindFilter(0.125, before).sizes[0]).toBeGreaterThan(150);
});

test("even if all items pass for once, a page behind a filter ends in the time that is left", () => {
  const { end } = sizesBehindFilter(0.125);
  for (const left of [10_000, 4_000, 1_000]) expect(40 * end(left)).toBeLessThanOrEqual(left / 2);
});

test("a page's writes never take more of the remaining time than they may", () => {
  let now = 0;
  const clock = { now: () => now } as Clock;
  const perSecond = (purpose: Purpose) => ({ read: 2_000, write: 100, lookup: undefined })[purpose];
  const budget = new Budget({ clock, deadline: 52_000, perSecond });
  const size = new PageSize({ budget, consistentRead: false, averageBytes: 100 });
  // The rate allows 100 capacity units, which are 8,192 items. But 25 writes take a quarter of a second.
  expect(size.items()).toBe(25);
  now = 51_600;
  expect(size.items()).toBe(20);
  // Writes take five times as long as assumed.
  budget.observe(500, 25_000);
  now = 51_000;
  expect(size.items()).toBe(10);
  now = 52_000;
  expect(size.items()).toBe(1);
});

test("the newest page has 30 % of the weight; a difference within the rounding doesn't change the estimate", () => {
  const size = newPageSize(1_000, false, 8192);
  expect(size.items()).toBe(50);
  for (let number = 0; number < 100; number++) {
    size.observe(50, number % 2 === 0 ? 50 : 50.5);
    // It is one item less, because a page aims below its last unit.
    expect(size.items()).toBe(49);
  }
  // The items used to cost one RCU each. In the newest page they cost two, and perhaps half a unit less than was charged.
  size.observe(50, 100.5);
  expect(size.items()).toBe(Math.floor(50 / 1.3));
});

test("pages of equal items end at different points within a unit", () => {
  const size = newPageSize(1_000, false, 400);
  const parts = Array.from({ length: 8 }, () => {
    const bytes = 400 * size.items()!;
    size.observe(size.items()!, Math.ceil(bytes / 4096) / 2);
    return Math.floor((8 * (bytes % 4096)) / 4096);
  });
  expect(new Set(parts).size).toBeGreaterThanOrEqual(6);
});

test("the unit's earlier reading counts, not the table's average", () => {
  const options = { budget: budgetOf(() => 1_000), consistentRead: false, averageBytes: 100 };
  expect(
    new PageSize({ ...options, before: { pages: 0, scannedItems: 1_000, items: 1_000, rcu: 1_000 } }).items(),
  ).toBe(50);
  // One unit, or none at all, tells little.
  expect(new PageSize({ ...options, before: { pages: 0, scannedItems: 1, items: 1, rcu: 0.5 } }).items()).toBe(4_096);
  expect(new PageSize({ ...options, before: { pages: 0, scannedItems: 0, items: 0, rcu: 0 } }).items()).toBe(4_096);
});

test("strongly consistent pages hold half as many items", () => {
  expect(newPageSize(1_000, false, 4096).items()).toBe(100);
  expect(newPageSize(1_000, true, 4096).items()).toBe(50);
});
