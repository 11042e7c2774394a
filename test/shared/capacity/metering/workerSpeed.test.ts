import { firstChains } from "../../../../shared/capacity/metering/workerSpeed";

describe("the number of chains that a job begins with", () => {
  test.each([
    [1, 100, 16, 1],
    [400, 100, 16, 1],
    [401, 100, 16, 2],
    [4_000, 100, 16, 10],
    [4_000, 5, 16, 5],
    [40_000, 100, 16, 16],
    [40_000, 1, 1, 1],
    [0.1, 1, 16, 1],
    // At least one, because otherwise nobody would begin.
    [0, 10, 16, 1],
  ])("at %d units a second, with %d units of work and %d workers: %d", (perSecond, units, most, expected) => {
    expect(firstChains(perSecond, units, most)).toBe(expected);
  });
});
