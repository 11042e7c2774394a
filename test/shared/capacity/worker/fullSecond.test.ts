import fc from "fast-check";
import { FullSecond } from "../../../../shared/capacity/worker/fullSecond";

/** Start times of requests with this estimate that come as fast as they may. The first requests have the given costs. */
function starts(estimate: number, costs: readonly number[], count = 12): number[] {
  const second = new FullSecond();
  const at: number[] = [];
  for (let i = 0, now = 0; i < count; i++) {
    now = second.dueAt(now, estimate);
    at.push(now);
    second.end(second.start(now, estimate), costs[i] ?? estimate);
  }
  return at;
}

test.each([
  ["one of 1.08 s in a second", 1080, [], [0, 1020, 2040]],
  ["one, though it cost less than a second", 1080, [970], [0, 1020, 2040]],
  ["one of more than a second", 8000, [], [0, 1020, 2040]],
  ["two of half a second", 540, [], [0, 0, 1020, 1020, 2040]],
  ["two, though the first cost more than estimated", 540, [590], [0, 0, 1020, 1020]],
  ["five that fill the second exactly, without losing any of it", 200, [], [0, 0, 0, 0, 0, 990]],
  ["fewer, if they cost more than estimated", 200, [300, 300], [0, 0, 0, 0, 1020]],
  ["any number, if costs are uneven", 500, [1500, 100, 1500, 100, 1500], [0, 1020, 1020, 1020, 1020]],
  ["one more for each request that consumed nothing", 540, [0], [0, 0, 0, 1020]],
  ["one more for each request that consumed next to nothing", 540, [53], [0, 0, 0, 1020]],
  ["no more for a request that consumed a little", 540, [55], [0, 0, 1020, 1020]],
  ["one of several seconds after one that consumed next to nothing", 4000, [390], [0, 0, 1020, 2040]],
] as const)("it holds %s", (_, estimate, costs, expected) => {
  expect(starts(estimate, costs).slice(0, expected.length)).toEqual(expected);
});

test("requests of less than 20 ms are not held up", () => {
  expect(starts(19.9, [], 200).at(-1)).toBe(0);
});

test("no second exceeds the limit by more than a tenth, or holds more requests than fit", () => {
  fc.assert(
    fc.property(fc.integer({ min: 20, max: 3000 }), (estimate) => {
      const most = Math.max(1, Math.floor(1100 / estimate));
      const window = Math.min(1000, 0.98 * most * estimate);
      const at = starts(estimate, [], 100);
      for (const from of at) {
        expect(at.filter((each) => each >= from && each < from + window).length).toBeLessThanOrEqual(most);
      }
    }),
  );
});

describe("the first request of the next session waits", () => {
  /** Requests with these costs start a second apart, at 0 and 1,000. Returns when the next session may start its first one. */
  const next = (estimate: number, costs: readonly number[], now: number) => {
    const second = new FullSecond();
    for (const [i, cost] of costs.entries()) second.end(second.start(1000 * i, estimate), cost);
    return second.nextSession(now, estimate);
  };

  test.each([
    ["for what the last one cost", 525, [525, 525], 1_100, 1_525],
    ["for what a smaller one cost", 525, [525, 460], 1_100, 1_460],
    ["for the second that the last one fills, if that is longer", 1080, [1080, 1000], 1_100, 2_020],
    ["for seconds, if the last one costs as much", 4000, [4000, 4000], 1_100, 5_000],
    ["not at all once that is over", 525, [525, 525], 1_525, undefined],
    ["not at all, if requests are small", 19, [19, 19], 1_001, undefined],
    ["not at all, if costs are uneven", 525, [5250, 52], 1_010, undefined],
    ["not at all, if there was no request", 525, [], 0, undefined],
  ])("%s", (_, estimate, costs, now, at) => {
    expect(next(estimate, costs, now)).toBe(at);
  });
});
