import fc from "fast-check";
import { FullSecond } from "../../../../shared/capacity/worker/fullSecond";

/** When requests of this estimate start that come as fast as they may, the first of them costing as given. */
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
  ["fewer where they cost more than estimated", 200, [300, 300], [0, 0, 0, 0, 1020]],
  ["whatever comes where costs are uneven", 500, [1500, 100, 1500, 100, 1500], [0, 1020, 1020, 1020, 1020]],
  ["one more for each that consumed nothing", 540, [0], [0, 0, 0, 1020]],
  ["one more for each that consumed next to nothing", 540, [53], [0, 0, 0, 1020]],
  ["none more for one that consumed a little", 540, [55], [0, 0, 1020, 1020]],
  ["one of several seconds after one that consumed next to nothing", 4000, [390], [0, 0, 1020, 2040]],
] as const)("it holds %s", (_, estimate, costs, expected) => {
  expect(starts(estimate, costs).slice(0, expected.length)).toEqual(expected);
});

test("requests of less than 20 ms are not held up", () => {
  expect(starts(19.9, [], 200).at(-1)).toBe(0);
});

test("no second exceeds the limit by more than a tenth, and no second holds one request more than fits", () => {
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
  /** The first two cost as much as given and start a second apart, at 0 and 1,000. */
  const next = (estimate: number, costs: readonly number[], now: number) => {
    const second = new FullSecond();
    for (const [i, cost] of costs.entries()) second.end(second.start(1000 * i, estimate), cost);
    return second.nextSession(now, estimate);
  };

  test.each([
    ["for what the last one cost", 525, [525, 525], 1_100, 1_525],
    ["for what a smaller one cost", 525, [525, 460], 1_100, 1_460],
    ["for the second that the last one fills, where that is longer", 1080, [1080, 1000], 1_100, 2_020],
    ["for seconds where the last one costs as much", 4000, [4000, 4000], 1_100, 5_000],
    ["not at all once that is over", 525, [525, 525], 1_525, undefined],
    ["not at all where requests are small", 19, [19, 19], 1_001, undefined],
    ["not at all where costs are uneven", 525, [5250, 52], 1_010, undefined],
    ["not at all where there was none", 525, [], 0, undefined],
  ])("%s", (_, estimate, costs, now, at) => {
    expect(next(estimate, costs, now)).toBe(at);
  });
});
