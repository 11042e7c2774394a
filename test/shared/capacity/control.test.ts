import { World } from "../../../bench/capacity/simulation";
import { MachineClock, VirtualTime } from "../../../bench/capacity/virtualTime";
import { Ledger } from "../../../shared/capacity/ledger";
import { CapacityLimiter } from "../../../shared/capacity/limiter";
import { MemoryStore } from "../../../shared/capacity/memoryStore";

/** One limiter that turns requests away while paused, and what became of the requests made through `ask`. */
function world() {
  const time = new VirtualTime();
  const clock = new MachineClock(time, 0);
  const ledger = new Ledger(new MemoryStore());
  const limits = { table: 10 };
  const limiter = new CapacityLimiter({ ledger, clock, limits, whenPaused: "reject", random: () => 0.5 });
  const ended: string[] = [];
  const ask = () =>
    limiter.acquire().then(
      (permit) => {
        ended.push("let through");
        permit.charge({ table: 1 });
      },
      (error: { code: string; retryable: boolean }) => void ended.push(`${error.code} ${error.retryable}`),
    );
  return { time, clock, ledger, limiter, ended, ask };
}

describe("a limiter told to turn requests away while paused", () => {
  test("turns away those that wait, and those that come later", async () => {
    const { time, ledger, limiter, ended, ask } = world();
    limiter.open();
    void ask();
    await time.runUntil(200);
    expect(ended).toEqual(["let through"]);
    for (let i = 0; i < 30; i++) void ask();
    await ledger.pause(true);
    await time.runUntil(1500);
    const away = ended.filter((each) => each === "capacity.paused true").length;
    expect(away).toBeGreaterThan(20);
    expect(ended).toHaveLength(31);
    void ask();
    await time.runUntil(1510);
    expect(ended.at(-1)).toBe("capacity.paused true");
    expect(ended).toHaveLength(32);
  });

  test("turns away the first request of a stretch of work that begins paused", async () => {
    const { time, clock, ledger, limiter, ended, ask } = world();
    await ledger.create({ table: 10 }, clock.now());
    await ledger.pause(true);
    limiter.open();
    void ask();
    await time.runUntil(10);
    expect(ended).toEqual(["capacity.paused true"]);
  });

  test("lets them through again once somebody asks after the end of the pause", async () => {
    const { time, clock, ledger, limiter, ended, ask } = world();
    await ledger.create({ table: 10 }, clock.now());
    await ledger.pause(true);
    limiter.open();
    void ask();
    await time.runUntil(10_000);
    await ledger.pause(false);
    void ask();
    await time.runUntil(11_000);
    void ask();
    await time.runUntil(12_000);
    expect(ended).toEqual(["capacity.paused true", "capacity.paused true", "let through"]);
  });
});

describe("the limits in force", () => {
  test("are those last seen in the ledger, also after the limiter was closed", async () => {
    const { time, clock, ledger, limiter, ask } = world();
    expect(limiter.limits).toBeUndefined();
    limiter.open();
    void ask();
    await time.runUntil(200);
    expect(limiter.limits).toEqual({ table: 10 });
    await ledger.configure({ table: 20, indexes: { byDate: 5 } }, clock.now());
    void ask();
    await time.runUntil(1000);
    expect(limiter.limits).toEqual({ table: 20, indexes: { byDate: 5 } });
    await limiter.close();
    expect(limiter.limits).toEqual({ table: 20, indexes: { byDate: 5 } });
  });
});

/** So many workers of the simulated world, each making one request after the other. */
async function crowd(count: number, table: number) {
  const world = new World({ table }, 60_000, 1, () => ({ table: 1 }));
  await world.createLedger();
  const operator = world.ledger(new MachineClock(world.time, 0));
  const turnedAwayAt: number[] = [];
  const limiters = Array.from({ length: count }, (_, i) => {
    const clock = world.machine();
    const ledger = world.ledger(clock);
    const limiter = new CapacityLimiter({ ledger, clock, whenPaused: "reject", random: world.random });
    limiter.open();
    void (async () => {
      for (;;) {
        const permit = await limiter.acquire();
        permit.charge(await world.request(clock));
      }
    })().catch(() => {
      turnedAwayAt[i] = world.time.now;
    });
    return limiter;
  });
  return { world, operator, limiters, turnedAwayAt };
}

describe.each([
  [1, 1],
  [1, 1000],
  [40, 10],
  [40, 10_000],
  [400, 10],
  [400, 2000],
  [400, 100_000],
])("of %d serial workers at %d units a second every one", (count, table) => {
  const at = 12_000;

  test("learns of a pause within two seconds", async () => {
    const { world, operator, turnedAwayAt } = await crowd(count, table);
    await world.time.runUntil(at);
    void operator.pause(true);
    await world.time.runUntil(at + 6000);
    expect(turnedAwayAt.filter(() => true)).toHaveLength(count);
    expect(Math.max(...turnedAwayAt) - at).toBeLessThanOrEqual(2000);
  });

  test("learns of new limits within two seconds", async () => {
    const { world, operator, limiters } = await crowd(count, table);
    await world.time.runUntil(at);
    void operator.configure({ table: table / 2 }, new MachineClock(world.time, 0).now());
    await world.time.runUntil(at + 2000);
    expect(limiters.filter(({ limits }) => limits?.table !== table / 2)).toHaveLength(0);
  });
});
