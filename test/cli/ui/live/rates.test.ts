import { type Look, recentLooks, sampleOf, seriesOf } from "../../../../cli/ui/live/rates";
import type { Job, JobLimit } from "../../../../shared/jobs/job";
import { nothingWritten } from "../../../../shared/writing/written";
import { NOW, snapshot } from "../../jobs/jobs";

const limits: JobLimit[] = [
  { direction: "read", table: "orders", limits: { table: 100 } },
  { direction: "write", table: "orders", limits: { table: 50, indexes: { byDay: 20 } } },
];
const target = { name: "orders", keys: [{ name: "id", type: "S" }], indexes: [] } as unknown as NonNullable<
  Job["target"]
>;

/** A look at a job that has consumed so much by writes. */
function look(at: number, table: number, byDay: number, ledgers: Look["ledgers"] = {}): Look {
  const result = { ...nothingWritten, consumed: { table, indexes: { byDay } } };
  const made = snapshot({ limits, target }, [{ result, wcuPerSecond: 4, rcuPerSecond: 2.4 }]);
  return { at, job: made.job, progress: made.progress, ledgers };
}

test("a plot has a line for each limit's table, and for each index that is written", () => {
  expect(seriesOf(look(NOW, 10, 5))).toEqual([
    { key: "read", label: "Reads of table orders", direction: "read" },
    { key: "write", label: "Writes to table orders", direction: "write" },
    { key: "write byDay", label: "Writes to index byDay", direction: "write" },
  ]);
});

test("an index takes the table's rate, times what it lately took for each unit of the table", () => {
  // So far, 100 units of the table came with 100 units of the index. The last 50 came with 25.
  const sample = sampleOf(look(NOW, 150, 125), [look(NOW - 5_000, 100, 100)]);
  expect(sample.consumed).toEqual({ read: 2.4, write: 4, "write byDay": 2 });
  expect(sample.limit).toEqual({ read: 100, write: 50, "write byDay": 20 });
});

test("without recent writes, the index's share is that of all writes so far", () => {
  expect(sampleOf(look(NOW, 100, 50), [look(NOW - 5_000, 100, 50)]).consumed["write byDay"]).toBe(2);
  expect(sampleOf(look(NOW, 0, 0), []).consumed["write byDay"]).toBe(0);
});

test("the limit shown is the one that throttling leaves in force", () => {
  const ledger = { until: NOW, factor: 0.5, factorAt: NOW };
  expect(sampleOf(look(NOW, 1, 1, { write: ledger }), []).limit).toEqual({ read: 100, write: 25, "write byDay": 10 });
});

test("lookups of a dry run have a line, and the rate of the window", () => {
  const lookup: JobLimit = { direction: "read", purpose: "lookup", table: "orders", limits: { table: 80 } };
  const lookAt = (at: number, lookupRcu: number): Look => {
    const result = { ...nothingWritten, lookupRcu };
    const made = snapshot({ limits: [limits[0]!, lookup], target }, [{ result, rcuPerSecond: 2.4 }]);
    return {
      at,
      job: made.job,
      progress: made.progress,
      ledgers: { lookup: { until: NOW, factor: 0.5, factorAt: NOW } },
    };
  };
  const [now, before] = [lookAt(NOW, 300), lookAt(NOW - 5_000, 100)];
  expect(seriesOf(now)).toEqual([
    { key: "read", label: "Reads of table orders", direction: "read" },
    { key: "lookup", label: "Lookups in table orders", direction: "read" },
  ]);
  expect(sampleOf(now, [before])).toMatchObject({ consumed: { lookup: 40 }, limit: { read: 100, lookup: 40 } });
  expect(sampleOf(now, []).consumed.lookup).toBe(0);
});

test("looks of the window are kept, and the one before it", () => {
  const looks = [30, 20, 11, 9, 1].map((seconds) => look(NOW - 1000 * seconds, 1, 1));
  expect(recentLooks(looks, NOW).map(({ at }) => (NOW - at) / 1000)).toEqual([11, 9, 1]);
});
