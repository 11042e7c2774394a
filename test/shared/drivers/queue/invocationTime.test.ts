import fc from "fast-check";
import { divideTime } from "../../../../shared/drivers/queue/invocationTime";

test.each([
  [60_000, 52_000, 65],
  [900_000, 892_000, 905],
  [10_000, 7_000, 15],
])("of %d ms %d are for pages, and the message is hidden for %d s", (remaining, pages, hideSeconds) => {
  expect(divideTime(1_000, remaining)).toEqual({
    ...{ startedAt: 1_000, stopAt: 1_000 + pages, endsAt: 1_000 + remaining },
    hideSeconds,
  });
});

test("pages stop before the invocation does, and the message comes back after it", () => {
  const now = fc.integer({ min: 0, max: 2 ** 42 });
  fc.assert(
    fc.property(now, fc.integer({ min: 0, max: 900_000 }), (start, remaining) => {
      const { stopAt, endsAt, hideSeconds } = divideTime(start, remaining);
      expect(endsAt).toBe(start + remaining);
      expect(stopAt).toBeGreaterThanOrEqual(start);
      expect(stopAt).toBeLessThanOrEqual(endsAt);
      // Time to wind up: 8 s, or near three tenths of a short invocation.
      expect(endsAt - stopAt).toBeCloseTo(Math.min(8_000, 0.3 * remaining), 2);
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
