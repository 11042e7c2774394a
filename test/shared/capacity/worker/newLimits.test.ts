/** The limits determine the size of pages, so a page's cost in time stays the same when the limits change. */
import { Ledger } from "../../../../shared/capacity/ledger/ledger";
import { CapacityLimiter } from "../../../../shared/capacity/worker/limiter";
import { MemoryLedger } from "../../../support/memoryLedger";
import { MachineClock, VirtualTime } from "../../../support/virtualTime";

const FAST = { table: 1000 };
const SLOW = { table: 200 };
const CHANGE_MS = 10_000;

/**
 * One worker that reads page after page. Each page has a twelfth of what a second allows, by the limits that the worker knows.
 */
async function reading() {
  const time = new VirtualTime();
  const clock = new MachineClock(time, 0);
  const store = new MemoryLedger();
  const ledger = new Ledger(store);
  await ledger.create(FAST, clock.now());
  const limiter = new CapacityLimiter({ ledger, clock, random: () => 0.5 });
  const pages: { at: number; units: number }[] = [];
  const read = async () => {
    for (;;) {
      const units = (limiter.limits ?? FAST).table / 12;
      const permit = await limiter.acquire();
      await clock.sleep(20);
      pages.push({ at: time.now, units });
      await clock.sleep(20);
      permit.charge({ table: units });
    }
  };
  limiter.open();
  read().catch(() => undefined);
  const units = (from: number, to: number) =>
    pages.filter(({ at }) => at >= from && at < to).reduce((sum, page) => sum + page.units, 0);
  return { time, clock, ledger, store, pages, units };
}

test("after new limits, the cost of a page is estimated from pages that were requested under these limits", async () => {
  const { time, clock, ledger, store, pages } = await reading();
  await time.runUntil(CHANGE_MS);
  await ledger.configure(SLOW, clock.now());
  await time.runUntil(CHANGE_MS + 6_000);
  const larger = pages.filter(({ at, units }) => at > CHANGE_MS + 1_500 && units > SLOW.table / 12);
  expect(larger.length).toBeLessThanOrEqual(1);
  const { costSum, costCount } = (await store.read())!;
  expect(costSum / costCount).toBeGreaterThan(0.98 * (1000 / 12));
  expect(costSum / costCount).toBeLessThan(1.1 * (1000 / 12));
});

test("lower limits are used in full once the excess reads are waited out", async () => {
  const { time, clock, ledger, units } = await reading();
  await time.runUntil(CHANGE_MS);
  await ledger.configure(SLOW, clock.now());
  await time.runUntil(CHANGE_MS + 20_000);
  const beyond = Math.max(0, units(CHANGE_MS, CHANGE_MS + 1_500) / SLOW.table - 1.5);
  const from = CHANGE_MS + 1_000 * (2 + beyond);
  for (let at = from; at + 2_000 <= CHANGE_MS + 20_000; at += 1_000) {
    expect(units(at, at + 2_000) / (2 * SLOW.table)).toBeGreaterThan(0.9);
    expect(units(at, at + 2_000) / (2 * SLOW.table)).toBeLessThan(1.1);
  }
  expect(units(from, CHANGE_MS + 20_000) / SLOW.table / ((CHANGE_MS + 20_000 - from) / 1_000)).toBeGreaterThan(0.96);
});
