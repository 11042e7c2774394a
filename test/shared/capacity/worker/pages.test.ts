/** One worker that reads pages, each of which costs a good part of a second or many seconds, at rates from 1 unit a second. */
import { CapacityLimiter } from "../../../../shared/capacity/worker/limiter";
import { World } from "../../../support/simulation/simulation";

/** Units of a page at so many units a second, and the most pages that may start in any second. */
const pages: readonly (readonly [rate: number, units: number, most: number])[] = [
  [1, 20, 1],
  [5, 40, 1],
  [14, 40, 1],
  [20, 21.6, 1],
  [30, 16.2, 2],
  [50, 18, 3],
  [100, 18, 6],
  [150, 16.2, 10],
  [300, 16.2, 20],
];

async function read(rate: number, units: number) {
  const end = Math.max(60_000, (24_000 * units) / rate);
  const cost = (random: () => number) => ({ table: units * (0.9 + 0.2 * random()) });
  // So short that one worker reaches 300 units a second.
  const world = new World({ table: rate }, end, 7, cost, (random) => 30 + (rate > 150 ? 10 : 120) * random());
  await world.createLedger();
  const clock = world.machine();
  const limiter = new CapacityLimiter({ ledger: world.ledger(clock), clock, random: world.random });
  limiter.open();
  void (async () => {
    for (;;) {
      const permit = await limiter.acquire();
      permit.charge(await world.request(clock));
    }
  })().catch(() => undefined);
  await world.time.runUntil(end);
  return world;
}

test.each(pages)(
  "at %d units a second and %d a page, no second holds more than %d, and the mean is the limit",
  async (...page) => {
    const [rate, units, most] = page;
    const { record, requests, limits, ledgerTraffic } = await read(rate, units);
    const from = record.firstAfter(1000);
    const mean = record.mean(limits, from, Math.floor(record.lastAt / 10) * 10);
    expect(mean).toBeGreaterThan(0.98);
    expect(mean).toBeLessThan(1.01);
    expect(requests.worst({ table: 1 }, 0, requests.lastAt).share).toBeLessThanOrEqual(most);
    expect(ledgerTraffic.mean({ table: 1 }, 10_000, record.lastAt)).toBeLessThanOrEqual(1.3);
  },
);
