import fc from "fast-check";
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

function newPageSize(rate: number | undefined, consistentRead: boolean, averageBytes?: number) {
  return new PageSize({ rcuPerSecond: () => rate, consistentRead, averageBytes });
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
  const size = new PageSize({ rcuPerSecond: () => rate, consistentRead: false, averageBytes: 4096 });
  expect(size.items()).toBe(10);
  rate = 20;
  expect(size.items()).toBe(2);
});
