import fc from "fast-check";
import { divideTime, firstStopAt, unitBackoffMs } from "../../../shared/drivers/invocationTime";

test.each([
  [60_000, 52_000, 54_000, 56_000],
  [900_000, 892_000, 894_000, 896_000],
  [20_000, 12_000, 14_000, 16_000],
  // Two fifths of a short invocation are for winding up, and a quarter of these is for the last page.
  [10_000, 6_000, 6_500, 7_000],
  [10_001, 6_000.6, 6_500.3, 7_000],
  [0, 0, 0, 0],
])("in %d ms, pages begin for %d, requests pass for %d and work goes on for %d", (remaining, stop, pass, work) => {
  expect(divideTime(1_000, remaining)).toEqual({
    ...{ startedAt: 1_000, stopAt: expect.closeTo(1_000 + stop, 6), deadline: expect.closeTo(1_000 + pass, 6) },
    workEndsAt: 1_000 + work,
    endsAt: 1_000 + remaining,
  });
});

test("pages stop before the invocation does", () => {
  const now = fc.integer({ min: 0, max: 2 ** 42 });
  fc.assert(
    fc.property(now, fc.integer({ min: 0, max: 900_000 }), (start, remaining) => {
      const { stopAt, deadline, workEndsAt, endsAt } = divideTime(start, remaining);
      expect(endsAt).toBe(start + remaining);
      expect(stopAt).toBeGreaterThanOrEqual(start);
      expect(stopAt).toBeLessThanOrEqual(endsAt);
      // The last page's requests pass for half of the time that is left for it.
      expect(deadline - stopAt).toBeCloseTo(workEndsAt - deadline, 2);
      // Time to wind up: 8 s, or two fifths of a short invocation.
      expect(endsAt - stopAt).toBeCloseTo(Math.min(8_000, 0.4 * remaining), 2);
      // Of that time 4 s, or three quarters if it is shorter, are for records, plus the fraction that makes the moment a whole
      // millisecond.
      const records = endsAt - workEndsAt - Math.min(4_000, 0.3 * remaining);
      expect(records).toBeGreaterThan(-0.01);
      expect(records).toBeLessThan(1.01);
      expect(Number.isInteger(workEndsAt)).toBe(true);
    }),
  );
});

test.each([
  [0, 52_000],
  [0.5, 39_000],
  [0.999_999, 26_000],
])("a worker's first invocation of 60 s, with %d by chance, begins pages for %d ms", (random, stop) => {
  const stopAt = firstStopAt(divideTime(1_000, 60_000), () => random);
  expect(Math.round((stopAt - 1_000) / 10) * 10).toBe(stop);
});

test.each([
  [60_000, 56_000],
  [10_000, 7_000],
  [9_998.4, 6_998],
])(
  "in %d ms, %d are for page work: a whole number, because AbortSignal.timeout accepts no other",
  (remaining, work) => {
    expect(divideTime(1_000, remaining).workEndsAt).toBe(1_000 + work);
  },
);

test.each([
  [1, 15_000, 8_000],
  [2, 30_000, 15_000],
  [3, 60_000, 30_000],
  [6, 480_000, 240_000],
  [7, 900_000, 450_000],
  [18, 900_000, 450_000],
])(
  "after %d attempts without progress a unit is left alone for %d ms at most, %d at least",
  (attempts, most, least) => {
    expect(unitBackoffMs(attempts, () => 1)).toBe(most);
    expect(unitBackoffMs(attempts, () => 0)).toBe(least);
  },
);
