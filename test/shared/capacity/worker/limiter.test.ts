import { seededRandom } from "../../../../local/faults/random";
import { ConsumptionTimeline } from "../../../../local/gateway/consumptionTimeline";
import { Ledger } from "../../../../shared/capacity/ledger/ledger";
import type { LedgerStore } from "../../../../shared/capacity/ledger/ledgerItem";
import { CapacityLimiter } from "../../../../shared/capacity/worker/limiter";
import { MemoryLedger } from "../../../support/memoryLedger";
import { MachineClock, VirtualTime } from "../../../support/virtualTime";

const limits = { table: 10, indexes: { byDate: 5 } };

/** Virtual time, one ledger, and as many workers as a test needs. */
function world(store: LedgerStore = new MemoryLedger()) {
  const time = new VirtualTime();
  const clock = new MachineClock(time, 0);
  const ledger = new Ledger(store);
  const limiter = () => new CapacityLimiter({ ledger, clock, limits, random: () => 0.5 });
  return { time, clock, ledger, limiter };
}

/** A store that answers `ms` after it has made a change. */
function distant(store: LedgerStore, time: VirtualTime, ms: number): LedgerStore {
  return {
    create: (item) => store.create(item),
    read: () => store.read(),
    update: async (change) => {
      const result = await store.update(change);
      await time.sleep(ms);
      return result;
    },
  };
}

/** Sends requests one after the other, each costing `units` and taking `ms`; collects when they started. */
async function serial(
  limiter: CapacityLimiter,
  time: VirtualTime,
  units: number,
  started: number[],
  count = 1e6,
  ms = 5,
) {
  for (let i = 0; i < count; i++) {
    const permit = await limiter.acquire();
    started.push(time.now);
    await time.sleep(ms);
    permit.charge({ table: units });
  }
}

describe("a limiter", () => {
  test("lets requests through at the rate of the limit, evenly, from the first second on", async () => {
    const { time, limiter } = world();
    const one = limiter();
    one.open();
    const started: number[] = [];
    void serial(one, time, 1, started).catch(() => undefined);
    await time.runUntil(60_000);
    const gaps = started.slice(3).map((at, i) => at - started[i + 2]!);
    expect(started.length).toBeGreaterThanOrEqual(590);
    expect(started.length).toBeLessThanOrEqual(601);
    expect(Math.min(...gaps)).toBeGreaterThan(50);
    expect(Math.max(...gaps)).toBeLessThan(150);
  });

  test.each([
    [1, 1],
    [5, 1],
    [50, 20],
    [300, 50],
    [1000, 50],
    [5000, 50],
  ])(
    "does not hold up requests of %d ms and %d units, one after the other, that cannot reach the limit",
    async (ms, units) => {
      const { time, clock } = world();
      const ledger = new Ledger(distant(new MemoryLedger(), time, 10));
      const one = new CapacityLimiter({ ledger, clock, limits: { table: 2_000 }, random: () => 0.5 });
      one.open();
      const started: number[] = [];
      void serial(one, time, units, started, 1e6, ms).catch(() => undefined);
      await time.runUntil(40_000);
      expect(started.length).toBeGreaterThanOrEqual(Math.floor(0.98 * (40_000 / ms)));
    },
  );

  test("waits out a debt much larger than a second's capacity", async () => {
    const { time, limiter } = world();
    const one = limiter();
    one.open();
    const started: number[] = [];
    void serial(one, time, 70, started).catch(() => undefined);
    await time.runUntil(30_000);
    // The first request, of unknown cost, was made at once. The others were made in the middle of their slices.
    expect(started.slice(1).map((at, i) => Math.round((at - started[i]!) / 1000))).toEqual([7, 7, 7, 7]);
  });

  test("charges by the index that is nearest its own limit", async () => {
    const { time, limiter } = world();
    const one = limiter();
    one.open();
    let done = 0;
    void (async () => {
      for (;;) {
        const permit = await one.acquire();
        permit.charge({ table: 1, indexes: { byDate: 2, other: 3 } });
        done++;
      }
    })().catch(() => undefined);
    await time.runUntil(40_000);
    expect(done).toBeGreaterThan(97);
    expect(done).toBeLessThan(103);
  });

  test("serves requests in the order they came", async () => {
    const { time, limiter } = world();
    const one = limiter();
    one.open();
    const order: number[] = [];
    for (let i = 0; i < 20; i++) {
      void one.acquire().then((permit) => {
        order.push(i);
        permit.charge({ table: 1 });
      });
    }
    await time.runUntil(3000);
    expect(order).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  test("a request that gives up leaves the line, and the others move up", async () => {
    const { time, limiter } = world();
    const one = limiter();
    one.open();
    const abort = new AbortController();
    const ended: string[] = [];
    const line = ["a", "b", "c"].map((name) =>
      one.acquire(name === "b" ? { signal: abort.signal } : {}).then(
        (permit) => {
          ended.push(name);
          permit.charge({ table: 1 });
        },
        (reason: unknown) => void ended.push(`${name}: ${String(reason)}`),
      ),
    );
    abort.abort("changed my mind");
    await time.runUntil(1000);
    await Promise.all(line);
    expect(ended).toEqual(["b: changed my mind", "a", "c"]);
  });

  test.each([
    ["gave up", (abort: AbortController) => abort.abort("changed my mind")],
    ["were turned away by a pause", (_: AbortController, ledger: Ledger) => ledger.pause(true)],
  ])("reserves nothing for requests that %s", async (_, end) => {
    const store = new MemoryLedger();
    const { time, clock, ledger } = world(store);
    const one = new CapacityLimiter({ ledger, clock, limits, whenPaused: "reject", random: () => 0.5 });
    one.open();
    void serial(one, time, 1, [], 5).catch(() => undefined);
    await time.runUntil(600);
    const abort = new AbortController();
    const waiting = Promise.allSettled(Array.from({ length: 30 }, () => one.acquire({ signal: abort.signal })));
    await end(abort, ledger);
    await time.runUntil(3000);
    expect((await waiting).filter(({ status }) => status === "rejected").length).toBeGreaterThan(20);
    await ledger.pause(false);
    await time.runUntil(6000);
    const updates = jest.spyOn(store, "update");
    await time.runUntil(20_000);
    expect(updates).not.toHaveBeenCalled();
  });

  test("turns away all requests that still wait at the deadline, and all later ones", async () => {
    const { time, clock, limiter } = world();
    const one = limiter();
    one.open({ deadline: clock.now() + 1000 });
    const first = await Promise.race([one.acquire(), time.runUntil(100).then(() => undefined)]);
    first?.charge({ table: 1000 });
    const waiting = one.acquire().catch((error: unknown) => error);
    await time.runUntil(1001);
    expect(await waiting).toMatchObject({ code: "capacity.deadline", retryable: true });
    await expect(one.acquire()).rejects.toMatchObject({ code: "capacity.deadline" });
  });

  test("must be open to be used, and can be opened only once", async () => {
    const one = world().limiter();
    await expect(one.acquire()).rejects.toMatchObject({ code: "capacity.closed" });
    one.open();
    expect(() => one.open()).toThrow(expect.objectContaining({ code: "capacity.open" }));
    await one.close();
    await one.close();
  });

  test("gives unspent capacity back, and leaves", async () => {
    const { time, clock, ledger, limiter } = world();
    const one = limiter();
    one.open();
    const started: number[] = [];
    const work = serial(one, time, 1, started, 5);
    await time.runUntil(2000);
    await work;
    const before = await ledger.read();
    await one.close();
    const after = await ledger.read();
    expect(before.workers).toBe(1);
    expect(after.workers).toBe(0);
    expect(after.until).toBeLessThanOrEqual(clock.now());
  });

  test("gives back the capacity of a reservation that is granted after it was closed", async () => {
    const store = new MemoryLedger();
    const { time, clock, ledger } = world(store);
    const far = new Ledger(distant(store, time, 100));
    await ledger.create(limits, clock.now());
    const limiter = () => new CapacityLimiter({ ledger: far, clock, random: () => 0.5 });
    const one = limiter();
    one.open();
    void serial(one, time, 1, []).catch(() => undefined);
    const granted = async () => (await store.read())!.until > clock.now();
    await time.runUntil(3000);
    for (let at = 3000; !(await granted()); at += 10) await time.runUntil(at);
    const closed = one.close();
    await time.runUntil(5000);
    await closed;
    const { until, workers } = (await store.read())!;
    expect([workers, until <= clock.now() - 1500]).toEqual([0, true]);
  });

  test("asks nothing of the ledger before the first request", async () => {
    const { ledger, limiter } = world();
    const one = limiter();
    one.open();
    await one.close();
    await expect(ledger.read()).rejects.toMatchObject({ code: "capacity.ledger-missing" });
  });

  test("stops within a slice of a pause, and goes on after it", async () => {
    const { time, ledger, limiter } = world();
    const one = limiter();
    one.open();
    const started: number[] = [];
    void serial(one, time, 1, started).catch(() => undefined);
    await time.runUntil(5000);
    await ledger.pause(true);
    await time.runUntil(10_000);
    await ledger.pause(false);
    await time.runUntil(20_000);
    expect(started.filter((at) => at > 6300 && at <= 10_000)).toEqual([]);
    expect(started.filter((at) => at > 12_000).length).toBeGreaterThan(75);
  });

  test.each([
    [100, 100],
    [2, 2],
  ])("follows a limit changed to %d units a second while running", async (table, rate) => {
    const { time, clock, ledger, limiter } = world();
    const one = limiter();
    one.open();
    const started: number[] = [];
    void serial(one, time, 1, started).catch(() => undefined);
    await time.runUntil(5000);
    await ledger.configure({ table }, clock.now());
    await time.runUntil(7000);
    const before = started.length;
    await time.runUntil(27_000);
    const perSecond = (started.length - before) / 20;
    expect(Math.abs(perSecond - rate)).toBeLessThanOrEqual(0.05 * rate);
  });

  test("a throttle slows all workers down, and they recover by one percent a second", async () => {
    const { time, ledger, limiter } = world();
    const one = limiter();
    one.open();
    const started: number[] = [];
    void serial(one, time, 1, started).catch(() => undefined);
    await time.runUntil(10_000);
    one.throttled();
    await time.runUntil(11_000);
    expect(await ledger.read()).toMatchObject({ factor: 0.8 });
    const before = started.length;
    await time.runUntil(21_000);
    expect((started.length - before) / 100).toBeGreaterThan(0.8);
    expect((started.length - before) / 100).toBeLessThan(0.93);
    await time.runUntil(40_000);
    const later = started.length;
    await time.runUntil(50_000);
    expect((started.length - later) / 100).toBeGreaterThan(0.98);
  });

  test("an attempt that consumed nothing is not charged; an attempt with an unknown end is charged by the estimate", async () => {
    const { time, limiter } = world();
    const one = limiter();
    one.open();
    let [released, kept] = [0, 0];
    (await Promise.race([one.acquire(), time.runUntil(100) as Promise<never>])).charge({ table: 1 });
    void (async () => {
      for (let i = 0; i < 300; i++) {
        const permit = await one.acquire();
        await time.sleep(5);
        if (i % 2 === 0) {
          released++;
          permit.release();
        } else {
          kept++;
          permit.keep();
        }
      }
    })().catch(() => undefined);
    await time.runUntil(10_100);
    expect(kept).toBeGreaterThan(93);
    expect(kept).toBeLessThan(103);
    expect(Math.abs(released - kept)).toBeLessThanOrEqual(1);
  });

  test("a ledger out of reach turns requests away only if the worker never joined it", async () => {
    const errors: unknown[] = [];
    const broken = new MemoryLedger();
    broken.update = () => Promise.reject(new Error("unreachable"));
    const { clock, ledger } = world(broken);
    const one = new CapacityLimiter({ ledger, clock, limits, onLedgerError: (error) => void errors.push(error) });
    one.open();
    await expect(one.acquire()).rejects.toThrow("unreachable");
    expect(errors).toHaveLength(1);
  });
});

describe("workers that share a ledger", () => {
  test("get equal shares, and the share of one that crashes goes to the others", async () => {
    const { time, ledger } = world();
    const clocks = Array.from({ length: 4 }, () => new MachineClock(time, 0));
    const started = clocks.map((): number[] => []);
    clocks.forEach((clock, i) => {
      const limiter = new CapacityLimiter({ ledger, clock, limits: { table: 100 }, random: Math.random });
      limiter.open();
      for (let j = 0; j < 4; j++) {
        void (async () => {
          for (;;) {
            const permit = await limiter.acquire();
            started[i]!.push(time.now);
            await clock.sleep(5);
            permit.charge({ table: 1 });
          }
        })().catch(() => undefined);
      }
    });
    await time.runUntil(10_000);
    const counts = started.map((each) => each.length);
    expect(Math.min(...counts)).toBeGreaterThan(200);
    clocks[0]!.crash();
    clocks[1]!.crash();
    await time.runUntil(12_000);
    const before = started.flat().length;
    await time.runUntil(22_000);
    expect((started.flat().length - before) / 1000).toBeGreaterThan(0.97);
    expect((started.flat().length - before) / 1000).toBeLessThan(1.01);
  });

  test("keep each second near the limit although some requests cost next to nothing and others twice the average", async () => {
    const { time, ledger } = world();
    const random = seededRandom(1);
    const record = new ConsumptionTimeline(120_000, 10);
    for (let worker = 0; worker < 8; worker++) {
      const clock = new MachineClock(time, 0);
      const limiter = new CapacityLimiter({ ledger, clock, limits: { table: 100 }, random });
      limiter.open();
      for (let lane = 0; lane < 2; lane++) {
        void (async () => {
          for (;;) {
            const permit = await limiter.acquire();
            await clock.sleep(5 + 10 * random());
            const table = Math.max(0.1, Math.floor(4 * random()));
            record.add(time.now, { table });
            permit.charge({ table });
          }
        })().catch(() => undefined);
      }
    }
    await time.runUntil(120_000);
    const limit = { table: 100 };
    expect(record.mean(limit, 2_000, 119_000)).toBeGreaterThan(0.99);
    const seconds = Array.from({ length: 11_600 }, (_, i) => record.mean(limit, 2_000 + 10 * i, 3_000 + 10 * i));
    // Their standard deviation. It is 0.032 if a worker's next reservation makes up for what its last slice cost too much.
    const squares = seconds.map((share) => (share - 1) ** 2);
    expect(Math.sqrt(squares.reduce((sum, each) => sum + each, 0) / squares.length)).toBeLessThan(0.028);
  });

  test("keep each second near the limit when workers with batches join others with single writes", async () => {
    const worst: number[] = [];
    for (const seed of [1, 2, 3, 4]) {
      const { time, ledger } = world();
      const random = seededRandom(seed);
      const record = new ConsumptionTimeline(20_000, 10);
      const work = (units: number, lanes: number, latencyMs: number) => {
        const clock = new MachineClock(time, 0);
        const limiter = new CapacityLimiter({ ledger, clock, limits: { table: 200 }, random });
        limiter.open();
        const lane = async () => {
          for (;;) {
            const permit = await limiter.acquire();
            await clock.sleep(latencyMs * (0.5 + random()));
            record.add(time.now, { table: units });
            permit.charge({ table: units });
          }
        };
        for (let i = 0; i < lanes; i++) void lane().catch(() => undefined);
      };
      for (let worker = 0; worker < 4; worker++) work(1, 16, 20);
      await time.runUntil(5_000);
      // On a busy machine, requests take so long at first that a worker opens many lanes.
      for (let worker = 0; worker < 4; worker++) work(4, 20, 100);
      await time.runUntil(20_000);
      worst.push(record.worst({ table: 200 }, 5_000, 19_000).share);
    }
    expect(Math.max(...worst)).toBeLessThan(1.1);
  });

  test("lose little of the limit while one in twenty updates of the ledger fails, and forty workers have crashed", async () => {
    const store = new MemoryLedger();
    const { time, ledger } = world(store);
    await ledger.create({ table: 500 }, 0);
    for (let crashed = 0; crashed < 40; crashed++) await ledger.join();
    const update = store.update.bind(store);
    let [calls, units] = [0, 0];
    store.update = (change) => (++calls % 20 === 0 ? Promise.reject(new Error("unreachable")) : update(change));
    for (let n = 0; n < 2; n++) {
      const clock = new MachineClock(time, 0);
      const limiter = new CapacityLimiter({ ledger, clock, random: Math.random });
      limiter.open();
      for (let lane = 0; lane < 10; lane++) {
        void (async () => {
          for (;;) {
            const permit = await limiter.acquire();
            await clock.sleep(10);
            units++;
            permit.charge({ table: 1 });
          }
        })().catch(() => undefined);
      }
    }
    await time.runUntil(30_000);
    expect(units / (500 * 30)).toBeGreaterThan(0.85);
  });

  test("try again soon after a failure, and less and less often while the ledger is out of reach", async () => {
    const store = new MemoryLedger();
    const { time, clock, ledger } = world(store);
    await ledger.create({ table: 500 }, 0);
    const limiter = new CapacityLimiter({ ledger, clock, random: () => 1 });
    limiter.open();
    void (async () => {
      for (;;) (await limiter.acquire()).charge({ table: 1 });
    })().catch(() => undefined);
    await time.runUntil(5_000);
    const at: number[] = [];
    store.update = () => {
      at.push(time.now);
      return Promise.reject(new Error("unreachable"));
    };
    await time.runUntil(12_000);
    const gaps = at.slice(1).map((each, n) => each - at[n]!);
    expect(gaps.slice(0, 6)).toEqual([50, 100, 200, 400, 800, 1000]);
  });

  test.each([
    ["two workers, of sessions of six seconds", 2, 6_000],
    ["eight workers, of sessions of a minute", 8, 60_000],
  ])("lose little of the limit, although the ledger counts eighty that crashed: %s", async (_, workers, sessionMs) => {
    const { time, ledger } = world();
    await ledger.create({ table: 500 }, 0);
    for (let crashed = 0; crashed < 80; crashed++) await ledger.join();
    let units = 0;
    const work = async (clock: MachineClock) => {
      const limiter = new CapacityLimiter({ ledger, clock, random: Math.random });
      limiter.open();
      const until = clock.now() + sessionMs;
      const lane = async () => {
        while (clock.now() < until) {
          const permit = await limiter.acquire();
          await clock.sleep(250 * (0.5 + Math.random()));
          units += 7.5;
          permit.charge({ table: 7.5 });
        }
      };
      await Promise.all(Array.from({ length: 18 }, lane));
      await limiter.close();
    };
    for (let n = 0; n < workers; n++) {
      const clock = new MachineClock(time, 0);
      void (async () => {
        await clock.sleep((n * sessionMs) / workers);
        for (;;) await work(clock);
      })();
    }
    await time.runUntil(30_000);
    expect(units / (500 * 30)).toBeGreaterThan(0.8);
    expect(units / (500 * 30)).toBeLessThan(1.02);
  });
});
