/** How a chain passes from one invocation to the next, and how it ends. */
import { MOST_CHAIN_ATTEMPTS } from "../../../shared/engine/heldChain";
import { mayRetire } from "../../../shared/engine/protocol";
import { firstTurn } from "../../../shared/engine/turns";
import type { Work } from "../../../shared/engine/unitWork";
import type { Job, JobHead } from "../../../shared/jobs/job";
import { unitOf } from "../../../shared/jobs/storage/reading";
import type { Unit } from "../../../shared/jobs/unit";
import { ends, finishes, jobAtHand, Lasting, last, outage, page, savesThen, stopped, T, throws } from "./unitAtHand";

/** The course of the work on each unit, in turn. */
function inTurn(...works: Work[]): Work {
  return (job, unit, tools) => works.shift()!(job, unit, tools);
}

describe("units one after the other", () => {
  test("until all have ended, and then the job ends before the chain is released", async () => {
    const { handle, log, job, chain, ends: ended } = jobAtHand({ job: { units: 3 } });
    expect(await handle(finishes)).toBe("ended");
    expect(new Set(ended.map(([unit]) => unit))).toEqual(new Set([0, 1, 2]));
    const unit = ["jobs.claim", "units.take", "units.finish"];
    expect(log.filter((step) => step !== "ending.tablesProblem")).toEqual([
      ...["chains.take", ...unit, ...unit, ...unit, "jobs.claim"],
      ...["ending.summarize", "jobs.end", "ending.announce", "jobs.announced", "chains.release"],
    ]);
    expect(job()).toMatchObject({ state: "completed", result: "all", unitsDone: 3, unitsFailed: 0, announced: true });
    expect(chain()).toEqual({ number: 0, turn: 1 });
  });

  test("a unit costs three writes", async () => {
    const { handle, log } = jobAtHand({ job: { units: 10 } });
    await handle(finishes);
    const writes = log.filter((step) => /^(units|chains)\.|jobs\.claim/.test(step));
    // There are also the writes of the chain, and the claim that finds nothing.
    expect(writes).toHaveLength(3 * 10 + 3);
  });

  test("no further unit is begun once the time for new units is over", async () => {
    const { handle, driver, time } = jobAtHand({ job: { units: 3 } });
    const slow: Work = async () => {
      time.now = T + 50_000;
      return { end: "exhausted", checkpoint: last };
    };
    expect(await handle(slow)).toBe("continued");
    expect(driver.dispatched).toEqual([{ job: "job", chain: 0, turn: 1 }]);
  });

  test("a unit that fails doesn't hold up the others", async () => {
    const { handle, ends: ended, job } = jobAtHand({ job: { units: 3 } });
    expect(await handle(inTurn(throws(outage), finishes, finishes))).toBe("continued");
    expect(ended.map(([, { end }]) => end)).toEqual(["retried", "done", "done"]);
    expect(job().state).toBe("running");
  });

  test.each([
    ["whose result is known", "completed", [finishes, finishes]],
    ["of which one has failed", "failed", [throws(new Lasting("no")), finishes]],
  ] as const)("a job %s ends as %s", async (_what, state, works) => {
    const { handle, job } = jobAtHand({ job: { units: 2 }, unit: { attempts: 2, number: 0 } });
    const [zero, one] = works;
    await handle((given, unit, tools) => (unit.number === 0 ? zero : one)(given, unit, tools));
    expect(job()).toMatchObject({ state, announced: true });
  });

  test("a unit in another worker's hands is left to that worker", async () => {
    const {
      handle,
      job,
      ends: ended,
    } = jobAtHand({
      job: { units: 2, claimed: 1 },
      unit: { number: 0, owner: "other", leaseUntil: T + 5_000 },
    });
    expect(await handle(finishes)).toBe("ended");
    expect(ended).toHaveLength(1);
    expect(job().state).toBe("running");
  });

  test.each<[string, Partial<Unit>, number]>([
    ["once, if another worker has one", { owner: "other", leaseUntil: T + 5_000 }, 1],
    ["once more by the worker that ends the job", { state: "done" }, 2],
  ])("the records of all units are read %s", async (_how, part, lists) => {
    const { handle, tables } = jobAtHand({ job: { units: 2, claimed: 2 }, unit: { number: 0, ...part } });
    tables.putUnit("job", { ...unitOf(undefined), number: 1, state: "done" });
    const list = jest.spyOn(tables, "unitsOf");
    expect(await handle(finishes)).toBe("ended");
    expect(list).toHaveBeenCalledTimes(lists);
  });

  test("a unit whose worker crashed is found at the end", async () => {
    const crashed = { number: 0, owner: "other", leaseUntil: T - 1, attempts: 1 };
    const { handle, job, unit } = jobAtHand({ job: { claimed: 1 }, unit: crashed });
    expect(await handle(finishes)).toBe("ended");
    expect(unit().state).toBe("done");
    expect(job().state).toBe("completed");
  });
});

describe("a hand-on", () => {
  test("sends the next turn first: only then may the chain's turn rise", async () => {
    const { handle, log, driver, chain } = jobAtHand({ chain: { turn: 8 } });
    expect(await handle(savesThen(stopped(true, false)), { turn: 8 })).toBe("continued");
    expect(driver.dispatched).toEqual([{ job: "job", chain: 0, turn: 9, unit: 0 }]);
    expect(driver.delays).toEqual([0]);
    expect(chain()).toEqual({ number: 0, turn: 9 });
    expect(log.slice(-4)).toEqual(["units.release", "rest", "driver.dispatch", "chains.release"]);
  });

  test("by a message of the epoch before overtakes the resumption's message, which is then stale", async () => {
    const { handle, driver, chain } = jobAtHand({ job: { units: 9, epoch: 1 }, chain: { turn: 8 } });
    expect(await handle(stopped(true, true), { turn: 8 })).toBe("continued");
    const turn = firstTurn(1) + 1;
    expect(driver.dispatched).toMatchObject([{ chain: 0, turn }]);
    expect(chain()).toEqual({ number: 0, turn });
    expect(await handle(finishes, { turn: firstTurn(1) }, "next")).toBe("stale");
  });

  test("begins with the unit that was put down", async () => {
    const { handle, ends: ended } = jobAtHand({ job: { units: 100 } });
    await handle(inTurn(stopped(true, true)));
    const [[unit]] = ended as [[number, unknown]];
    await handle(inTurn(stopped(true, true)), { turn: 1, unit }, "next");
    expect(ended.map(([number]) => number)).toEqual([unit, unit]);
  });

  test.each([
    [8_900, 8],
    [900, 0],
    [-5, 0],
    [29_900, 29],
    // If the rate is raised meanwhile, it is in force then.
    [31_000, 30],
    [10_000_000, 30],
  ])("where capacity comes %d ms later is delayed by %d s", async (ms, seconds) => {
    const { handle, driver } = jobAtHand();
    expect(await handle(ends({ end: "stopped", progressed: true, waited: true, later: T + ms }))).toBe("continued");
    expect(driver.delays).toEqual([seconds]);
  });

  test("that cannot be sent leaves the chain as it is", async () => {
    const { handle, chain, log } = jobAtHand({ fail: { "driver.dispatch": outage } });
    await expect(handle(stopped(true, false))).rejects.toBe(outage);
    expect(chain()).toMatchObject({ owner: "worker", turn: 0, leaseUntil: T + 60_000 });
    expect(log).not.toContain("chains.release");
  });

  test("of a lost chain keeps the message", async () => {
    const { handle, tables } = jobAtHand();
    const work: Work = async () => {
      tables.putChain("job", { number: 0, turn: 0, owner: "other", leaseUntil: T + 99_000 });
      return { end: "stopped", progressed: true, waited: false };
    };
    await expect(handle(work)).rejects.toMatchObject({ code: "CHAIN_LOST", retryable: true });
  });
});

describe("a message", () => {
  test("of an earlier turn is dropped", async () => {
    const { handle, log } = jobAtHand({ chain: { turn: 5 } });
    expect(await handle(finishes, { turn: 4 })).toBe("stale");
    expect(log).toEqual(["chains.take"]);
  });

  test("of a missing job is dropped", async () => {
    const { handle, log } = jobAtHand();
    expect(await handle(finishes, { job: "another" })).toBe("unknown");
    expect(log).toEqual([]);
  });

  test.each([
    ["a chain that no job of so many units has", { chain: 4 }],
    ["a unit that the job does not have", { unit: 4 }],
    ["a turn of an epoch that has not come", { turn: firstTurn(2) }],
  ])("that the job cannot have sent is dropped without a trace: %s", async (_what, turn) => {
    const { handle, log } = jobAtHand({ job: { units: 4, epoch: 1 } });
    expect(await handle(finishes, turn)).toBe("unknown");
    expect(log).toEqual([]);
  });

  test.each([
    ["an earlier epoch", { turn: 5 }],
    ["the last turn of this one", { turn: firstTurn(2) - 1 }],
    ["the last unit", { turn: firstTurn(1), unit: 3 }],
    ["the last chain", { turn: firstTurn(1), chain: 3 }],
  ])("of %s is worked on", async (_what, turn) => {
    const { handle } = jobAtHand({ job: { units: 4, epoch: 1 } });
    expect(await handle(finishes, turn)).toBe("ended");
  });

  test("whose chain is held stays until the lease ends", async () => {
    const { handle, time } = jobAtHand({ chain: { owner: "other", leaseUntil: T + 5_000 } });
    const held = { code: "CHAIN_HELD", value: T + 5_000, retryable: true };
    await expect(handle(finishes)).rejects.toMatchObject(held);
    expect(time.now).toBe(T);
  });

  test("that comes before its sender has released the chain waits for the release, two seconds at most", async () => {
    const { handle, time, tables, chain } = jobAtHand({ chain: { owner: "other", leaseUntil: T + 50_000 } });
    await expect(handle(finishes, { turn: 1 })).rejects.toMatchObject({ code: "CHAIN_HELD" });
    expect(time.now).toBe(T + 2_000);
    const takes = tables.takeChain.bind(tables);
    tables.takeChain = (request) => {
      if (time.now >= T + 2_300) tables.putChain("job", { number: 0, turn: 1 });
      return takes(request);
    };
    expect(await handle(finishes, { turn: 1 })).toBe("ended");
    expect(time.now).toBe(T + 2_300);
    expect(chain()).toEqual({ number: 0, turn: 2 });
  });

  test("of a resumption, if it comes while a worker puts the chain down, waits for that, too", async () => {
    const held = { turn: 3, owner: "other", leaseUntil: T + 50_000 };
    const { handle, time, tables } = jobAtHand({ job: { epoch: 1 }, chain: held });
    const takes = tables.takeChain.bind(tables);
    tables.takeChain = (request) => {
      if (time.now >= T + 500) tables.putChain("job", { number: 0, turn: 3 });
      return takes(request);
    };
    expect(await handle(finishes, { turn: firstTurn(1) })).toBe("ended");
    expect(time.now).toBe(T + 500);
  });

  test.each(["paused", "failed", "cancelled", "completed"] as const)(
    "of a job that is %s takes no unit",
    async (state) => {
      const { handle, log } = jobAtHand({ job: { state, announced: true } });
      expect(await handle(finishes)).toBe("parked");
      expect(log).toEqual([]);
    },
  );

  test.each(["completed", "failed"] as const)(
    "of a job that %s without a publication publishes the end, once",
    async (state) => {
      const { handle, log, job } = jobAtHand({ job: { state } });
      for (const _ of [1, 2]) expect(await handle(finishes)).toBe("parked");
      expect(log).toEqual(["ending.announce", "jobs.announced"]);
      expect(job()).toMatchObject({ announced: true });
    },
  );
});

describe("workers that stop one after the other", () => {
  const crashed = (attempts: number) => ({ owner: "crashed", leaseUntil: T - 1, attempts });

  test("are counted in the record of their chain, until one of them puts the chain down", async () => {
    const { handle, chain } = jobAtHand({ chain: crashed(3) });
    let during: unknown;
    const work: Work = async () => {
      during = chain();
      return { end: "stopped", progressed: true, waited: false };
    };
    expect(await handle(work)).toBe("continued");
    expect(during).toMatchObject({ owner: "worker", attempts: 4 });
    expect(chain()).toEqual({ number: 0, turn: 1 });
  });

  test("stop the job before the message becomes a dead letter", async () => {
    const { handle, job, log, tables, ends: ended } = jobAtHand({ chain: crashed(MOST_CHAIN_ATTEMPTS) });
    expect(await handle(finishes)).toBe("parked");
    const reason =
      "Its workers stopped 80 times one after the other before they could record why. See the log of the worker function; more memory or a longer timeout may help.";
    expect(job()).toMatchObject({ state: "failed", reason, announced: true });
    expect(tables.isPaused("job")).toBe(true);
    expect(log).not.toContain("units.take");
    expect(ended).toEqual([]);
  });

  test("have one more try before that, and start the count anew once the job is resumed", async () => {
    const { handle, job, chain, tables } = jobAtHand({ chain: crashed(MOST_CHAIN_ATTEMPTS - 1) });
    expect(await handle(finishes)).toBe("ended");
    expect(job()).toMatchObject({ state: "completed" });
    tables.putChain("job", { number: 0, turn: 0, ...crashed(MOST_CHAIN_ATTEMPTS) });
    tables.changeJob("job", { state: "running", announced: undefined });
    await handle(finishes);
    expect(chain()).toEqual({ number: 0, turn: 0 });
  });

  test("are fewer than the receives of a message", () => {
    expect(MOST_CHAIN_ATTEMPTS).toBe(80);
  });
});

describe("a pause", () => {
  test("puts unit and chain down with their turns, without an attempt", async () => {
    const { handle, unit, chain, tables, driver } = jobAtHand({ unit: { attempts: 1 } });
    const paused: Work = async () => {
      tables.changeJob("job", { state: "paused" });
      return { end: "paused" };
    };
    expect(await handle(paused)).toBe("parked");
    expect(unit()).toMatchObject({ attempts: 1, turn: 0 });
    expect(chain()).toEqual({ number: 0, turn: 0 });
    expect(driver.dispatched).toEqual([]);
  });

  test("that is already over hands the chain on", async () => {
    const { handle, unit, driver } = jobAtHand();
    expect(await handle(ends({ end: "paused" }))).toBe("continued");
    expect(unit()).toMatchObject({ attempts: 0, turn: 0 });
    expect(driver.dispatched).toEqual([{ job: "job", chain: 0, turn: 1, unit: 0 }]);
  });

  test("that is seen between two units parks the chain", async () => {
    const { handle, tables, driver } = jobAtHand({ job: { units: 2 } });
    const work: Work = async () => {
      tables.changeJob("job", { state: "paused" });
      return { end: "exhausted", checkpoint: last };
    };
    expect(await handle(work)).toBe("parked");
    expect(driver.dispatched).toEqual([]);
  });

  test("with a resumption, between two units, hands the chain on to a worker that knows the new epoch", async () => {
    const { handle, tables, driver } = jobAtHand({ job: { units: 2 } });
    const work: Work = async () => {
      tables.changeJob("job", { epoch: 1 });
      return { end: "exhausted", checkpoint: last };
    };
    expect(await handle(work)).toBe("continued");
    expect(driver.dispatched).toEqual([{ job: "job", chain: 0, turn: 1 }]);
  });
});

describe("a chain too many", () => {
  const surplus = { units: 5, chains: 1, claimed: 2 };
  const retires = ends({ end: "retired", unsaved: page });

  test("puts its unit down and then the chain, without a message", async () => {
    const { handle, log, tables, driver } = jobAtHand({ job: surplus });
    expect(await handle(retires, { chain: 1 })).toBe("retired");
    expect(driver.dispatched).toEqual([]);
    expect(tables.chain("job", 1)).toEqual({ number: 1, turn: 1 });
    expect(log.slice(-2)).toEqual(["units.release", "chains.release"]);
  });

  test("also retires if capacity comes too late to wait for, and sends no message", async () => {
    const { handle, tables, driver, ends: ended } = jobAtHand({ job: surplus });
    const later = ends({ end: "stopped", progressed: false, waited: true, later: T + 20_000 });
    expect(await handle(later, { chain: 1 })).toBe("retired");
    expect(driver.dispatched).toEqual([]);
    expect(tables.chain("job", 1)).toEqual({ number: 1, turn: 1 });
    expect(ended).toMatchObject([[expect.any(Number), { end: "stopped" }]]);
  });

  test("that is one too many no longer hands on with its delay", async () => {
    const { handle, tables, driver } = jobAtHand({ job: surplus });
    const work: Work = async () => {
      tables.changeJob("job", { chains: 2 });
      return { end: "stopped", progressed: false, waited: true, later: T + 20_000 };
    };
    expect(await handle(work, { chain: 1 })).toBe("continued");
    expect(driver.dispatched).toMatchObject([{ chain: 1, turn: 1 }]);
    expect(driver.delays).toEqual([20]);
  });

  test("goes on if the last place was claimed meanwhile", async () => {
    const { handle, tables, ends: ended, job } = jobAtHand({ job: { ...surplus, units: 3 } });
    const work = inTurn(
      async () => {
        tables.changeJob("job", { claimed: 3 });
        return { end: "retired" };
      },
      ...Array.from({ length: 3 }, () => finishes),
    );
    expect(await handle(work, { chain: 1 })).toBe("ended");
    expect(ended.map(([, { end }]) => end)).toEqual(["retired", "done", "done", "done"]);
    expect(job().state).toBe("completed");
  });

  test("parks if the job was paused meanwhile", async () => {
    const { handle, tables, driver } = jobAtHand({ job: surplus });
    const work: Work = async () => {
      tables.changeJob("job", { state: "paused" });
      return { end: "retired" };
    };
    expect(await handle(work, { chain: 1 })).toBe("parked");
    expect(driver.dispatched).toEqual([]);
  });

  test.each<[string, number, Partial<Job>, boolean]>([
    ["it is one too many", 1, {}, true],
    ["it is chain 0", 0, { chains: 0 }, false],
    ["it is not", 1, { chains: 2 }, false],
    ["no place is left to claim", 1, { claimed: 5 }, false],
  ])("may retire where %s", (_when, chain, part, may) => {
    expect(mayRetire(chain, { ...surplus, ...part } as JobHead)).toBe(may);
  });
});

describe("the bus or a store is away when the last unit ends", () => {
  test.each<[string, Work, string]>([
    ["ending.announce", finishes, "done"],
    ["jobs.end", finishes, "done"],
    ["ending.summarize", finishes, "done"],
    ["ending.announce", throws(new Lasting("no")), "failed"],
  ])("%s fails: this error reaches the caller, and unit and chain stay unchanged", async (step, work, state) => {
    const { handle, unit, chain } = jobAtHand({ unit: { attempts: 2 }, fail: { [step]: outage } });
    await expect(handle(work)).rejects.toBe(outage);
    expect(unit().state).toBe(state);
    expect(chain()).toMatchObject({ owner: "worker", turn: 0 });
  });

  test("the last checkpoint cannot be written: its own error reaches the caller", async () => {
    const { handle, unit } = jobAtHand({ fail: { "units.finish": outage } });
    await expect(handle(finishes)).rejects.toBe(outage);
    expect(unit()).toMatchObject({ state: "active", owner: "worker" });
  });

  test("the next delivery ends the job", async () => {
    const { handle, job, tables, time } = jobAtHand({ unit: { state: "done" }, job: { claimed: 1 } });
    tables.putChain("job", { number: 0, turn: 0, owner: "crashed", leaseUntil: T - 1 });
    time.now = T;
    expect(await handle(finishes)).toBe("ended");
    expect(job()).toMatchObject({ state: "completed", announced: true });
  });
});
