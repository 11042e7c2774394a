import fc from "fast-check";
import { pagesOf } from "../../../shared/cost/pages";

describe("all pages of a job", () => {
  const small = { items: 80_000, bytes: 80_000 * 1024, units: 1, consistentRead: false };

  test.each([
    // Each page loses half a block of 0.5 RCU, which is 1.6 % of 16 RCU.
    ["of small items at 320 RCU/s", small, 320, { count: 635, rcu: 10_156 }],
    ["in full pages", small, 5_000, { count: 79, rcu: 10_020 }],
    ["in 16 segments", { ...small, units: 16 }, 5_000, { count: 86, rcu: 10_022 }],
    ["strongly consistent", { ...small, consistentRead: true }, 320, { count: 598, rcu: 20_290 }],
    // An item of 300 KB costs 37.5 RCU, more than a page should cost. So there is one page for each item, and an empty page at
    // the end.
    ["of items of 300 KB", { ...small, items: 100, bytes: 100 * 300 * 1024 }, 100, { count: 101, rcu: 3_776 }],
    ["of nothing", { ...small, items: 0, bytes: 0, units: 4 }, 100, { count: 4, rcu: 2 }],
    ["of one small item", { ...small, items: 1, bytes: 100 }, 100, { count: 1, rcu: 0.5 }],
  ])("%s", (_, source, rate, { count, rcu }) => {
    const pages = pagesOf(source, rate);
    expect(Math.round(pages.count)).toBe(count);
    expect(pages.rcu).toBeCloseTo(rcu, rcu > 100 ? -1.5 : 1);
  });

  test("cost as much as planned, or as one item", () => {
    expect(pagesOf(small, 1_000).fullRcu).toBeCloseTo(50, 0);
    expect(pagesOf({ ...small, items: 100, bytes: 100 * 300 * 1024 }, 100).fullRcu).toBe(37.75);
  });

  test("lose at most 5 % by rounding from 5 RCU/s up, and 2 % from 100 on", () => {
    const rates = fc.double({ min: 5, max: 10_000, noNaN: true });
    fc.assert(
      fc.property(rates, fc.integer({ min: 50, max: 4_000 }), (rate, averageBytes) => {
        const source = { items: 1_000_000, bytes: 1_000_000 * averageBytes, units: 1, consistentRead: false };
        const lost = pagesOf(source, rate).rcu / (source.bytes / 8192);
        expect(lost).toBeLessThan(rate < 100 ? 1.05 : 1.0202);
      }),
    );
  });
});
