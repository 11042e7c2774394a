import type { Stretch, Work } from "../../../shared/engine/protocol";
import type { Job } from "../../../shared/jobs/job";
import { MemoryTables } from "../../support/memoryStores";
import {
  ends,
  Fatal,
  Lasting,
  last,
  outage,
  page,
  type Setting,
  savesThen,
  stopped,
  T,
  throws,
  unitAtHand,
} from "./unitAtHand";

describe("a job that cannot go on", () => {
  const stops: [string, Partial<Setting>, Work, string][] = [
    ["by an error that hits every unit", {}, throws(new Fatal("access denied")), "job: access denied"],
    [
      "by a source that is another one",
      { ending: { sourceProblem: async () => "The table was made anew." } },
      () => Promise.reject(new Error("nothing is read of another source")),
      "The table was made anew.",
    ],
    [
      "by such an error of the look at the source",
      { ending: { sourceProblem: () => Promise.reject(new Fatal("no such table")) } },
      () => Promise.reject(new Error("nothing is read")),
      "job: no such table",
    ],
  ];

  test.each(stops)("is stopped %s: at once, with one reason, ledgers and all", async (_how, setting, work, reason) => {
    const { handle, unit, job, log, tables, driver } = unitAtHand({ ...setting, unit: { attempts: 2 } });
    expect(await handle(work)).toBe("parked");
    expect(job()).toMatchObject({ state: "failed", reason, unitsFailed: 0, endedAt: T, announced: true });
    expect(tables.isPaused("job")).toBe(true);
    // The attempt is given back: it says nothing about the unit.
    expect(unit()).toMatchObject({ state: "active", attempts: 2, turn: 0 });
    expect(unit()).not.toHaveProperty("owner");
    expect(unit()).not.toHaveProperty("reason");
    expect(log).toEqual([
      ...["units.take", "ending.sourceProblem", "jobs.stop", "units.release", "ending.announce", "jobs.announced"],
    ]);
    expect(driver.dispatched).toEqual([]);
  });

  test.each(stops)(
    "and the bus is away: what is %s is published by the next delivery",
    async (_how, setting, work, reason) => {
      const { handle, job } = unitAtHand({ ...setting, fail: { "ending.announce": outage } });
      await expect(handle(work)).rejects.toBe(outage);
      expect(job()).toMatchObject({ state: "failed", reason });
      expect(job()).not.toHaveProperty("announced");
    },
  );

  test("its other units are put down without an attempt", async () => {
    const { handle, tables } = unitAtHand();
    const other: Work = async () => {
      tables.stop(tables.job("job")!, "gone", T);
      return { end: "paused" };
    };
    expect(await handle(other, { unit: 1 })).toBe("parked");
    expect(tables.unit({ job: "job", unit: 1 })).toMatchObject({ attempts: 0, turn: 0 });
  });

  test("one that was resumed since is not stopped", async () => {
    const { handle, job, tables, unit } = unitAtHand();
    const work: Work = async () => {
      tables.changeJob("job", { epoch: 1 });
      throw new Fatal("gone");
    };
    expect(await handle(work)).toBe("parked");
    expect(job()).toMatchObject({ state: "running", epoch: 1 });
    expect(job()).not.toHaveProperty("reason");
    expect(unit()).not.toHaveProperty("owner");
  });
});

describe("the bus or a store is away when a unit ends", () => {
  const exhausted = ends({ end: "exhausted", checkpoint: last });

  test.each<[string, Partial<Job>, string, Work, string]>([
    ["the last unit is done", { unitsDone: 1 }, "ending.announce", exhausted, "done"],
    ["the last unit is done", { unitsDone: 1 }, "jobs.end", exhausted, "done"],
    ["the last unit is done", { unitsDone: 1 }, "ending.summarize", exhausted, "done"],
    ["the last unit is given up", { unitsDone: 1 }, "ending.announce", throws(new Lasting("no")), "failed"],
  ])("%s and %s fails: that very error comes out, and the unit stays ended", async (_what, part, step, work, state) => {
    const { handle, unit } = unitAtHand({ job: part, unit: { attempts: 2 }, fail: { [step]: outage } });
    const error = await handle(work).catch((thrown: unknown) => thrown);
    expect(error).toBe(outage);
    expect(unit().state).toBe(state);
  });

  test("the last checkpoint cannot be written: its own error comes out", async () => {
    const { handle, unit } = unitAtHand({ fail: { "units.finish": outage } });
    await expect(handle(exhausted)).rejects.toBe(outage);
    expect(unit()).toMatchObject({ state: "active", owner: "worker" });
  });

  test("a finished unit ends the job after it, in order", async () => {
    const { handle, log, job } = unitAtHand({ job: { unitsDone: 1 } });
    expect(await handle(exhausted)).toBe("done");
    expect(log).toEqual([
      ...["units.take", "ending.sourceProblem", "units.finish", "ending.sourceProblem"],
      ...["ending.summarize", "jobs.end", "ending.announce", "jobs.announced"],
    ]);
    expect(job()).toMatchObject({ state: "completed", result: "all" });
  });
});

describe("the lease", () => {
  const taken = (tables: MemoryTables) =>
    tables.take({ job: "job", unit: 0, owner: "thief", turn: 0, now: T + 60_001, until: T + 120_000 });

  test.each<[string, string, (tables: MemoryTables) => Work]>([
    [
      "saves a page",
      "units.save",
      (tables) => async (job, unit, tools) => {
        taken(tables);
        return savesThen(stopped(true, false))(job, unit, tools);
      },
    ],
    [
      "finishes",
      "units.finish",
      (tables) => async () => {
        taken(tables);
        return { end: "exhausted", checkpoint: last };
      },
    ],
    [
      "hands on",
      "units.release",
      (tables) => async () => {
        taken(tables);
        return { end: "stopped", progressed: true, waited: false };
      },
    ],
    [
      "has failed",
      "units.release",
      (tables) => async () => {
        taken(tables);
        throw outage;
      },
    ],
    [
      "gives up",
      "units.fail",
      (tables) => async () => {
        taken(tables);
        throw new Lasting("no");
      },
    ],
  ])("who lost it before it %s changes nothing, and says so", async (_when, write, work) => {
    const { handle, log, tables, unit } = unitAtHand({ unit: { attempts: 2 } });
    await expect(handle(work(tables))).rejects.toMatchObject({ code: "LEASE_LOST", retryable: true });
    // One write shows it; no other is tried.
    expect(log.filter((step) => step.startsWith("units."))).toEqual(["units.take", write]);
    expect(unit()).toMatchObject({ state: "active", owner: "thief", attempts: 4 });
    expect(unit()).not.toHaveProperty("cursor");
  });

  test("lasts as long as the worker says, and the record as long as the job's", async () => {
    const { handle, unit, tables } = unitAtHand();
    const takes: unknown[] = [];
    tables.take = (request) => {
      takes.push(request);
      return MemoryTables.prototype.take.call(tables, request);
    };
    tables.changeJob("job", { expiresAt: 1_900_000_000 });
    await handle(async () => {
      expect(unit()).toMatchObject({ owner: "worker", leaseUntil: T + 60_000 });
      return { end: "stopped", progressed: true, waited: false };
    });
    const request = { job: "job", unit: 0, turn: 0, owner: "worker", now: T, until: T + 60_000 };
    expect(takes).toEqual([{ ...request, expiresAt: 1_900_000_000 }]);
  });

  test("of another worker keeps the message until it ends", async () => {
    const { handle } = unitAtHand({ unit: { owner: "other", leaseUntil: T + 5_000 } });
    await expect(handle(stopped(true, true))).rejects.toMatchObject({
      ...{ code: "UNIT_HELD", value: T + 5_000, retryable: true },
    });
  });
});

describe("a pause", () => {
  test("puts the unit down with its turn, without an attempt", async () => {
    const { handle, unit, tables, driver } = unitAtHand({ unit: { attempts: 1 } });
    const paused: Work = async () => {
      tables.changeJob("job", { state: "paused" });
      return { end: "paused" };
    };
    expect(await handle(paused)).toBe("parked");
    expect(unit()).toMatchObject({ attempts: 1, turn: 0 });
    expect(driver.dispatched).toEqual([]);
  });

  test("that is over already hands the unit on", async () => {
    const { handle, unit, driver } = unitAtHand();
    expect(await handle(ends({ end: "paused" }))).toBe("continued");
    expect(unit()).toMatchObject({ attempts: 0, turn: 1 });
    expect(driver.dispatched).toEqual([{ job: "job", unit: 0, turn: 1 }]);
  });

  test.each(["paused", "failed", "cancelled", "completed"] as const)(
    "no unit of a job that is %s is taken",
    async (state) => {
      const { handle, log } = unitAtHand({ job: { state, announced: true } });
      expect(await handle(stopped(true, true))).toBe("parked");
      expect(log).toEqual([]);
    },
  );
});

describe("progress that a stretch left unsaved", () => {
  const steps = (log: readonly string[]) => log.filter((step) => !step.startsWith("ending."));

  test.each<[string, Stretch]>([
    ["its time is over", { end: "stopped", progressed: true, waited: false, unsaved: page }],
    ["capacity comes later", { end: "stopped", progressed: true, waited: true, later: T + 9_000, unsaved: page }],
    ["the worker is not to go on", { end: "retired", unsaved: page }],
    ["a pause is over already", { end: "paused", unsaved: page }],
  ])("is saved before the unit is handed on: %s", async (_why, stretch) => {
    const { handle, unit, log } = unitAtHand({ unit: { attempts: 2 } });
    expect(await handle(ends(stretch))).toBe("continued");
    expect(steps(log)).toEqual(["units.take", "units.save", "driver.dispatch", "units.release"]);
    expect(unit()).toMatchObject({ cursor: "next", counts: page.counts, result: 1, attempts: 0, turn: 1 });
  });

  test("is saved before the unit of a paused job is put down", async () => {
    const { handle, unit, tables } = unitAtHand();
    const paused: Work = async () => {
      tables.changeJob("job", { state: "paused" });
      return { end: "paused", unsaved: page };
    };
    expect(await handle(paused)).toBe("parked");
    expect(unit()).toMatchObject({ cursor: "next", turn: 0 });
  });
});

describe("a call that keeps failing", () => {
  test("is noted in the unit's record while it is held", async () => {
    const { handle, unit } = unitAtHand();
    const work: Work = async (_job, _unit, { note }) => {
      note({ error: outage, since: T - 5_000 });
      await Promise.resolve();
      expect(unit()).toMatchObject({ reason: "TimeoutError: the database is away", retryingSince: T - 5_000 });
      return { end: "stopped", progressed: true, waited: false };
    };
    expect(await handle(work)).toBe("continued");
    expect(unit()).not.toHaveProperty("retryingSince");
  });

  test("and cannot be noted changes nothing else", async () => {
    const { handle, log } = unitAtHand({ fail: { "units.note": outage } });
    const work: Work = async (_job, _unit, { note }) => {
      expect(note({ error: outage, since: T })).toBeUndefined();
      await new Promise((resolve) => setImmediate(resolve));
      return { end: "stopped", progressed: true, waited: false };
    };
    expect(await handle(work)).toBe("continued");
    expect(log).toContain("units.note");
  });
});

test.each(["completed", "failed"] as const)(
  "a job that %s unseen is published by whoever meets it, once",
  async (state) => {
    const { handle, log, job } = unitAtHand({ job: { state } });
    for (const _ of [1, 2]) expect(await handle(stopped(true, true))).toBe("parked");
    expect(log).toEqual(["ending.announce", "jobs.announced"]);
    expect(job()).toMatchObject({ announced: true });
  },
);

test.each(["done", "failed"] as const)(
  "a job whose last unit was %s unseen is ended by whoever meets it",
  async (state) => {
    const ended = state === "done" ? { unitsDone: 2 } : { unitsDone: 1, unitsFailed: 1 };
    const { handle, job } = unitAtHand({ job: ended, unit: { state } });
    expect(await handle(stopped(true, true))).toBe(state);
    expect(job()).toMatchObject({ state: state === "done" ? "completed" : "failed", announced: true });
  },
);

test("a message of an earlier turn is let go", async () => {
  const { handle, log } = unitAtHand({ unit: { turn: 5 } });
  expect(await handle(stopped(true, true), { turn: 4 })).toBe("stale");
  expect(log).toEqual(["units.take"]);
});

test("a message of a job that there is not is let go", async () => {
  const { handle, log } = unitAtHand();
  expect(await handle(stopped(true, true), { job: "another" })).toBe("unknown");
  expect(log).toEqual([]);
});
