import { Steadiness } from "../../../../shared/capacity/worker/steadiness";

test("a worker that finds nothing changed comes half as often each time, and finally once a second", () => {
  const steadiness = new Steadiness();
  const periods = [0, 1, 2, 3].map(() => {
    const ms = steadiness.periodMs(1, true);
    steadiness.calm(0);
    return ms;
  });
  expect(periods).toEqual([250, 500, 1000, 1000]);
});

test("any change brings back the shortest period at once; idle capacity halves the period", () => {
  const steadiness = new Steadiness();
  for (let i = 0; i < 3; i++) steadiness.calm(0);
  steadiness.hasten();
  expect(steadiness.periodMs(4, true)).toBe(500);
  steadiness.calm(0);
  steadiness.stir();
  expect(steadiness.periodMs(4, true)).toBe(250);
  steadiness.hasten();
  expect(steadiness.periodMs(4, true)).toBe(250);
});

test("a worker that was late comes often for half a minute", () => {
  const steadiness = new Steadiness();
  for (let i = 0; i < 3; i++) steadiness.calm(0);
  expect(steadiness.periodMs(2, true)).toBe(1_000);
  steadiness.late(1_000);
  const periods = [1_000, 30_900, 31_000].map((now) => {
    steadiness.calm(now);
    return steadiness.periodMs(2, true);
  });
  expect(periods).toEqual([250, 250, 500]);
});

test.each([
  ["few", 8, true, 1000],
  ["few", 16, true, 1000],
  ["many", 16, false, 250],
  ["many", 106, false, 500],
])("one of %s workers, %d, has a period of at most (few: %p) %d ms", (_, workers, few, ms) => {
  const steadiness = new Steadiness();
  for (let i = 0; i < 3; i++) steadiness.calm(0);
  expect(steadiness.periodMs(workers, few)).toBe(ms);
});

test.each([
  ["alone and as fast as the limit", 1, 1, 1000],
  ["alone and slower", 1, 0.5, 250],
  ["one of two, each of which could use the whole limit", 2, 2, 1000],
  ["one of two, each hardly fast enough for its half", 2, 0.55, 286],
  ["one of eight whose page takes 240 ms", 8, 32 / 240, 277],
  ["one of ten, which relies on the credit for one request that is kept", 10, 32 / 240, 667],
])("a slice is no longer than a worker can spend in time: %s", (_, workers, paceMs, ms) => {
  const steadiness = new Steadiness();
  for (let i = 0; i < 3; i++) steadiness.calm(0);
  steadiness.spends(paceMs, workers, 32);
  expect(steadiness.periodMs(workers, true)).toBeCloseTo(ms, 0);
});
