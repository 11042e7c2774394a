import fc from "fast-check";
import type { ChainTurn } from "../../../shared/drivers/driver";
import { type CapacityUse, Crew, fittingChains } from "../../../shared/engine/crew";
import { firstTurn } from "../../../shared/engine/turns";
import type { Job, JobHead } from "../../../shared/jobs/job";
import { MemoryChains, MemoryDriver, MemoryJobs, MemoryTables } from "../../support/memoryStores";
import { sampleJob } from "../../support/sampleJob";

describe("the number of chains that fits", () => {
  /** Chains, busy, used, factor, most, and the number that fits. */
  const cases: [string, number, number, number, number, number, number][] = [
    ["workers hardly wait, half the limit is used: twice as many and some slack", 2, 1, 0.25, 1, 16, 5],
    ["and rounded up", 3, 1, 0.2, 1, 16, 6],
    ["next to nothing is used: four times as many, no more", 2, 1, 0.001, 1, 16, 8],
    ["nothing is used at all", 1, 1, 0, 1, 16, 4],
    ["no more than there can be", 4, 1, 0.05, 1, 7, 7],
    ["all are busy just enough: as many", 4, 0.95, 0.25, 1, 16, 4],
    ["a little busier: one more", 4, 0.97, 0.25, 1, 16, 5],
    ["one alone uses half of the limit: fewer", 4, 1, 0.5, 1, 16, 3],
    ["they wait for a quarter of their time although half the limit is unused: more", 4, 0.75, 0.125, 1, 16, 8],
    ["they wait for longer: another job has the rest, and more workers would only wait more", 4, 0.7, 0.1, 1, 16, 4],
    ["workers wait half of the time: fewer", 9, 0.5, 0.1, 1, 16, 6],
    ["they wait for nearly all of the time: one", 8, 0.05, 0.125, 1, 16, 1],
    ["they wait all the time: one", 8, 0, 0.125, 1, 16, 1],
    ["a worker waits more than its share of the time, as others got more: as many", 3, 0.6, 0.28, 1, 16, 3],
    ["and less, as others got less: as many", 3, 0.85, 0.4, 1, 16, 3],
    ["the need does not fit into fewer", 4, 0.53, 0.25, 1, 16, 4],
    ["it fits just", 4, 0.52, 0.25, 1, 16, 3],
    ["another job has half of the limit: what is busy, and by half more", 8, 0.4, 0.0625, 1, 16, 6],
    ["a single one waits: one", 1, 0.1, 1, 1, 16, 1],
    ["twice the rate: need times two, with some slack", 4, 0.85, 0.25, 2, 16, 8],
    ["twice the rate while half of the workers would have been enough: as many", 4, 0.4, 0.25, 2, 16, 4],
    ["a little more rate, no more chains", 4, 0.5, 0.25, 1.1, 16, 4],
    ["twenty times the rate: four times as many at once", 2, 0.85, 0.5, 20, 16, 8],
    ["a higher rate never means fewer, even if workers wait", 8, 0.1, 0.125, 1.5, 16, 8],
    ["half the rate: half the need", 8, 0.85, 0.125, 0.5, 16, 4],
    ["half the rate while workers are busy: never more", 2, 1, 0.1, 0.9, 16, 2],
    ["a hundredth of the rate: one", 16, 0.85, 0.06, 0.01, 16, 1],
    ["another rate before anything was used: the load times the factor", 2, 0.85, 0, 3, 16, 6],
    ["more than there can be are left alone", 20, 1, 0.01, 1, 16, 20],
    ["more than there can be, and they wait: so many as there can be", 20, 0.8, 0.05, 1, 16, 16],
  ];

  test.each(cases)("%s", (_, chains, busy, used, factor, most, expected) => {
    expect(fittingChains(chains, { busy, used, factor }, most)).toBe(expected);
  });

  test("it is a whole number, one at least, grows by a factor of four at most, and never beyond the most possible workers", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const most = fc.integer({ min: 1, max: 1_000 });
    const measured = fc.record({
      busy: share,
      used: fc.double({ min: 0, max: 10, noNaN: true }),
      factor: fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), measured, most, (chains, measure, bound) => {
        const fitting = fittingChains(chains, measure, bound);
        expect(Number.isInteger(fitting)).toBe(true);
        expect(fitting).toBeGreaterThanOrEqual(1);
        expect(fitting).toBeLessThanOrEqual(Math.max(chains, Math.min(bound, 4 * chains)));
        if (measure.factor < 1) expect(fitting).toBeLessThanOrEqual(chains);
        if (measure.factor > 1) expect(fitting).toBeGreaterThanOrEqual(chains);
      }),
    );
  });

  test("if the rate stays the same, a few steps lead to a number that stays the same", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.double({ min: 0.01, max: 64, noNaN: true }), (chains, needed) => {
        /** As many workers are busy as the rate feeds. Each further worker makes all of them wait. */
        const measure = (n: number) => ({
          busy: Math.min(1, needed / n),
          used: Math.min(1 / n, 1 / needed),
          factor: 1,
        });
        let now = chains;
        for (let step = 0; step < 5; step++) now = fittingChains(now, measure(now), 1_000);
        expect(fittingChains(now, measure(now), 1_000)).toBe(now);
        // Enough for the rate, and at most half of their time is waiting.
        expect(now).toBeGreaterThanOrEqual(Math.floor(needed));
        expect(now).toBeLessThanOrEqual(Math.max(1, Math.ceil(needed / 0.7)));
      }),
    );
  });

  test("it stays the same although measurements are off by a tenth and workers get unequal parts of the limit", () => {
    const off = fc.double({ min: 0.9, max: 1.1, noNaN: true });
    const part = fc.double({ min: 0.85, max: 1.15, noNaN: true });
    fc.assert(
      fc.property(fc.double({ min: 1, max: 64, noNaN: true }), off, part, (needed, error, unequal) => {
        const chains = Math.ceil(needed / 0.85);
        const used = unequal / chains;
        const busy = Math.min(1, used * needed * error);
        expect(fittingChains(chains, { busy, used, factor: 1 }, 1_000)).toBe(chains);
      }),
    );
  });
});

const T = 1_800_000_000_000;

/** A worker of a job in memory, whose capacity a test decides. */
class Ground {
  readonly tables: MemoryTables;
  readonly driver = new MemoryDriver();
  readonly crew: Crew;
  readonly seen: string[] = [];
  now = T;
  use: { waitedMs: number; spentMs: number; perSecond: number | undefined } = {
    waitedMs: 0,
    spentMs: 0,
    perSecond: 100,
  };
  /** Called before messages are sent. */
  meanwhile: () => void = () => undefined;

  constructor(part: Partial<Job> = {}, chain = 0, most = 16) {
    const job = sampleJob({ units: 1_000, ...part });
    this.tables = MemoryTables.with(job);
    const [jobs, chains, tables] = [new MemoryJobs(this.tables), new MemoryChains(this.tables), this.tables];
    this.crew = new Crew({
      chain,
      most,
      jobs: {
        head: (id) => {
          this.seen.push("head");
          return jobs.head(id);
        },
        setChains: (head, wanted) => {
          this.seen.push(`chains ${wanted}`);
          return jobs.setChains(head, wanted);
        },
      },
      chains,
      driver: {
        dispatch: async (turns: readonly ChainTurn[], delaySeconds?: number) => {
          this.seen.push(`sent ${turns.length}`);
          await this.driver.dispatch(turns, delaySeconds);
          this.meanwhile();
        },
      },
      clock: { now: () => this.now },
      use: (): CapacityUse => ({ ...this.use }),
    });
    this.crew.see(tables.job(job.id)!);
  }

  get head(): JobHead {
    return this.tables.job("job")!;
  }

  change(part: Partial<Job>): void {
    this.tables.changeJob("job", part);
  }

  /**
   * Lets the worker work for so long. It waits for one share of the time and uses a share of the limit. Then it decides whether
   * to go on.
   */
  work(ms: number, { waits = 0, uses = 0, perSecond = this.use.perSecond } = {}): Promise<boolean> {
    this.now += ms;
    this.use = { waitedMs: this.use.waitedMs + waits * ms, spentMs: this.use.spentMs + uses * ms, perSecond };
    return this.crew.goOn();
  }
}

const turns = (from: number, to: number, turn = 0) =>
  Array.from({ length: to - from }, (_, n) => ({ job: "job", chain: from + n, turn }));

describe("a crew", () => {
  test("grows if the worker does not wait and the limit is not used up: messages first, then the number", async () => {
    const at = new Ground({ chains: 2 });
    expect(await at.crew.goOn()).toBe(true);
    expect(await at.work(3_000, { uses: 0.2 })).toBe(true);
    // 1 ÷ 0.2 ÷ 0.85 = 5.9
    expect(at.seen).toEqual(["head", "sent 4", "chains 6"]);
    expect(at.driver.dispatched).toEqual(turns(2, 6));
    expect(at.driver.delays).toEqual([0, 0, 0, 0]);
    expect(at.head.chains).toBe(6);
  });

  test("grows beyond a chain that was one too many: this chain goes on, and gets no message", async () => {
    const at = new Ground({ chains: 2 }, 3);
    at.change({ claimed: 0 });
    await at.crew.goOn();
    expect(await at.work(3_000, { uses: 0.2 })).toBe(true);
    expect(at.driver.dispatched).toEqual(turns(2, 6).filter(({ chain }) => chain !== 3));
    expect(at.head.chains).toBe(6);
  });

  test("does not grow if the limit is used up, even if the worker does not wait", async () => {
    const at = new Ground({ chains: 2 });
    await at.crew.goOn();
    await at.work(3_000, { waits: 0.1, uses: 0.48 });
    expect(at.seen).toEqual(["head"]);
    expect(at.head.chains).toBe(2);
  });

  test("shrinks if the worker waits, and no message is sent", async () => {
    const at = new Ground({ chains: 8 });
    await at.crew.goOn();
    expect(await at.work(3_000, { waits: 0.8, uses: 0.1 })).toBe(true);
    // 0.2 ÷ 0.1 ÷ 0.85 = 2.4
    expect(at.seen).toEqual(["head", "chains 3"]);
    expect(at.head.chains).toBe(3);
    expect(at.driver.dispatched).toEqual([]);
  });

  test("is judged after three seconds, not before, and after three more again", async () => {
    const at = new Ground({ chains: 1 });
    await at.crew.goOn();
    await at.work(2_999);
    expect(at.seen).toEqual([]);
    await at.work(1);
    expect(at.head.chains).toBe(4);
    await at.work(2_999, { uses: 0.05 });
    expect(at.head.chains).toBe(4);
    await at.work(1, { uses: 0.05 });
    // Four chains use a fifth of the limit.
    expect(at.head.chains).toBe(16);
  });

  test("is judged by the last six seconds, not by the time before them", async () => {
    const at = new Ground({ chains: 4 });
    await at.crew.goOn();
    await at.work(3_000, { waits: 0.1, uses: 0.25 });
    await at.work(3_000, { waits: 0.9, uses: 0.25 });
    // Busy for half of the time on average: a need of 2, with some slack.
    expect(at.head.chains).toBe(3);
    await at.work(3_000, { waits: 0.9, uses: 0.25 });
    expect(at.head.chains).toBe(1);
  });

  test("is judged only by the time since the limit is known", async () => {
    const at = new Ground({ chains: 1 });
    at.use = { waitedMs: 0, spentMs: 0, perSecond: undefined };
    await at.crew.goOn();
    await at.work(10_000);
    await at.work(1_000, { perSecond: 100 });
    await at.work(2_999);
    expect(at.seen).toEqual([]);
    await at.work(1);
    expect(at.head.chains).toBe(4);
  });

  test("follows a change of the rate at once, by the measurement before it", async () => {
    const at = new Ground({ chains: 4 });
    await at.crew.goOn();
    await at.work(3_000, { waits: 0.15, uses: 0.25 });
    expect(at.head.chains).toBe(4);
    at.seen.length = 0;
    // A tenth of a second says nothing: the worker happened to wait for all of it.
    await at.work(100, { waits: 1, perSecond: 200 });
    expect(at.seen).toEqual(["head", "sent 4", "chains 8"]);
    expect(at.driver.dispatched).toEqual(turns(4, 8));
    await at.work(3_000, { waits: 0.15, uses: 0.125 });
    await at.work(50, { perSecond: 50 });
    expect(at.head.chains).toBe(2);
  });

  test("follows a change by the measurement since then, if that lasted a second or more", async () => {
    const at = new Ground({ chains: 4 });
    await at.crew.goOn();
    await at.work(3_000, { waits: 0.15, uses: 0.25 });
    await at.work(1_000, { waits: 0.6, uses: 0.25, perSecond: 200 });
    expect(at.head.chains).toBe(4);
    await at.work(1_000, { waits: 0.2, uses: 0.25, perSecond: 300 });
    // 0.8 ÷ 0.25 × 1.5 ÷ 0.85 = 5.6
    expect(at.head.chains).toBe(6);
  });

  test("follows a change that comes before any measurement", async () => {
    const at = new Ground({ chains: 2 });
    await at.crew.goOn();
    await at.work(100, { waits: 0.15, perSecond: 300 });
    expect(at.head.chains).toBe(6);
  });

  test("has no more chains than units, even if some chains have not claimed a unit yet", async () => {
    const at = new Ground({ chains: 2, units: 4, claimed: 1 });
    await at.crew.goOn();
    await at.work(3_000, { uses: 0.01 });
    expect(at.driver.dispatched).toEqual(turns(2, 4));
    expect(at.head.chains).toBe(4);
  });

  test("has no more workers than there can be, and no more than units are left for them", async () => {
    const bounded = new Ground({ chains: 2 }, 0, 5);
    await bounded.crew.goOn();
    await bounded.work(3_000);
    expect(bounded.head.chains).toBe(5);
    // Three units are unclaimed, and two are being worked on.
    const short = new Ground({ chains: 2, units: 50, claimed: 47 });
    await short.crew.goOn();
    await short.work(3_000);
    expect(short.head.chains).toBe(5);
  });

  test("does not grow once all places are claimed", async () => {
    const at = new Ground({ chains: 3, units: 50, claimed: 50 });
    await at.crew.goOn();
    await at.work(3_000);
    expect(at.seen).toEqual(["head"]);
  });

  test("depends on the present number of chains, not on the number that the worker saw", async () => {
    const at = new Ground({ chains: 1 });
    await at.crew.goOn();
    at.change({ chains: 4 });
    await at.work(3_000, { uses: 0.27 });
    expect(at.head.chains).toBe(4);
    expect(at.driver.dispatched).toEqual([]);
  });

  test("also begins a chain again that is about to retire: its holder's release makes the turn rise by one", async () => {
    const at = new Ground({ chains: 1 });
    at.tables.putChain("job", { number: 1, turn: 7, owner: "retiring", leaseUntil: T + 60_000 });
    at.tables.putChain("job", { number: 2, turn: 7 });
    await at.crew.goOn();
    await at.work(3_000, { uses: 0.4 });
    expect(at.driver.dispatched).toEqual([
      { job: "job", chain: 1, turn: 8 },
      { job: "job", chain: 2, turn: 7 },
    ]);
  });

  test("does nothing for a job that is gone", async () => {
    const at = new Ground();
    await at.crew.goOn();
    at.crew.see({ ...at.head, id: "gone" });
    expect(await at.work(3_000)).toBe(true);
    expect(at.seen).toEqual(["head"]);
  });

  test("if another worker is quicker, the messages are sent nevertheless, and the other worker's number holds", async () => {
    const at = new Ground({ chains: 2 }, 1);
    await at.crew.goOn();
    at.meanwhile = () => at.change({ chains: 3 });
    expect(await at.work(3_000)).toBe(true);
    expect(at.driver.dispatched).toEqual(turns(2, 8));
    expect(at.head.chains).toBe(3);
    // The worker doesn't rely on its own number: the next judgement begins with the number that holds.
    at.meanwhile = () => undefined;
    await at.work(3_000, { waits: 0.1, uses: 0.68 });
    expect(at.head.chains).toBe(3);
  });

  test("if the job was resumed meanwhile, it has the resumption's number of chains", async () => {
    const at = new Ground({ chains: 2 });
    await at.crew.goOn();
    at.meanwhile = () => at.change({ epoch: 1 });
    await at.work(3_000);
    expect(at.head).toMatchObject({ epoch: 1, chains: 2 });
  });

  test("a chain that worked before gets a message of its own turn; a new chain gets the first turn of the epoch", async () => {
    const at = new Ground({ chains: 1, epoch: 3 });
    at.tables.putChain("job", { number: 1, turn: firstTurn(3) + 17 });
    at.tables.putChain("job", { number: 2, turn: firstTurn(2) + 99 });
    await at.crew.goOn();
    await at.work(3_000);
    expect(at.driver.dispatched).toEqual([
      { job: "job", chain: 1, turn: firstTurn(3) + 17 },
      { job: "job", chain: 2, turn: firstTurn(3) },
      { job: "job", chain: 3, turn: firstTurn(3) },
    ]);
  });

  test("clocks and sums that go back never lead to an absurd number", async () => {
    const at = new Ground({ chains: 4 });
    await at.crew.goOn();
    at.use = { waitedMs: -50_000, spentMs: -50_000, perSecond: 100 };
    await at.work(3_000);
    expect(at.head.chains).toBe(16);
    at.change({ chains: 4 });
    at.use.waitedMs += 100_000;
    await at.work(3_000);
    expect(at.head.chains).toBe(1);
  });
});

describe("a chain that is one too many", () => {
  test.each<[string, number, Partial<Job>, boolean]>([
    ["of a number below the number of chains goes on", 2, { chains: 3 }, true],
    ["of the first number beyond it retires", 3, { chains: 3 }, false],
    ["of a number far beyond it retires", 9, { chains: 3 }, false],
    ["goes on once all places are claimed", 9, { chains: 3, units: 20, claimed: 20 }, true],
    ["retires while a single place is unclaimed", 9, { chains: 3, units: 20, claimed: 19 }, false],
    ["0 goes on, whatever the number", 0, { chains: 0 }, true],
  ])("%s", async (_, chain, part, goesOn) => {
    expect(await new Ground(part, chain).crew.goOn()).toBe(goesOn);
  });

  test("learns of it from the head that it reads in between", async () => {
    const at = new Ground({ chains: 4 }, 3);
    expect(await at.crew.goOn()).toBe(true);
    at.crew.see({ ...at.head, chains: 3 });
    expect(await at.crew.goOn()).toBe(false);
  });

  test("retires by its own judgement, while chain 0 stays", async () => {
    const [first, last] = [new Ground({ chains: 4 }, 0), new Ground({ chains: 4 }, 3)];
    for (const at of [first, last]) await at.crew.goOn();
    expect(await first.work(3_000, { waits: 1 })).toBe(true);
    expect(await last.work(3_000, { waits: 1 })).toBe(false);
    expect([first.head.chains, last.head.chains]).toEqual([1, 1]);
  });

  test("goes on before any head was seen", async () => {
    const at = new Ground({}, 7);
    const unseen = new Crew({
      chain: 7,
      ...{ jobs: new MemoryJobs(at.tables), chains: new MemoryChains(at.tables), driver: at.driver, most: 16 },
      clock: { now: () => T },
      use: () => ({ waitedMs: 0, spentMs: 0, perSecond: 100 }),
    });
    expect(await unseen.goOn()).toBe(true);
  });
});
