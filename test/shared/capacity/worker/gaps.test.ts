/** Workers that make no request for a moment after each page, and then catch up. */
import { CapacityLimiter } from "../../../../shared/capacity/worker/limiter";
import { latencyMs } from "../../../support/simulation/chance";
import { World } from "../../../support/simulation/simulation";
import type { MachineClock } from "../../../support/virtualTime";

const END_MS = 60_000;
const RATE = 200;
const REQUESTS_OF_PAGE = 45;
/** Until then, the first slices overlap. Other tests judge the first second. */
const STEADY_MS = 2_000;

/** Two requests at a time, of about 15 ms of the limit and 16 ms each. */
async function work(world: World, clock: MachineClock, gapMs: number): Promise<void> {
  const limiter = new CapacityLimiter({ ledger: world.ledger(clock), clock, random: world.random, pauseMs: 1_000 });
  limiter.open();
  for (;;) {
    let left = REQUESTS_OF_PAGE;
    const thread = async () => {
      while (left-- > 0) (await limiter.acquire()).charge(await world.request(clock));
    };
    await Promise.all([thread(), thread()]);
    await clock.sleep(gapMs * (0.7 + 0.6 * world.random()));
  }
}

async function run(workers: number, gapMs: number, seed: number) {
  const cost = (random: () => number) => ({ table: random() < 0.3 ? 3.5 : 2.8 });
  const world = new World({ table: RATE }, END_MS, seed, cost, (random) => latencyMs(random, 16, 0.3, 200));
  await world.createLedger();
  for (let i = 0; i < workers; i++) void work(world, world.machine(), gapMs).catch(() => undefined);
  await world.time.runUntil(END_MS);
  const { record, limits } = world;
  return { mean: record.mean(limits, STEADY_MS, END_MS), worst: record.worst(limits, STEADY_MS, END_MS).share };
}

const seeds = [1, 2, 3, 4, 5, 6];

test.each([
  // If a worker spent the credit of a gap at once, the first three would be 1.17, 1.17 and 1.19.
  [1, 110, 1.1],
  [2, 110, 1.13],
  [4, 110, 1.1],
  [8, 110, 1.1],
])(
  "%d workers catch up after gaps of %d ms without a second above %d times the limit",
  async (workers, gapMs, most) => {
    const results = await Promise.all(seeds.map((seed) => run(workers, gapMs, seed)));
    expect(Math.min(...results.map(({ mean }) => mean))).toBeGreaterThan(0.98);
    expect(Math.max(...results.map(({ worst }) => worst))).toBeLessThanOrEqual(most);
  },
);
