import { evennessOf, windowMsAt } from "../../../bench/cost/timeline";

/** Reads of so many RCU, one every 100 ms from `from` on. */
function reads(from: number, count: number, rcu: number) {
  return Array.from({ length: count }, (_, slot) => ({ at: from + 100 * slot, rcu, wcu: 0, throttled: 0 }));
}

const report = (...consumption: ReturnType<typeof reads>) => ({ table: "t", slotMs: 100, consumption, indexes: {} });

test.each([
  [1, 20_000],
  [2, 20_000],
  [5, 8_000],
  [14, 40_000 / 14],
  [15, 1_000],
  [4_000, 1_000],
])("at %d RCU/s a window lasts as long as a page: %d ms", (rate, ms) => {
  expect(windowMsAt(rate)).toBeCloseTo(ms);
});

test("a steady job uses all of its limit and has no tail", () => {
  const { ms, mean, worst, tail } = evennessOf(report(...reads(5_000, 101, 10)), 100);
  expect({ ms, mean, worst, tail }).toEqual({ ms: 10_000, mean: 1, worst: 1, tail: 0 });
});

test("the tail is the time at the end with less than half of the limit in use", () => {
  const { mean, tail, ms } = evennessOf(report(...reads(5_000, 80, 10), ...reads(13_000, 20, 1)), 100);
  expect(ms).toBe(9_900);
  // The window holds half of what the limit allows until half a second into the slow part.
  expect(tail * ms).toBeCloseTo(1_400, -2);
  expect(mean).toBeCloseTo(0.94);
});

test("a page that lasts for seconds is no burst", () => {
  const slow = [5_000, 13_000, 21_000, 29_000].map((at) => reads(at, 1, 40)[0]!);
  const { windowMs, worst, mean, tail } = evennessOf(report(...slow), 5);
  expect({ windowMs, worst, mean, tail }).toEqual({ windowMs: 8_000, worst: 1, mean: 1, tail: 0 });
});

test("if a page comes too early, the page before it counts as too fast", () => {
  const early = [5_000, 13_000, 19_000, 29_000].map((at) => reads(at, 1, 40)[0]!);
  // 40 RCU, and six seconds at 5 RCU/s until the next page.
  expect(evennessOf(report(...early), 5).worst).toBeCloseTo(40 / 30);
});

test("a table that nobody read has no figures", () => {
  expect(() => evennessOf(report(), 5)).toThrow("saw no read of t");
});
