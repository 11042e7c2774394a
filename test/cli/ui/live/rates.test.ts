import { type Look, recentLooks, sampleOf, seriesOf } from "../../../../cli/ui/live/rates";
import type { Job, JobLimit } from "../../../../shared/jobs/job";
import type { Unit } from "../../../../shared/jobs/unit";
import { nothingWritten } from "../../../../shared/writing/written";
import { NOW, snapshot, unit } from "../../jobs/jobs";

const limits: JobLimit[] = [
  { direction: "read", table: "orders", limits: { table: 100 } },
  { direction: "write", table: "orders", limits: { table: 50, indexes: { byDay: 20 } } },
];
const target = { name: "orders", keys: [{ name: "id", type: "S" }], indexes: [] } as unknown as NonNullable<
  Job["target"]
>;

/** A look at a job that has written so much. */
function look(at: number, table: number, byDay: number, ledgers: Look["ledgers"] = {}): Look {
  const result = { ...nothingWritten, consumed: { table, indexes: { byDay } } };
  const made = snapshot({ limits, target }, [{ result, wcuPerSecond: 40, rcuPerSecond: 24 }]);
  return { at, job: made.job, progress: made.progress, units: made.units, ledgers };
}

test("a plot has a line for each limit's table, and for each index that is written", () => {
  expect(seriesOf(look(NOW, 10, 5))).toEqual([
    { key: "read", label: "Reads of table orders", direction: "read" },
    { key: "write", label: "Writes to table orders", direction: "write" },
    { key: "write byDay", label: "Writes to index byDay", direction: "write" },
  ]);
});

test("an index takes the table's rate, times what it lately took for each unit of the table", () => {
  // 100 units of the table took 100 of the index so far; the last 50 took 25.
  const sample = sampleOf(look(NOW, 150, 125), [look(NOW - 5_000, 100, 100)]);
  expect(sample.consumed).toEqual({ read: 24, write: 40, "write byDay": 20 });
  expect(sample.limit).toEqual({ read: 100, write: 50, "write byDay": 20 });
});

test("without recent writes, the index's share is that of all writes so far", () => {
  expect(sampleOf(look(NOW, 100, 50), [look(NOW - 5_000, 100, 50)]).consumed["write byDay"]).toBe(20);
  expect(sampleOf(look(NOW, 0, 0), []).consumed["write byDay"]).toBe(0);
});

test("the limit shown is the one that throttling leaves in force", () => {
  const ledger = { until: NOW, factor: 0.5, factorAt: NOW };
  expect(sampleOf(look(NOW, 1, 1, { write: ledger }), []).limit).toEqual({ read: 100, write: 25, "write byDay": 10 });
});

describe("units that end between two looks", () => {
  const done = (number: number): Partial<Unit> => {
    return { number, state: "done", counts: { pages: 1, scannedItems: 10, items: 10, rcu: 30 } };
  };
  const at = (when: number, units: Partial<Unit>[]): Look => {
    const made = snapshot({ limits: limits.slice(0, 1), units: 400 }, units);
    return { at: when, job: made.job, progress: made.progress, units: made.units, ledgers: {} };
  };

  test("count with all that they consumed", () => {
    const before = [at(NOW - 10_000, [done(0)])];
    expect(sampleOf(at(NOW, [done(0), done(1), done(2)]), before).consumed.read).toBe(6);
  });

  test("don't count twice: a unit that was seen under way has reported its rate", () => {
    const before = [at(NOW - 10_000, [unit({ number: 1 })])];
    expect(sampleOf(at(NOW, [done(1)]), before).consumed.read).toBe(0);
  });
});

test("looks of the window are kept, and the one before it", () => {
  const looks = [30, 20, 11, 9, 1].map((seconds) => look(NOW - 1000 * seconds, 1, 1));
  expect(recentLooks(looks, NOW).map(({ at }) => (NOW - at) / 1000)).toEqual([11, 9, 1]);
});
