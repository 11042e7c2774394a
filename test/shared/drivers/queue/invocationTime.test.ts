import fc from "fast-check";
import { divideTime } from "../../../../shared/drivers/queue/invocationTime";

test.each([
  [60_000, 52_000, 56_000, 65],
  [900_000, 892_000, 896_000, 905],
  [20_000, 12_000, 16_000, 25],
  // Of a short invocation two fifths are for winding up, a quarter of them for the last page.
  [10_000, 6_000, 7_000, 15],
  [10_001, 6_000.6, 7_000, 16],
  [0, 0, 0, 5],
])(
  "of %d ms pages begin for %d and work for %d; the message is hidden for %d s",
  (remaining, stop, work, hideSeconds) => {
    const time = divideTime(1_000, remaining);
    expect(time).toEqual({
      ...{ startedAt: 1_000, stopAt: expect.closeTo(1_000 + stop, 6), workEndsAt: 1_000 + work },
      ...{ endsAt: 1_000 + remaining, hideSeconds },
    });
  },
);

test("pages stop before the invocation does, and the message comes back after it", () => {
  const now = fc.integer({ min: 0, max: 2 ** 42 });
  fc.assert(
    fc.property(now, fc.integer({ min: 0, max: 900_000 }), (start, remaining) => {
      const { stopAt, workEndsAt, endsAt, hideSeconds } = divideTime(start, remaining);
      expect(endsAt).toBe(start + remaining);
      expect(stopAt).toBeGreaterThanOrEqual(start);
      expect(stopAt).toBeLessThanOrEqual(endsAt);
      // Time to wind up: 8 s, or two fifths of a short invocation.
      expect(endsAt - stopAt).toBeCloseTo(Math.min(8_000, 0.4 * remaining), 2);
      // Of that 4 s, or three quarters of a shorter one, are for records, and what makes the moment a whole millisecond.
      const records = endsAt - workEndsAt - Math.min(4_000, 0.3 * remaining);
      expect(records).toBeGreaterThan(-0.01);
      expect(records).toBeLessThan(1.01);
      expect(Number.isInteger(workEndsAt)).toBe(true);
      expect(start + hideSeconds * 1_000).toBeGreaterThanOrEqual(endsAt + 5_000);
      // SQS takes whole seconds up to twelve hours.
      expect(Number.isInteger(hideSeconds) && hideSeconds <= 43_200).toBe(true);
    }),
  );
});

test.each([
  [60_000, 56_000],
  [10_000, 7_000],
  [9_998.4, 6_998],
])("of %d ms %d are for page work: a whole number, as AbortSignal.timeout takes no other", (remaining, work) => {
  expect(divideTime(1_000, remaining).workEndsAt).toBe(1_000 + work);
});
