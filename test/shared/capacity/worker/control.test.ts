import { Ledger } from "../../../../shared/capacity/ledger/ledger";
import { CapacityLimiter } from "../../../../shared/capacity/worker/limiter";
import { MemoryLedger } from "../../../support/memoryLedger";
import { World } from "../../../support/simulation/simulation";
import { MachineClock, VirtualTime } from "../../../support/virtualTime";

/** One limiter that turns requests away while paused, and the fates of the requests made through `ask`. */
function world() {
  const time = new VirtualTime();
  const clock = new MachineClock(time, 0);
  const ledger = new Ledger(new MemoryLedger());
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

describe("a limiter that turns requests away while paused", () => {
  test("turns away requests that wait, and requests that come later", async () => {
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

  test("lets requests through again once one comes after the end of the pause", async () => {
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

describe.each(["reject", "wait"] as const)(
  "a member of a shared ledger whose limiter would %s while paused",
  (whenPaused) => {
    test("behaves as on a paused ledger when the member is paused, while the others get all capacity", async () => {
      const time = new VirtualTime();
      const clock = new MachineClock(time, 0);
      const store = new MemoryLedger();
      const limits = { table: 100 };
      const ended = { a: [] as string[], b: [] as number[] };
      const members = { a: new Ledger(store, { member: "a" }), b: new Ledger(store, { member: "b" }) };
      const limiter = (ledger: Ledger) => {
        const one = new CapacityLimiter({ ledger, clock, limits, whenPaused, random: () => 0.5 });
        one.open();
        return one;
      };
      const work = async (one: CapacityLimiter, done: () => void) => {
        for (;;) {
          const permit = await one.acquire();
          done();
          await time.sleep(5);
          permit.charge({ table: 1 });
        }
      };
      const a = limiter(members.a);
      let letThrough: number[] = [];
      const start = () => work(a, () => void letThrough.push(time.now)).catch((error) => void ended.a.push(error.code));
      void start();
      void work(limiter(members.b), () => void ended.b.push(time.now));
      await time.runUntil(10_000);
      const equal = 1000 / 2;
      expect(Math.min(letThrough.length, ended.b.length)).toBeGreaterThan(0.9 * equal);

      await members.a.pause(true);
      await time.runUntil(12_000);
      expect(Math.max(...letThrough)).toBeLessThanOrEqual(11_200);
      expect(ended.a).toEqual(whenPaused === "reject" ? ["capacity.paused"] : []);
      await time.runUntil(22_000);
      const alone = ended.b.filter((at) => at > 12_000).length;
      expect(alone).toBeGreaterThanOrEqual(980);
      expect(alone).toBeLessThanOrEqual(1010);
      expect(Math.max(...letThrough)).toBeLessThanOrEqual(11_200);

      await members.a.pause(false);
      letThrough = [];
      if (whenPaused === "reject") {
        void start();
        await time.runUntil(24_000);
        void start();
      }
      await time.runUntil(36_000);
      expect(letThrough.filter((at) => at > 26_000).length).toBeGreaterThan(0.9 * equal);
    });
  },
);

describe("the limits in force", () => {
  test("are those last seen in the ledger, even after the limiter was closed", async () => {
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
