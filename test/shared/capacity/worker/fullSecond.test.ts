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
] as const)("it holds %s", (_, estimate, costs, expected) => {
  expect(starts(estimate, costs).slice(0, expected.length)).toEqual(expected);
});

test("requests of less than 20 ms are not held up", () => {
  expect(starts(19.9, [], 200).at(-1)).toBe(0);
});

test("no second holds more than a tenth beyond the limit, nor the time of fewer requests one more", () => {
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
