import { factorAfterThrottle, factorAt, THROTTLE_INTERVAL_MS } from "../../../../shared/capacity/ledger/throttle";

const T = 1_800_000_000_000;

test.each([
  [1, 0, 1],
  [1, 100_000, 1],
  [0.8, 0, 0.8],
  [0.8, 500, 0.805],
  [0.8, 1000, 0.81],
  [0.8, 10_000, 0.9],
  [0.8, 20_000, 1],
  [0.8, 30_000, 1],
  [0.8, -5000, 0.8],
  [0.02, 1000, 0.03],
])("a share of %d is, %d ms later, %d", (factor, later, expected) => {
  expect(factorAt({ factor, factorAt: T }, T + later)).toBeCloseTo(expected, 12);
});

test.each([
  [1, 0, 0.8],
  [0.8, 0, 0.64],
  [0.8, 1000, 0.648],
  [0.8, 60_000, 0.8],
  [0.03, 0, 0.024],
  [0.025, 0, 0.02],
  [0.02, 0, 0.02],
])("a throttle brings a share of %d, %d ms later, to %d", (factor, later, expected) => {
  expect(factorAfterThrottle({ factor, factorAt: T }, T + later)).toBeCloseTo(expected, 12);
});

test("reports count once a second", () => {
  expect(THROTTLE_INTERVAL_MS).toBe(1000);
});
