import type { LedgerItem } from "../../../../shared/capacity/ledger/ledgerItem";
import { ActiveWorkers } from "../../../../shared/capacity/worker/activeWorkers";

/** The number that a worker writes after 33 own turns, if the item says `said` and there are `turns` turns for each own one. */
function correction(said: number, turns: number): number | undefined {
  const workers = new ActiveWorkers();
  const item = (reservations: number) => ({ workers: said, reservations }) as LedgerItem;
  for (let turn = 0; turn <= 32; turn++) workers.turn(item(turn * turns), true);
  return workers.correction;
}

test.each([
  ["leaves a number that is about right", 10, 8, undefined],
  ["leaves the number if turns were missed", 10, 25, undefined],
  ["writes the number that it counted, if the item lacks most workers", 2, 20, 20],
  ["lowers the number by half at most, if more than half of the workers are gone", 10, 3, 5],
  ["lowers the number by half at most, if nearly all workers are gone", 400, 10, 200],
])("a worker %s", (_, said, turns, expected) => {
  expect(correction(said, turns)).toBe(expected);
});

test.each([
  // Upwards, if it counted more than three times the number and two.
  [2, 8, undefined],
  [2, 9, 9],
  // Downwards to at least half, if the number is more than twice the count and two.
  [12, 5, undefined],
  [13, 5, 7],
  [14, 5, 7],
  [15, 5, 8],
  [23, 9, 12],
  [4, 0, undefined],
  [5, 0, 3],
  [4, 1, undefined],
  [5, 1, 3],
])("if the item says %d and the turns show %d, the correction is %s", (said, turns, expected) => {
  expect(correction(said, turns)).toBe(expected);
});

describe("the judging", () => {
  const item = (reservations: number, workers = 2) => ({ workers, reservations }) as LedgerItem;

  test("takes 32 turns after the first, rounds, and counts from where it began", () => {
    const workers = new ActiveWorkers();
    for (let turn = 0; turn <= 31; turn++) workers.turn(item(5000 + 20 * turn), true);
    expect([workers.correction, workers.count]).toEqual([undefined, 2]);
    workers.turn(item(5000 + 20 * 32 + 15), true);
    expect([workers.correction, workers.count]).toEqual([20, 20]);
  });

  test("ends with the next turn, and the next count begins there", () => {
    const workers = new ActiveWorkers();
    for (let turn = 0; turn <= 32; turn++) workers.turn(item(20 * turn), true);
    workers.see(item(700));
    expect([workers.correction, workers.count]).toEqual([20, 20]);
    workers.turn(item(700), true);
    expect([workers.correction, workers.count]).toEqual([undefined, 2]);
    for (let turn = 2; turn <= 31; turn++) workers.turn(item(640 + 30 * turn), true);
    expect(workers.correction).toBeUndefined();
    workers.turn(item(640 + 30 * 32), true);
    expect(workers.correction).toBe(30);
  });

  test("begins anew after a turn that was not steady", () => {
    const workers = new ActiveWorkers();
    for (let turn = 0; turn <= 20; turn++) workers.turn(item(20 * turn), true);
    workers.turn(item(420), false);
    for (let turn = 22; turn <= 53; turn++) workers.turn(item(20 * turn, 2), true);
    const early = workers.correction;
    for (let turn = 54; turn <= 55; turn++) {
      workers.turn(item(20 * turn, 2), true);
      if (workers.correction !== undefined) break;
    }
    expect([early, workers.correction].filter((each) => each !== undefined)).toEqual([20]);
  });

  test.each<[string, (turn: number) => number, number, number | undefined]>([
    ["too high all the time, and is lowered", (turn) => 40 + (turn % 5), 8, 21],
    ["right in between", (turn) => (turn === 9 ? 18 : 40), 8, undefined],
    ["too low all the time, and is raised", (turn) => 1 + (turn % 2), 9, 9],
    ["right in between", (turn) => (turn === 9 ? 3 : 1), 9, undefined],
  ])("goes on while workers come and go: the number is %s", (_, said, turns, expected) => {
    const workers = new ActiveWorkers();
    for (let turn = 0; turn <= 32; turn++) workers.turn(item(turns * turn, said(turn)), true);
    expect(workers.correction).toBe(expected);
  });

  test("counts at least one worker, even before the first look", () => {
    const workers = new ActiveWorkers();
    expect(workers.count).toBe(1);
    workers.see(item(0, 0));
    expect(workers.count).toBe(1);
    workers.see(item(0, 7));
    expect(workers.count).toBe(7);
  });
});
