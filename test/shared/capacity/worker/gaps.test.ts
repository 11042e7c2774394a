/** Workers that make no request for a moment after each page, and then catch up. Some come and go. */
import { latencyMs } from "../../../support/simulation/chance";
import { mixedCost, PAGING_RATE, workInPages } from "../../../support/simulation/pagingWorker";
import { World } from "../../../support/simulation/simulation";

const END_MS = 60_000;
/** Until then, the first slices overlap. Other tests judge the first second. */
const STEADY_MS = 2_000;

interface Worker {
  readonly gapMs: number;
  readonly requestsOfPage: number;
  /** Requests at a time, default 2, and how long one takes, milliseconds, default 16. */
  readonly atOnce?: number;
  readonly requestMs?: number;
  /** When it joins and after when it begins no page, milliseconds. Default: it works all the time. */
  readonly from?: number;
  readonly until?: number;
}

async function run(workers: readonly Worker[], seed: number) {
  const { requestMs = 16 } = workers[0]!;
  const world = new World({ table: PAGING_RATE }, END_MS, seed, mixedCost, (random) =>
    latencyMs(random, requestMs, 0.3, 200),
  );
  await world.createLedger();
  for (const worker of workers) {
    const whole = { atOnce: 2, from: 0, until: END_MS, pauseMs: 1_000, ...worker };
    void workInPages(world, world.machine(), whole).catch(() => undefined);
  }
  await world.time.runUntil(END_MS);
  const { record, limits } = world;
  return { mean: record.mean(limits, STEADY_MS, END_MS), worst: record.worst(limits, STEADY_MS, END_MS).share };
}

async function runAll(workers: readonly Worker[]) {
  const results = await Promise.all(seeds.map((seed) => run(workers, seed)));
  return {
    mean: Math.min(...results.map(({ mean }) => mean)),
    worst: Math.max(...results.map(({ worst }) => worst)),
  };
}

const seeds = [1, 2, 3, 4, 5, 6];

test.each([
  // If a worker spent the credit of a gap at once, the first three would be 1.17, 1.17 and 1.19.
  [1, 110],
  [2, 110],
  [4, 110],
  [8, 110],
])("%d workers catch up after gaps of %d ms without a second above 1.1 times the limit", async (workers, gapMs) => {
  const { mean, worst } = await runAll(Array<Worker>(workers).fill({ gapMs, requestsOfPage: 45 }));
  expect(mean).toBeGreaterThan(0.98);
  expect(worst).toBeLessThanOrEqual(1.1);
});

// Credit that became void once counted as spent. A worker that was late had to leave as much of its credit unspent, which became
// void as well. It also reserved nothing while it held credit that it was not to spend yet. The means were 0.65, 0.87,
// 0.65 and 0.78. Several workers catch up while the others' turn has come. Their first gaps come unexpectedly: after those they reserve
// short slices. The worst seconds were 1.34 and 1.26.
test.each([
  { workers: 1, gapMs: 110, requestsOfPage: 45, atOnce: 2, requestMs: 25, least: 0.92, most: 1.1 },
  { workers: 1, gapMs: 500, requestsOfPage: 330, atOnce: 2, requestMs: 16, least: 0.97, most: 1.1 },
  { workers: 1, gapMs: 500, requestsOfPage: 330, atOnce: 2, requestMs: 25, least: 0.9, most: 1.1 },
  { workers: 1, gapMs: 800, requestsOfPage: 330, atOnce: 4, requestMs: 25, least: 0.92, most: 1.1 },
  { workers: 2, gapMs: 500, requestsOfPage: 330, atOnce: 2, requestMs: 16, least: 0.98, most: 1.27 },
  { workers: 4, gapMs: 500, requestsOfPage: 330, atOnce: 4, requestMs: 25, least: 0.98, most: 1.13 },
])("after long gaps capacity is used again at once: %j", async ({ workers, least, most, ...worker }) => {
  const { mean, worst } = await runAll(Array<Worker>(workers).fill(worker));
  expect(mean).toBeGreaterThan(least);
  expect(worst).toBeLessThanOrEqual(most);
});

// Slices are long while few workers work steadily, and short after each change. If they were spent with different delays, both
// would reach 1.13.
test("workers that come and go cause no second above 1.1 times the limit", async () => {
  const turns = Array.from({ length: 20 }, (_, turn) => 3_000 * turn);
  const replaced = turns.map((from) => ({ gapMs: 30, requestsOfPage: 20, from, until: from + 5_950 }));
  expect((await runAll(replaced)).worst).toBeLessThanOrEqual(1.1);
  const rounds = [2_000, 12_000, 22_000, 32_000, 42_000];
  const helpers = rounds.flatMap((at) =>
    Array.from({ length: 4 }, (_, i) => ({
      ...{ gapMs: 30, requestsOfPage: 20, from: at + 40 * i },
      until: i === 0 ? at + 7_000 : at + 1_500 + 150 * i,
    })),
  );
  expect((await runAll([{ gapMs: 30, requestsOfPage: 20 }, ...helpers])).worst).toBeLessThanOrEqual(1.1);
});
