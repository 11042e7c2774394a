/** A worker that pauses now and then between its requests, like a worker that stores what it has read. */
import { Ledger } from "../../../../shared/capacity/ledger/ledger";
import { Demand } from "../../../../shared/capacity/worker/demand";
import { CapacityLimiter } from "../../../../shared/capacity/worker/limiter";
import { MemoryLedger } from "../../../support/memoryLedger";
import { MachineClock, VirtualTime } from "../../../support/virtualTime";

const RATE = 1_000;
const PAGE = 50;
const PAGE_MS = 150;
const SECONDS = 30;

/** The work of one worker in {@link SECONDS}. After each second it makes no request for `restMs`. */
async function work(restMs: number, pauseMs?: number): Promise<{ pages: number; waitedMs: number }> {
  const time = new VirtualTime();
  const clock = new MachineClock(time, 0);
  const ledger = new Ledger(new MemoryLedger());
  await ledger.create({ table: RATE }, clock.now());
  const limiter = new CapacityLimiter({ ledger, clock, random: () => 0.5, ...(pauseMs && { pauseMs }) });
  let pages = 0;
  limiter.open();
  const run = (async () => {
    for (let rested = 0; ; ) {
      const permit = await limiter.acquire();
      await time.sleep(PAGE_MS);
      permit.charge({ table: PAGE });
      pages++;
      if (time.now - rested < 1_000) continue;
      await time.sleep(restMs);
      rested = time.now;
    }
  })();
  run.catch(() => undefined);
  await time.runUntil(1_000 * SECONDS);
  const { waitedMs } = limiter;
  await limiter.close();
  return { pages, waitedMs };
}

test("a worker keeps its credit over short pauses, so it never waits while the rate is far from the limit", async () => {
  const alone = await work(100, 250);
  expect(alone.waitedMs).toBeLessThan(0.01 * 1_000 * SECONDS);
  // Seven pages and a pause take 1,150 ms.
  expect(alone.pages).toBeGreaterThanOrEqual(Math.floor((7 * 1_000 * SECONDS) / 1_150) - 1);
});

test("a worker without such a limit gives its credit back, and waits for new credit after each pause", async () => {
  const [keeps, gives] = [await work(100, 250), await work(100)];
  expect(gives.waitedMs).toBeGreaterThan(10 * keeps.waitedMs);
  expect(gives.pages).toBeLessThan(keeps.pages);
});

test.each([
  [1, 1],
  [10, 1],
  [2, 64],
])("after a rest of seconds, requests of %s ms, %s at a time, are held up for a moment only", async (ms, atOnce) => {
  const time = new VirtualTime();
  const clock = new MachineClock(time, 0);
  const store = new MemoryLedger();
  let visits = 0;
  const update: MemoryLedger["update"] = async (change) => {
    visits++;
    await time.sleep(5);
    return store.update(change);
  };
  const ledger = new Ledger({ create: (item) => store.create(item), read: () => store.read(), update });
  await ledger.create({ table: 40_000 }, clock.now());
  const limiter = new CapacityLimiter({ ledger, clock, random: () => 0.5 });
  limiter.open();
  const work = async () => {
    const until = time.now + 2_000;
    while (time.now < until) {
      const permit = await limiter.acquire();
      await time.sleep(ms);
      permit.charge({ table: 1 });
    }
  };
  const burst = () => Promise.all(Array.from({ length: atOnce }, work));
  const first = burst();
  await time.runUntil(time.now + 10_000);
  await first;
  const [waitedBefore, visitsBefore] = [limiter.waitedMs, visits];
  const second = burst();
  await time.runUntil(time.now + 10_000);
  await second;
  expect(limiter.waitedMs - waitedBefore).toBeLessThan(500);
  expect(visits - visitsBefore).toBeLessThan(45);
});

test.each([
  ["less than it may pause", 249, false],
  ["as long as it may pause", 250, true],
  ["longer", 1_000, true],
])("at a visit, a worker without requests for %s is idle: %s ms, %s", (_, ms, idle) => {
  const demand = new Demand(0, 250);
  demand.arrive(0);
  demand.change(0, 0, 1);
  demand.change(100, 0, 0, 1);
  demand.visit(100);
  expect(demand.visit(100 + ms).idle).toBe(idle);
});

test("a worker that never had a request is idle from the beginning", () => {
  expect(new Demand(0, 250).visit(1).idle).toBe(true);
});

// Each request once waited for the delay of its slice, 125 ms and more.
test.each([
  [1, 5],
  [1, 40],
  [2, 20],
  [4, 10],
])(
  "%d workers that use little of the limit, with a request of %d ms now and then, hardly wait for it",
  async (workers, ms) => {
    const time = new VirtualTime();
    const store = new MemoryLedger();
    const ledger = new Ledger(store);
    await ledger.create({ table: RATE }, time.now);
    const waits: number[] = [];
    const work = async (worker: number) => {
      const limiter = new CapacityLimiter({
        ledger,
        clock: new MachineClock(time, 0),
        random: () => 0.5,
        pauseMs: 250,
      });
      limiter.open();
      for (let request = 0; ; request++) {
        await time.sleep(1_000 + 70 * worker);
        const began = time.now;
        const permit = await limiter.acquire();
        if (request > 2) waits.push(time.now - began);
        await time.sleep(10);
        permit.charge({ table: (RATE * ms) / 1_000 });
      }
    };
    for (let worker = 0; worker < workers; worker++) void work(worker);
    await time.runUntil(1_000 * SECONDS);
    expect(waits.length).toBeGreaterThan(20 * workers);
    expect(Math.max(...waits)).toBeLessThanOrEqual(60);
  },
);
