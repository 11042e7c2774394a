import { writeShares } from "../../../soak/backfill/capacity";

const slots = (...wcus: number[]) => wcus.map((wcu, n) => ({ at: 10_000 + 100 * n, wcu }));
const steady = (seconds: number, wcu: number) => slots(...Array(10 * seconds).fill(wcu));

test("writes count by what is allowed, on average and in the worst second", () => {
  expect(writeShares(steady(4, 10), 100, [], [{ from: 0, perSecond: 100 }])).toEqual({ mean: 1, worst: 1 });
  const burst = steady(4, 5);
  burst[7] = { at: 10_700, wcu: 55 };
  expect(writeShares(burst, 100, [], [{ from: 0, perSecond: 100 }])).toEqual({ mean: 0.625, worst: 1 });
});

test("what others wrote is no job's", () => {
  const foreign = [{ at: 10_050, wcu: 10 }];
  const { mean } = writeShares(steady(1, 10), 100, foreign, [{ from: 0, perSecond: 100 }]);
  expect(mean).toBeCloseTo(0.9);
});

test("the seconds around a change of the allowance are left out", () => {
  const record = [...steady(5, 10), ...Array.from({ length: 50 }, (_, n) => ({ at: 15_000 + 100 * n, wcu: 20 }))];
  const allowed = [
    { from: 0, perSecond: 100 },
    { from: 14_500, perSecond: 200 },
  ];
  expect(writeShares(record, 100, [], allowed).worst).toBe(1);
});

test("nothing written is no share", () => {
  expect(writeShares([], 100, [], [{ from: 0, perSecond: 100 }])).toEqual({ mean: 0, worst: 0 });
});
