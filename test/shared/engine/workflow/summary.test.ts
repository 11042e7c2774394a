/** The end of an execution. */
import { noUsage } from "../../../../shared/cost/usage";
import { MOST_CHAIN_ATTEMPTS } from "../../../../shared/engine/heldChain";
import { firstTurn, lastTurn } from "../../../../shared/engine/turns";
import type { Job, JobState } from "../../../../shared/jobs/job";
import { unitOf } from "../../../../shared/jobs/storage/reading";
import type { Unit } from "../../../../shared/jobs/unit";
import { outage, type Setting, T } from "../unitAtHand";
import { numberAtHand } from "./numberAtHand";

const done = { state: "done" } as const;
const failed = { state: "failed", turn: lastTurn(0), reason: "no" } as const;
const held = (ms: number) => ({ owner: "other", leaseUntil: T + ms });

/** A job with the units given, and the chain that its summary takes. */
function jobOf(units: readonly Partial<Unit>[], setting: Setting = {}) {
  const ground = numberAtHand({ ...setting, job: { units: units.length, ...setting.job } });
  units.forEach((part, number) => {
    if (Object.keys(part).length > 0) ground.tables.putUnit("job", { ...unitOf(undefined), number, ...part });
  });
  return { ...ground, own: () => ground.tables.chain("job", units.length) };
}

describe("a job whose units have all ended", () => {
  test.each<[string, Partial<Unit>[], JobState, Partial<Job>]>([
    ["all of them done", [done, done], "completed", { result: "all", unitsDone: 2, unitsFailed: 0 }],
    ["one of them given up", [done, failed], "failed", { unitsDone: 1, unitsFailed: 1 }],
  ])("ends, with exact counts: %s", async (_how, units, state, part) => {
    const { summarize, job } = jobOf(units, { job: { unitsDone: 9, unitsFailed: 7 } });
    expect(await summarize()).toEqual({ state: "ended", job: state });
    expect(job()).toMatchObject({ state, announced: true, ...part });
  });

  test("ends while its summary holds a chain behind those of all units", async () => {
    const { summarize, log, own } = jobOf([done, done]);
    await summarize();
    expect(log).toEqual([
      ...["chains.take", "ending.tablesProblem", "ending.summarize", "jobs.end", "ending.announce", "jobs.announced"],
      ...["rest", "chains.release"],
    ]);
    expect(own()).toEqual({ number: 2, turn: 0 });
  });

  test("ends although a worker crashed before it could release a unit's chain", async () => {
    const { summarize } = jobOf([done], { chain: held(600_000) });
    expect(await summarize()).toEqual({ state: "ended", job: "completed" });
  });

  test("ends once, and the same answer comes again", async () => {
    const { summarize, log } = jobOf([done]);
    for (const owner of ["first", "second"]) {
      expect(await summarize({}, owner)).toEqual({ state: "ended", job: "completed" });
    }
    expect(log.filter((step) => step === "jobs.end")).toHaveLength(1);
  });

  test("has the summary's usage in the record of its chain", async () => {
    const ground = jobOf([done]);
    Object.assign(ground.options, { usage: () => ({ ...noUsage, invocations: 1 }) });
    await ground.summarize();
    expect(ground.own()).toMatchObject({ usage: { invocations: 1 } });
  });

  test("is summarized by one worker at a time; another worker looks when the first one's lease is over", async () => {
    const { summarize, tables, log } = jobOf([done]);
    tables.putChain("job", { number: 1, turn: 0, ...held(5_000) });
    expect(await summarize()).toEqual({ state: "left", at: T + 5_000 });
    expect(log).toEqual(["chains.take"]);
  });

  test("stops with a reason after too many killed summaries", async () => {
    const { summarize, tables, job } = jobOf([done]);
    tables.putChain("job", { number: 1, turn: 0, ...held(-1), attempts: MOST_CHAIN_ATTEMPTS });
    expect(await summarize()).toEqual({ state: "ended", job: "failed" });
    expect(job()).toMatchObject({ reason: expect.stringMatching(/^Its workers stopped 80 times/), announced: true });
  });

  test.each(["ending.summarize", "jobs.end", "ending.announce"])(
    "is summarized again at once after %s failed, without a wait for the lease",
    async (call) => {
      const ground = jobOf([done], { fail: { [call]: outage } });
      await expect(ground.summarize()).rejects.toBe(outage);
      expect(ground.own()).toEqual({ number: 1, turn: 0 });
    },
  );

  test("has the error of its summary, not of the release afterwards", async () => {
    const fail = { "ending.summarize": outage, "chains.release": new Error("another") };
    await expect(jobOf([done], { fail }).summarize()).rejects.toBe(outage);
  });
});

describe("a job with units left is looked at again", () => {
  test.each<[string, Partial<Unit>[], number]>([
    ["when the first lease ends", [done, held(9_000), held(5_000)], 5_000],
    ["when the first attempt is due", [held(9_000), { retryAt: T + 7_000 }, failed], 7_000],
    ["a second later at least", [held(1)], 1_000],
    ["soon, if a unit is free that nobody has taken", [done, held(9_000), {}], 1_000],
    ["soon, if a unit was put down", [done, held(9_000), { turn: 0, cursor: "next" }], 1_000],
  ])("%s", async (_when, units, ms) => {
    const { summarize, job, own } = jobOf(units);
    expect(await summarize()).toEqual({ state: "left", at: T + ms });
    expect(job().state).toBe("running");
    expect(own()).toEqual({ number: units.length, turn: 0 });
  });

  test("soon, if the last unit ends just then", async () => {
    const { summarize, tables } = jobOf([held(9_000)]);
    const list = tables.unitsOf.bind(tables);
    let lists = 0;
    tables.unitsOf = (job) => {
      if (++lists === 2) tables.putUnit("job", { ...unitOf(undefined), number: 0, ...done });
      return list(job);
    };
    expect(await summarize()).toEqual({ state: "left", at: T + 1_000 });
    expect(await summarize()).toEqual({ state: "ended", job: "completed" });
  });
});

describe("a job that does not go on", () => {
  test.each<[JobState, object]>([
    ["paused", { state: "parked" }],
    ["cancelled", { state: "parked" }],
    ["completed", { state: "ended", job: "completed" }],
    ["failed", { state: "ended", job: "failed" }],
  ])("because it is %s", async (state, answer) => {
    const { summarize, log } = jobOf([done], { job: { state, announced: true } });
    expect(await summarize()).toEqual(answer);
    expect(log).toEqual([]);
  });

  test("is published by its summary if that wasn't done", async () => {
    const { summarize, job } = jobOf([done], { job: { state: "failed" } });
    expect(await summarize()).toEqual({ state: "ended", job: "failed" });
    expect(job()).toMatchObject({ announced: true });
  });

  test("because it is paused while its units are looked at", async () => {
    const { summarize, tables } = jobOf([{}]);
    const list = tables.unitsOf.bind(tables);
    tables.unitsOf = (job) => {
      tables.changeJob("job", { state: "paused" });
      return list(job);
    };
    expect(await summarize()).toEqual({ state: "parked" });
  });

  test("because it was resumed: before, or while its units were looked at", async () => {
    const { summarize, tables, own } = jobOf([{}], { job: { epoch: 1 } });
    expect(await summarize({ epoch: 0 })).toEqual({ state: "stale" });
    expect(own()).toBeUndefined();
    const list = tables.unitsOf.bind(tables);
    tables.unitsOf = (job) => {
      tables.changeJob("job", { epoch: 2 });
      return list(job);
    };
    expect(await summarize()).toEqual({ state: "stale" });
    tables.putChain("job", { number: 1, turn: firstTurn(3) });
    expect(await summarize({ epoch: 2 })).toEqual({ state: "stale" });
  });

  test("because there is no such job", async () => {
    await expect(jobOf([done]).summarize({ job: "another" })).rejects.toMatchObject({ code: "NO_SUCH_JOB" });
  });
});
