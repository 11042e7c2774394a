import { sharesOf } from "../../soak/shares";

const slots = (...all: number[]) => all.map((units, n) => ({ at: 10_000 + 100 * n, units }));
const steady = (seconds: number, units: number) => slots(...Array(10 * seconds).fill(units));
const hundred = [{ from: 0, perSecond: 100 }];

test("consumption is compared with the allowance, on average and in the worst second", () => {
  expect(sharesOf(steady(4, 10), 100, [], hundred)).toEqual({ mean: 1, worst: 1, ahead: 0 });
  const burst = steady(4, 5);
  burst[7] = { at: 10_700, units: 55 };
  expect(sharesOf(burst, 100, [], hundred)).toMatchObject({ mean: 0.625, worst: 1 });
});

test("a stall never puts consumption ahead of the allowance, but an exceeded rate does, more and more", () => {
  const since = (from: number) => [{ from, perSecond: 100 }];
  const stalled = slots(...Array(10).fill(10), ...Array(30).fill(0), 310, ...Array(10).fill(10));
  expect(sharesOf(stalled, 100, [], since(10_000)).ahead).toBeCloseTo(0);
  expect(sharesOf(slots(310, ...Array(10).fill(10)), 100, [], since(7_000)).ahead).toBeCloseTo(0);
  expect(sharesOf(steady(4, 15), 100, [], since(10_000)).ahead).toBeCloseTo(2);
  expect(sharesOf(steady(2, 15), 100, [], since(10_000)).ahead).toBeCloseTo(1);
});

test("an allowance that grew counts from the time at which it grew", () => {
  const grown = [
    { from: 10_000, perSecond: 100 },
    { from: 12_000, perSecond: 200 },
  ];
  const faster = slots(...Array(20).fill(10), ...Array(20).fill(20));
  expect(sharesOf(faster, 100, [], grown).ahead).toBeCloseTo(0);
  expect(sharesOf(steady(2, 20), 100, [], grown).ahead).toBeCloseTo(2);
});

test("others' consumption belongs to no job", () => {
  const foreign = [{ at: 10_050, units: 10 }];
  const { mean } = sharesOf(steady(1, 10), 100, foreign, hundred);
  expect(mean).toBeCloseTo(0.9);
});

test("the seconds around a change of the allowance are left out of the worst second", () => {
  const record = [...steady(5, 10), ...Array.from({ length: 50 }, (_, n) => ({ at: 15_000 + 100 * n, units: 20 }))];
  const allowed = [
    { from: 0, perSecond: 100 },
    { from: 14_500, perSecond: 200 },
  ];
  expect(sharesOf(record, 100, [], allowed).worst).toBe(1);
});

test("without consumption there is no share", () => {
  expect(sharesOf([], 100, [], hundred)).toEqual({ mean: 0, worst: 0, ahead: 0 });
});
