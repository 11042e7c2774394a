import { Steadiness } from "../../../../shared/capacity/worker/steadiness";

test("a worker that finds nothing changed comes half as often each time, once a second at last", () => {
  const steadiness = new Steadiness();
  const periods = [0, 1, 2, 3].map(() => {
    const ms = steadiness.periodMs(1);
    steadiness.calm();
    return ms;
  });
  expect(periods).toEqual([250, 500, 1000, 1000]);
});

test("any change brings it back at once, capacity that lay idle by half", () => {
  const steadiness = new Steadiness();
  for (let i = 0; i < 3; i++) steadiness.calm();
  steadiness.hasten();
  expect(steadiness.periodMs(4)).toBe(500);
  steadiness.calm();
  steadiness.stir();
  expect(steadiness.periodMs(4)).toBe(250);
  steadiness.hasten();
  expect(steadiness.periodMs(4)).toBe(250);
});

test.each([
  [8, 1000],
  [9, 250],
  [106, 500],
])("one of %d workers has a period of %d ms at the longest", (workers, ms) => {
  const steadiness = new Steadiness();
  for (let i = 0; i < 3; i++) steadiness.calm();
  expect(steadiness.periodMs(workers)).toBe(ms);
});

test.each([
  ["alone and as fast as the limit", 1, 1, 1000],
  ["alone and slower", 1, 0.5, 250],
  ["one of two, each of which could do it all", 2, 2, 1000],
  ["one of two, each hardly fast enough for its half", 2, 0.55, 286],
])("a slice is no longer than a worker can spend in time: %s", (_, workers, paceMs, ms) => {
  const steadiness = new Steadiness();
  for (let i = 0; i < 3; i++) steadiness.calm();
  steadiness.spends(paceMs, workers);
  expect(steadiness.periodMs(workers)).toBeCloseTo(ms, 0);
});
