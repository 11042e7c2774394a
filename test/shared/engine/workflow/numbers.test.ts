/** One step of the work on a number, from whatever the records hold. */
import { noUsage } from "../../../../shared/cost/usage";
import { MOST_CHAIN_ATTEMPTS } from "../../../../shared/engine/heldChain";
import { firstTurn, lastTurn } from "../../../../shared/engine/turns";
import { MOST_LASTING_ATTEMPTS, type Work } from "../../../../shared/engine/unitWork";
import type { Chain } from "../../../../shared/jobs/chain";
import type { Job, JobState } from "../../../../shared/jobs/job";
import { unitOf } from "../../../../shared/jobs/storage/reading";
import type { Unit } from "../../../../shared/jobs/unit";
import { ends, Fatal, finishes, Lasting, outage, page, savesThen, stopped, T, throws } from "../unitAtHand";
import { numberAtHand } from "./numberAtHand";

/** Work on a unit that no step should begin. */
const never: Work = () => Promise.reject(new Error("the unit was worked on"));
const crashed = { owner: "crashed", leaseUntil: T - 1 };
const other = { owner: "other", leaseUntil: T + 5_000 };

describe("a step", () => {
  test("takes its number's chain and unit, ends the unit, counts it, and puts the chain down last", async () => {
    const { step, log, tables, job } = numberAtHand({ job: { units: 9 } });
    expect(await step(finishes, { number: 4 })).toEqual({ state: "done" });
    expect(log).toEqual([
      ...["chains.take", "units.take", "ending.tablesProblem", "units.finish", "jobs.ended"],
      ...["rest", "chains.release"],
    ]);
    expect(tables.unit({ job: "job", unit: 4 })).toMatchObject({ number: 4, state: "done" });
    expect(tables.chain("job", 4)).toEqual({ number: 4, turn: 0 });
    expect(job()).toMatchObject({ state: "running", unitsDone: 1, unitsFailed: 0, claimed: 0 });
  });

  test("leaves the job's end to its summary", async () => {
    const { step, job } = numberAtHand();
    await step(finishes);
    expect(job()).toMatchObject({ state: "running", unitsDone: 1 });
  });

  test("records usage with the chain's release, added to the earlier usage", async () => {
    const ground = numberAtHand({ chain: { usage: { ...noUsage, invocations: 2 } } });
    Object.assign(ground.options, { usage: () => ({ ...noUsage, invocations: 1, writeUnits: 5 }) });
    await ground.step(stopped(true, false));
    expect(ground.chain()).toEqual({ number: 0, turn: 0, usage: { ...noUsage, invocations: 3, writeUnits: 5 } });
  });

  test.each<[string, Work, object]>([
    ["its time is over", savesThen(stopped(true, false)), { state: "continued", at: T }],
    ["capacity comes later", rests(20_000), { state: "continued", at: T + 20_000 }],
    [
      "capacity comes at part of a second: the next step waits for it",
      rests(7_900),
      { state: "continued", at: T + 7_000 },
    ],
    ["capacity comes much later: the rate may be raised", rests(900_000), { state: "continued", at: T + 30_000 }],
    ["capacity should have come by now", rests(-5), { state: "continued", at: T }],
    ["its attempt failed", throws(outage), { state: "retrying", at: T + 10_000 }],
    ["the pause that it saw is over", ends({ end: "paused" }), { state: "continued", at: T }],
  ])("continues later if %s, and the chain is free at its own turn", async (_when, work, answer) => {
    const { step, chain, unit, ends: ended } = numberAtHand();
    expect(await step(work)).toEqual(answer);
    expect(chain()).toEqual({ number: 0, turn: 0 });
    expect(unit()).not.toHaveProperty("owner");
    expect(ended).toHaveLength(1);
  });

  test("reads on from the checkpoint of the step before", async () => {
    const { step, unit } = numberAtHand();
    await step(savesThen(stopped(true, false)));
    let from: Partial<Unit> = {};
    const work: Work = (job, given, tools) => {
      from = given;
      return finishes(job, given, tools);
    };
    expect(await step(work, {}, "next")).toEqual({ state: "done" });
    expect(from).toMatchObject({ cursor: page.cursor, counts: page.counts, attempts: 1 });
    expect(unit()).toMatchObject({ state: "done", owner: "next" });
  });

  test("gives a unit up after too many attempts, and counts it as failed", async () => {
    const { step, unit, job, log } = numberAtHand({ unit: { attempts: MOST_LASTING_ATTEMPTS - 1 } });
    expect(await step(throws(new Lasting("no")))).toEqual({ state: "failed" });
    expect(unit()).toMatchObject({ state: "failed", turn: lastTurn(0), reason: "no (3 attempts)" });
    expect(job()).toMatchObject({ state: "running", unitsDone: 0, unitsFailed: 1 });
    expect(log.slice(-3)).toEqual(["jobs.ended", "rest", "chains.release"]);
  });

  test.each<[string, Work]>([
    ["no unit can get past an error", throws(new Fatal("the table is gone"))],
    ["the source has become another one", never],
  ])("stops the job if %s, before it puts the chain down", async (_when, work) => {
    const ending = work === never ? { tablesProblem: async () => "the table is gone" } : {};
    const { step, job, log, tables, unit } = numberAtHand({ ending });
    expect(await step(work)).toEqual({ state: "parked" });
    expect(job()).toMatchObject({
      state: "failed",
      reason: expect.stringMatching(/the table is gone$/),
      announced: true,
    });
    expect(tables.isPaused("job")).toBe(true);
    expect(unit()).toMatchObject({ state: "active", attempts: 0 });
    expect(log.slice(-5)).toEqual(["jobs.stop", "ending.announce", "jobs.announced", "rest", "chains.release"]);
  });

  test("stops the job once too many workers of its chain stopped one after the other", async () => {
    const { step, job, chain } = numberAtHand({ chain: { ...crashed, attempts: MOST_CHAIN_ATTEMPTS } });
    expect(await step(never)).toEqual({ state: "parked" });
    expect(job()).toMatchObject({ state: "failed", reason: expect.stringMatching(/^Its workers stopped 80 times/) });
    expect(chain()).toEqual({ number: 0, turn: 0 });
  });

  test("goes on after one attempt fewer, and the count starts again", async () => {
    const { step, chain } = numberAtHand({ chain: { ...crashed, attempts: MOST_CHAIN_ATTEMPTS - 1 } });
    expect(await step(finishes)).toEqual({ state: "done" });
    expect(chain()).toEqual({ number: 0, turn: 0 });
  });
});

describe("a step that is delivered again because its answer was lost", () => {
  test.each<[string, Partial<Unit>, object]>([
    ["has ended its unit", { state: "done", owner: "worker" }, { state: "done" }],
    ["has given its unit up", { state: "failed", turn: lastTurn(0), reason: "no" }, { state: "failed" }],
    ["has failed an attempt", { retryAt: T + 9_000, attempts: 1 }, { state: "retrying", at: T + 9_000 }],
    ["has failed an attempt that is almost due", { retryAt: T + 1, attempts: 1 }, { state: "retrying", at: T + 1_000 }],
  ])("answers from the records if it %s, and writes nothing", async (_what, part, answer) => {
    const { step, log } = numberAtHand({ unit: part });
    expect(await step(never)).toEqual(answer);
    expect(log).toEqual([]);
  });

  test("goes on if it has put its unit down", async () => {
    const { step } = numberAtHand({ chain: {}, unit: { cursor: "next", attempts: 0 } });
    expect(await step(finishes)).toEqual({ state: "done" });
  });

  test("counts its unit once", async () => {
    const { step, job } = numberAtHand();
    for (const owner of ["first", "second"]) expect(await step(finishes, {}, owner)).toEqual({ state: "done" });
    expect(job()).toMatchObject({ unitsDone: 1 });
  });
});

describe("a number in another worker's hands", () => {
  test("is held until the lease of its chain ends, to the millisecond", async () => {
    const { step, time } = numberAtHand({ chain: other, unit: other });
    expect(await step(never)).toEqual({ state: "held", at: T + 5_000 });
    time.now = T + 5_000;
    expect(await step(never)).toEqual({ state: "held", at: T + 5_000 });
    time.now = T + 5_001;
    expect(await step(finishes)).toEqual({ state: "done" });
  });

  test("is held even if only the unit is held, and the chain is free meanwhile", async () => {
    const { step, chain } = numberAtHand({ unit: other });
    expect(await step(never)).toEqual({ state: "held", at: T + 5_000 });
    expect(chain()).toEqual({ number: 0, turn: 0 });
  });

  test("in two steps at the same time: one works on it, and the other waits for the lease", async () => {
    const { step, options, unit } = numberAtHand();
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const first = step(async (job, given, tools) => gate.then(() => finishes(job, given, tools)), {}, "first");
    expect(await step(never, {}, "second")).toEqual({ state: "held", at: options.leaseUntil });
    open();
    expect(await first).toEqual({ state: "done" });
    expect(unit()).toMatchObject({ state: "done", owner: "first" });
  });

  test("with a lease that is over although its holder lives is looked at again a moment later", async () => {
    const { step, tables, job } = numberAtHand();
    const work: Work = async (given, unit, tools) => {
      tables.putUnit("job", { ...unit, owner: "other", leaseUntil: T + 99_000 });
      return finishes(given, unit, tools);
    };
    expect(await step(work)).toEqual({ state: "retrying", at: T + 5_000 });
    expect(job()).toMatchObject({ unitsDone: 0 });
  });

  test("with a chain that was lost at the end has the answer of its unit", async () => {
    const { step, tables, chain } = numberAtHand();
    const work: Work = async (job, unit, tools) => {
      tables.putChain("job", { number: 0, turn: 0, ...other });
      return finishes(job, unit, tools);
    };
    expect(await step(work)).toEqual({ state: "done" });
    expect(chain()).toMatchObject(other);
  });

  test("with a unit that ends between the look at it and its lease has this end as the answer", async () => {
    const { step, tables } = numberAtHand();
    const takes = tables.takeChain.bind(tables);
    tables.takeChain = (request) => {
      tables.putUnit("job", { ...unitOf(undefined), number: 0, state: "done" });
      return takes(request);
    };
    expect(await step(never)).toEqual({ state: "done" });
  });
});

describe("an epoch", () => {
  const epoch = 3;
  const turn = firstTurn(epoch);
  const earlier = firstTurn(epoch - 1);

  test("that is over makes a step stale, and the step takes nothing", async () => {
    const { step, log } = numberAtHand({ job: { epoch } });
    expect(await step(never, { epoch: epoch - 1 })).toEqual({ state: "stale" });
    expect(log).toEqual([]);
  });

  test.each<[string, { chain?: Partial<Chain>; unit?: Partial<Unit> }]>([
    ["chain", { chain: { turn: firstTurn(epoch + 1) } }],
    ["chain, and held", { chain: { turn: firstTurn(epoch + 1), ...other } }],
    ["unit", { unit: { turn: firstTurn(epoch + 1) } }],
    ["unit, and held", { unit: { turn: firstTurn(epoch + 1), ...other } }],
  ])("that ends while a step begins makes the step stale: the next epoch has taken the %s", async (_what, records) => {
    const { step } = numberAtHand({ job: { epoch }, ...records });
    expect(await step(never)).toEqual({ state: "stale" });
  });

  test("begins with units that failed in the epoch before, and with units that were due later", async () => {
    for (const part of [
      { state: "failed", turn: lastTurn(epoch - 1) },
      { turn: earlier, retryAt: T + 9_000 },
    ] as const) {
      const { step, unit } = numberAtHand({ job: { epoch }, unit: part });
      expect(await step(finishes)).toEqual({ state: "done" });
      expect(unit()).toMatchObject({ state: "done", turn });
    }
  });

  test("waits two seconds for a worker of the epoch before to put its chain down", async () => {
    const holder = { turn: earlier, ...other };
    const { step, time, tables, chain } = numberAtHand({ job: { epoch }, chain: holder, unit: holder });
    const takes = tables.takeChain.bind(tables);
    tables.takeChain = (request) => {
      if (time.now >= T + 1_500) {
        tables.putChain("job", { number: 0, turn: earlier });
        tables.putUnit("job", { ...unitOf(undefined), number: 0, turn: earlier });
      }
      return takes(request);
    };
    expect(await step(finishes)).toEqual({ state: "done" });
    expect(time.now).toBe(T + 1_500);
    expect(chain()).toEqual({ number: 0, turn });
  });

  test.each([
    [20_000, 20_000],
    [900_000, 62_000],
  ])(
    "with a chain that the epoch before holds for %d ms, looks again within a minute: after %d ms",
    async (lease, after) => {
      const holder = { turn: earlier, owner: "other", leaseUntil: T + lease };
      const { step } = numberAtHand({ job: { epoch }, chain: holder });
      expect(await step(never)).toEqual({ state: "held", at: T + after });
    },
  );

  test("that began while a step ran ends that step's lane; its unit is put down with its progress", async () => {
    const { step, tables, unit, job } = numberAtHand();
    const work: Work = async () => {
      tables.changeJob("job", { epoch: 1 });
      return { end: "paused", unsaved: page };
    };
    expect(await step(work)).toEqual({ state: "stale" });
    expect(unit()).toMatchObject({ cursor: "next", turn: 0 });
    expect(unit()).not.toHaveProperty("owner");
    expect(job()).toMatchObject({ epoch: 1, unitsDone: 0 });
  });

  test("that began before a unit of the last epoch was done does not count the unit, but the end of the job does", async () => {
    const { step, tables, job } = numberAtHand();
    const work: Work = async (given, unit, tools) => {
      tables.changeJob("job", { epoch: 1 });
      return finishes(given, unit, tools);
    };
    expect(await step(work)).toEqual({ state: "done" });
    expect(job()).toMatchObject({ epoch: 1, unitsDone: 0 });
  });
});

describe("a job", () => {
  test.each<JobState>(["paused", "cancelled", "completed", "failed"])("that is %s parks its lanes", async (state) => {
    const { step, log } = numberAtHand({ job: { state, announced: true } });
    expect(await step(never)).toEqual({ state: "parked" });
    expect(log).toEqual([]);
  });

  test.each<JobState>(["completed", "failed"])(
    "that %s without a publication is published by a lane",
    async (state) => {
      const { step, job } = numberAtHand({ job: { state } });
      expect(await step(never)).toEqual({ state: "parked" });
      expect(job()).toMatchObject({ announced: true });
    },
  );

  test.each<JobState>(["paused", "cancelled"])("that is %s while a step runs gets its unit put down", async (state) => {
    const { step, tables, unit, chain, job } = numberAtHand({ unit: { attempts: 1 } });
    const work: Work = async () => {
      tables.changeJob("job", { state });
      return { end: "paused", unsaved: page };
    };
    expect(await step(work)).toEqual({ state: "parked" });
    expect(unit()).toMatchObject({ state: "active", cursor: "next", attempts: 0 });
    expect(chain()).toEqual({ number: 0, turn: 0 });
    expect(job()).toMatchObject({ state });
  });

  test("that starts is worked on", async () => {
    const { step } = numberAtHand({ job: { state: "starting" } });
    expect(await step(finishes)).toEqual({ state: "done" });
  });

  test.each<[string, object, string]>([
    ["is not there", { job: "another" }, "NO_SUCH_JOB"],
    ["is a newer one of the same id, without this epoch so far", { epoch: 2 }, "NO_SUCH_JOB"],
    ["has fewer units", { number: 1 }, "BAD_TASK"],
  ])("that %s is an error that no repetition can mend", async (_what, task, code) => {
    const { step, log } = numberAtHand({ job: { epoch: 1 } });
    await expect(step(never, task)).rejects.toMatchObject({ code, retryable: false });
    expect(log).toEqual([]);
  });
});

describe("a store is away", () => {
  test.each([
    ["units.finish", "active"],
    ["jobs.ended", "done"],
    ["chains.release", "done"],
  ])("%s fails: its own error reaches the caller, and the next step finds the unit %s", async (call, state) => {
    const { step, unit } = numberAtHand({ fail: { [call]: outage } });
    await expect(step(finishes)).rejects.toBe(outage);
    expect(unit().state).toBe(state);
  });
});

function rests(ms: number): Work {
  return ends({ end: "stopped", progressed: true, waited: true, later: T + ms });
}

test.each<[Partial<Job>, Partial<Job>]>([
  [{ units: 1, unitsDone: 1 }, { unitsDone: 1 }],
  [{ units: 5, unitsDone: 4 }, { unitsDone: 5 }],
])("the counts of a job that is %j never exceed the units", async (part, after) => {
  const { step, job } = numberAtHand({ job: part });
  await step(finishes);
  expect(job()).toMatchObject(after);
});
