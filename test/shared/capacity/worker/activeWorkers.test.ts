import type { LedgerItem } from "../../../../shared/capacity/ledger/ledgerItem";
import { ActiveWorkers } from "../../../../shared/capacity/worker/activeWorkers";

/** What a worker writes down after 33 turns of its own, where the item says `said` and there are `turns` for each of its own. */
function correction(said: number, turns: number): number | undefined {
  const workers = new ActiveWorkers();
  const item = (reservations: number) => ({ workers: said, reservations }) as LedgerItem;
  for (let turn = 0; turn <= 32; turn++) workers.turn(item(turn * turns), true);
  return workers.correction;
}

test.each([
  ["nothing where it is about right", 10, 8, undefined],
  ["nothing where turns were missed", 10, 25, undefined],
  ["what it counted, where most are not in the item", 2, 20, 20],
  ["half at most, where more than half are gone", 10, 3, 5],
  ["half at most, where nearly all are gone", 400, 10, 200],
])("of the number of workers it corrects %s", (_, said, turns, expected) => {
  expect(correction(said, turns)).toBe(expected);
});
