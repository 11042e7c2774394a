/** A limiter that turns away requests that would wait too long, and the time that requests waited. */
import { Ledger } from "../../../../shared/capacity/ledger/ledger";
import { CapacityLimiter } from "../../../../shared/capacity/worker/limiter";
import { MemoryLedger } from "../../../support/memoryLedger";
import { MachineClock, VirtualTime } from "../../../support/virtualTime";

const RATE = 5;
const PAGE = 40;

async function world(longestWaitMs?: number) {
  const time = new VirtualTime();
  const clock = new MachineClock(time, 0);
  const store = new MemoryLedger();
  const updates = jest.spyOn(store, "update");
  const ledger = new Ledger(store);
  await ledger.create({ table: RATE }, clock.now());
  const limiter = new CapacityLimiter({ ledger, clock, random: () => 0.5, ...(longestWaitMs && { longestWaitMs }) });
  const epoch = clock.now();
  /**
   * Reads pages until one is turned away. Resolves to the time when that page could start, milliseconds since the beginning.
   */
  const pages = async (units: number, started: number[]): Promise<number> => {
    try {
      for (;;) {
        const permit = await limiter.acquire();
        started.push(time.now);
        await time.sleep(90);
        permit.charge({ table: units });
      }
    } catch (error) {
      expect(error).toMatchObject({ code: "capacity.later", retryable: true });
      return (error as { value: number }).value - epoch;
    }
  };
  return { time, clock, store, ledger, limiter, updates, epoch, pages };
}

describe("a limiter with a longest wait", () => {
  test("turns its caller away after each page, and keeps the rate although each wake-up costs two updates", async () => {
    const { time, limiter, updates, pages } = await world(2000);
    const started: number[] = [];
    const costs: number[] = [];
    const run = (async () => {
      for (let i = 0; i < 10; i++) {
        updates.mockClear();
        limiter.open();
        const later = await pages(PAGE * [0.9, 1, 1.1][i % 3]!, started);
        await limiter.close();
        costs.push(updates.mock.calls.length);
        await time.sleep(later - time.now - 300);
      }
    })();
    await time.runUntil(100_000);
    await run;
    expect(started).toHaveLength(10);
    expect(costs.slice(1)).toEqual(Array(9).fill(2));
    const units = PAGE * (1 + 1.1 + 0.9 + 1 + 1.1 + 0.9 + 1 + 1.1);
    const share = (1000 * units) / RATE / (started[9]! - started[1]!);
    expect(share).toBeGreaterThan(0.98);
    expect(share).toBeLessThan(1.02);
  });

  test("writes nothing if capacity is promised to others for longer", async () => {
    const { time, clock, ledger, limiter, updates, pages } = await world(2000);
    const until = clock.now() + 5000;
    await ledger.adjust(until - clock.now());
    updates.mockClear();
    limiter.open();
    const later = pages(PAGE, []);
    await time.runUntil(100);
    await limiter.close();
    expect(await later).toBe(5000);
    expect(updates).not.toHaveBeenCalled();
  });

  test("turns away requests that already wait when a look at the ledger shows a longer wait", async () => {
    const { time, limiter, ledger, pages } = await world(2000);
    await ledger.adjust(1500);
    limiter.open();
    const later = pages(PAGE, []);
    await time.runUntil(100);
    await ledger.adjust(6000);
    await time.runUntil(2000);
    expect(await later).toBe(7500);
  });

  test("counts a worker in with its first reservation, and out when it leaves", async () => {
    const { time, limiter, store, pages } = await world(2000);
    limiter.open();
    void pages(PAGE, []);
    await time.runUntil(50);
    expect(await store.read()).toMatchObject({ workers: 1 });
    await time.runUntil(500);
    await limiter.close();
    expect(await store.read()).toMatchObject({ workers: 0, costCount: 1 });
  });
});

describe("the time that requests waited", () => {
  test("is the wait between serial requests since the limiter was opened, and is kept after it was closed", async () => {
    const { time, limiter } = await world();
    expect(limiter.waitedMs).toBe(0);
    limiter.open();
    let ran = 0;
    const work = (async () => {
      for (let i = 0; i < 4; i++) {
        const permit = await limiter.acquire();
        await time.sleep(100);
        ran += 100;
        permit.charge({ table: 5 });
      }
    })();
    await time.runUntil(10_000);
    await work;
    const waited = limiter.waitedMs;
    expect(ran).toBe(400);
    // Each page fills a second. Each page waits for the rest of the one before, the second page for half a page less.
    expect(waited).toBeGreaterThan(2200);
    expect(waited).toBeLessThanOrEqual(3 * 900 + 200);
    await limiter.close();
    expect(limiter.waitedMs).toBe(waited);
    limiter.open();
    expect(limiter.waitedMs).toBe(0);
  });

  test("counts only once for parallel requests, and not while one of them runs", async () => {
    const { time, limiter } = await world();
    limiter.open();
    const first = await Promise.race([limiter.acquire(), time.runUntil(50).then(() => undefined)]);
    const before = limiter.waitedMs;
    for (let i = 0; i < 5; i++) void limiter.acquire().catch(() => undefined);
    await time.runUntil(1050);
    expect(limiter.waitedMs).toBe(before);
    first!.charge({ table: PAGE });
    await time.runUntil(2050);
    expect(limiter.waitedMs).toBe(before + 1000);
    await limiter.close();
  });
});
