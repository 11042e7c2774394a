import fc from "fast-check";
import type { Clock } from "../../../../shared/clock";
import { Budget } from "../../../../shared/engine/budget";
import type { PageBudget } from "../../../../shared/sources/source";
import { PageSize } from "../../../../shared/sources/table/pageSize";

const page = fc.record({
  rate: fc.oneof(fc.integer({ min: 1, max: 2000 }), fc.double({ min: 0.1, max: 50, noNaN: true })),
  bytes: fc.integer({ min: 10, max: 100_000 }),
  consistentRead: fc.boolean(),
});

/** What DynamoDB charges for a page of items of this size, as Scan ends it: after 1 MB at the latest. */
function charge(items: number, bytes: number, consistentRead: boolean) {
  const read = Math.max(1, Math.min(items, Math.floor(2 ** 20 / bytes)));
  return { read, rcu: Math.ceil((read * bytes) / 4096) * (consistentRead ? 1 : 0.5) };
}

/** A budget of the read rate and, where it is given, of the items that there is time for. */
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

/** 5 % of what a second allows, but at least the least that can be charged. */
const bound = (rate: number, consistentRead: boolean) => Math.max(consistentRead ? 1 : 0.5, 0.05 * rate);

test("where the size of items is known, the first page costs 5 % of a second at most, or is one item or one unit", () => {
  fc.assert(
    fc.property(page, ({ rate, bytes, consistentRead }) => {
      const items = newPageSize(rate, consistentRead, bytes).items() ?? Number.POSITIVE_INFINITY;
      if (items === 1) return;
      expect(charge(items, bytes, consistentRead).rcu).toBeLessThanOrEqual(bound(rate, consistentRead) + 1e-9);
    }),
    { numRuns: 1000 },
  );
});

test("whatever the items, pages settle at that, but for one in eight that is an item or a sixth over", () => {
  fc.assert(
    fc.property(page, fc.option(fc.integer({ min: 10, max: 100_000 }), { nil: undefined }), (given, estimate) => {
      const { rate, bytes, consistentRead } = given;
      const size = newPageSize(rate, consistentRead, estimate);
      const most = bound(rate, consistentRead);
      const item = (consistentRead ? 1 : 0.5) * (1 + Math.ceil(bytes / 4096));
      let over = 0;
      for (let number = 0; number < 500; number++) {
        const items = size.items() ?? Number.POSITIVE_INFINITY;
        const { read, rcu } = charge(items, bytes, consistentRead);
        size.observe(read, rcu);
        if (number < 300 || read === 1 || rcu <= most + 1e-9) continue;
        over++;
        expect(rcu).toBeLessThanOrEqual(Math.max(most + item, most * 1.16));
      }
      expect(over).toBeLessThanOrEqual(200 / 8);
    }),
    { numRuns: 300 },
  );
});

test("small items at a low rate are not read a few at a time because a unit is the least that is charged", () => {
  const size = newPageSize(5, false);
  let bytes = 0;
  let rcu = 0;
  for (let number = 0; number < 1000; number++) {
    const charged = charge(size.items()!, 100, false);
    size.observe(charged.read, charged.rcu);
    bytes += charged.read * 100;
    rcu += charged.rcu;
  }
  expect(rcu / (bytes / 8192)).toBeLessThan(1.35);
});

test("there is no bound without a rate, and where 1 MB is small enough", () => {
  expect(newPageSize(undefined, false, 400).items()).toBeUndefined();
  expect(newPageSize(2560, false, 400).items()).toBeUndefined();
  expect(newPageSize(2500, false, 400).items()).toBeDefined();
  expect(newPageSize(2560, true, 400).items()).toBeDefined();
});

test("the first page of unknown items is ten, and an empty page says nothing", () => {
  const size = newPageSize(10, false, 0);
  size.observe(0, 0.5);
  size.observe(5, 0);
  expect(size.items()).toBe(10);
});

test("a change of rate shows in the next page", () => {
  let rate = 100;
  const size = new PageSize({ budget: budgetOf(() => rate), consistentRead: false, averageBytes: 4096 });
  expect(size.items()).toBe(10);
  rate = 20;
  expect(size.items()).toBe(2);
});

test.each([
  ["the rate, where there is time for more", 100, 1_000, 10],
  ["the time, where the rate allows more", 100, 3, 3],
  ["the time alone, where 1 MB is small enough for the rate", 10_000, 7_000, 7_000],
  ["the time alone, where there is no rate", undefined, 5, 5],
])("a page is bounded by %s", (_, rate, mostItems, expected) => {
  expect(newPageSize(rate, false, 4096, mostItems).items()).toBe(expected);
});

test("a page is never longer than its writes may take of the time that is left", () => {
  let now = 0;
  const clock = { now: () => now } as Clock;
  const perSecond = (direction: "read" | "write") => (direction === "read" ? 2_000 : 100);
  const budget = new Budget({ clock, stopAt: 52_000, perSecond });
  const size = new PageSize({ budget, consistentRead: false, averageBytes: 100 });
  // By the rate 100 capacity units, 8,192 items; but 100 writes a second for half of 52 s are 2,600.
  expect(size.items()).toBe(2_600);
  now = 42_000;
  expect(size.items()).toBe(500);
  // Writes take five times as long as that.
  budget.observe(500, 25_000);
  now = 32_000;
  expect(size.items()).toBe(200);
  now = 52_000;
  expect(size.items()).toBe(1);
});

test("how the estimate moves: a little cheaper each page, dearer after one over its bound", () => {
  const size = newPageSize(1_000, false, 8192);
  expect(size.items()).toBe(50);
  // As dear as thought.
  size.observe(50, 50);
  expect(size.items()).toBe(50); // 50 / 0.99 is 50.5
  size.observe(50, 50);
  expect(size.items()).toBe(51);
  // Over what a page may cost, 50 capacity units.
  size.observe(51, 50.5);
  expect(size.items()).toBe(Math.floor(50 / (0.99 ** 2 * 1.15)));
});

test("strongly consistent pages hold half as many items", () => {
  expect(newPageSize(100, false, 4096).items()).toBe(10);
  expect(newPageSize(100, true, 4096).items()).toBe(5);
});
