/** What a worker does with one unit. */
import { describeError } from "../../../shared/describeError";
import { firstTurn } from "../../../shared/engine/turns";
import { MOST_ATTEMPTS, MOST_HALVINGS, MOST_LASTING_ATTEMPTS, type Work } from "../../../shared/engine/unitWork";
import type { Job } from "../../../shared/jobs/job";
import type { Unit } from "../../../shared/jobs/unit";
import { MemoryTables } from "../../support/memoryStores";
import {
  ends,
  Fatal,
  finishes,
  jobAtHand,
  Lasting,
  last,
  outage,
  page,
  type Setting,
  savesThen,
  stopped,
  T,
  throws,
} from "./unitAtHand";

/** Each attempt in an invocation of its own, ten minutes after the one before. */
async function again(ground: ReturnType<typeof jobAtHand>, work: Work, count: number) {
  for (let attempt = 0; attempt < count; attempt++) {
    const { turn } = ground.chain() ?? { turn: 0 };
    await ground.handle(work, { turn }, `worker ${turn}`);
    ground.time.now += 600_000;
    ground.time.from = ground.time.now;
  }
}

describe("an attempt that fails", () => {
  test("counts, and the unit comes again when its pause is over; the record has the reason and the time", async () => {
    const ground = jobAtHand();
    expect(await ground.handle(throws(outage))).toBe("continued");
    const reason = "TimeoutError: the database is away";
    expect(ground.unit()).toMatchObject({ attempts: 1, turn: 0, reason, retryAt: T + 10_000 });
    expect(ground.unit()).not.toHaveProperty("owner");
    expect(ground.ends).toEqual([[0, { end: "retried", reason, retryAt: T + 10_000 }]]);
    // One second more than the pause, because messages are delayed by whole seconds.
    expect(ground.driver.delays).toEqual([11]);
    ground.time.now += 11_000;
    await ground.handle(throws(outage), { turn: 1 }, "next");
    expect(ground.unit()).toMatchObject({ attempts: 2, retryAt: T + 11_000 + 20_000 });
  });

  test("after a saved page counts as the first again", async () => {
    const { handle, unit } = jobAtHand({ unit: { attempts: 7 } });
    await handle(savesThen(throws(outage)));
    expect(unit()).toMatchObject({ attempts: 1, cursor: "next", retryAt: T + 10_000 });
  });

  test.each<[string, Error, number]>([
    ["for a passing reason", outage, MOST_ATTEMPTS],
    ["for a lasting reason", new Lasting("no such map"), MOST_LASTING_ATTEMPTS],
  ])("%s is the last one after so many in a row", async (_kind, error, most) => {
    const ground = jobAtHand({ job: { units: 2 } });
    const work: Work = (job, unit, tools) => (unit.number === 0 ? throws(error) : finishes)(job, unit, tools);
    await again(ground, work, most - 1);
    expect(ground.unit()).toMatchObject({ state: "active", attempts: most - 1 });
    expect(await ground.handle(work, { turn: ground.chain()!.turn })).toBe("ended");
    expect(ground.unit()).toMatchObject({
      ...{ state: "failed", turn: firstTurn(1) - 1 },
      reason: `${describeError(error)} (${most} attempts)`,
    });
    expect(ground.job()).toMatchObject({ state: "failed", unitsDone: 1, unitsFailed: 1 });
    expect(ground.job()).not.toHaveProperty("reason");
  });

  test("the number of attempts", () => {
    expect([MOST_ATTEMPTS, MOST_LASTING_ATTEMPTS]).toEqual([20, 3]);
  });

  test.each<[string, Partial<Unit>, string]>([
    ["the last recorded reason", { reason: "TimeoutError: slow", retryAt: T }, "TimeoutError: slow (21 attempts)"],
    ["that there is no reason", {}, "its worker stopped each time before it could record why (21 attempts)"],
  ])("a unit whose workers were killed each time is given up, naming %s", async (_what, part, reason) => {
    const { handle, unit, log, ends } = jobAtHand({ unit: { attempts: 20, ...part } });
    expect(await handle(() => Promise.reject(new Error("no work is begun any more")))).toBe("ended");
    expect(unit()).toMatchObject({ state: "failed", reason });
    expect(ends).toEqual([[0, { end: "failed", reason }]]);
    expect(log.filter((step) => step.startsWith("units"))).toEqual(["units.take", "units.fail"]);
  });

  test("with one attempt fewer, the unit is tried once more", async () => {
    const { handle, unit } = jobAtHand({ unit: { attempts: 19 } });
    expect(await handle(finishes)).toBe("ended");
    expect(unit()).toMatchObject({ state: "done" });
  });

  test("the reason stays while the next attempt works, and is removed by its first checkpoint", async () => {
    const { handle, unit } = jobAtHand({ unit: { attempts: 1, reason: "TimeoutError: slow", retryAt: T - 1 } });
    const seen: (string | undefined)[] = [];
    const work: Work = async (_job, _unit, { save }) => {
      seen.push(unit().reason);
      await save(page);
      seen.push(unit().reason);
      return { end: "stopped", progressed: true, waited: false };
    };
    expect(await handle(work)).toBe("continued");
    expect(seen).toEqual(["TimeoutError: slow", undefined]);
    expect(unit()).not.toHaveProperty("retryAt");
  });
});

describe("after a checkpoint", () => {
  test.each<[string, Work, string[]]>([
    ["that a page saved and one that ends the unit", savesThen(finishes), ["save", "check", "finish", "check"]],
    [
      "that puts the unit down",
      ends({ end: "stopped", progressed: true, waited: false, unsaved: page }),
      ["release", "check"],
    ],
    ["and not after a release that saves nothing", ends({ end: "paused" }), ["release"]],
    ["and not after an attempt that failed", throws(outage), ["release"]],
  ])("the job is checked: %s", async (_, work, expected) => {
    const ground = jobAtHand();
    const onCheckpoint = async ({ id }: Job) => void ground.log.push(`${id}.check`);
    Object.assign(ground.options, { onCheckpoint });
    await ground.handle(work);
    const found = ground.log.filter((line) => /^units\.(?!take)|check/.test(line));
    expect(found.map((line) => line.split(".")[1])).toEqual(expected);
  });
});

describe("progress that the store refuses for good", () => {
  const tooLarge = new Lasting("Item size has exceeded the maximum allowed size");
  /** The store refuses every write with progress in it. */
  function refusing(ground: ReturnType<typeof jobAtHand>) {
    const { tables } = ground;
    const release = tables.release.bind(tables);
    tables.release = (lease, how) => {
      if (how.unsaved !== undefined) throw tooLarge;
      return release(lease, how);
    };
    tables.finish = () => {
      throw tooLarge;
    };
    return ground;
  }

  test.each<[string, Work]>([
    ["when the unit is done", finishes],
    ["when it is put down", ends({ end: "stopped", progressed: true, waited: false, unsaved: page })],
    ["when the job is paused", ends({ end: "paused", unsaved: page })],
  ])("%s is an attempt that failed, with the reason", async (_when, work) => {
    const ground = refusing(jobAtHand());
    expect(await ground.handle(work)).toBe("continued");
    const reason = "Item size has exceeded the maximum allowed size";
    expect(ground.unit()).toMatchObject({ attempts: 1, reason, retryAt: T + 10_000 });
    await again(ground, work, MOST_LASTING_ATTEMPTS);
    expect(ground.job()).toMatchObject({ state: "failed", unitsFailed: 1 });
    expect(ground.unit().reason).toBe(`${reason} (3 attempts)`);
  });

  test("for a passing reason is left to the next delivery, which finds the unit unchanged", async () => {
    const { handle, unit } = jobAtHand({ fail: { "units.finish": outage } });
    await expect(handle(finishes)).rejects.toBe(outage);
    expect(unit()).not.toHaveProperty("retryAt");
  });
});

describe("an attempt that ends in the middle of its first page", () => {
  const inPage = ends({ end: "stopped", progressed: false, waited: true, begun: true });

  test("counts, so the next attempt takes a smaller page, but the unit is never given up for that", async () => {
    const ground = jobAtHand();
    await again(ground, inPage, 1);
    expect(ground.unit()).toMatchObject({ attempts: 1 });
    expect(ground.unit()).not.toHaveProperty("reason");
    await again(ground, inPage, 2 * MOST_ATTEMPTS);
    expect(ground.unit()).toMatchObject({ state: "active", attempts: MOST_HALVINGS });
  });

  test("after progress does not count", async () => {
    const { handle, unit } = jobAtHand({ unit: { attempts: 4 } });
    await handle(savesThen(ends({ end: "stopped", progressed: true, waited: true, begun: true })));
    expect(unit()).toMatchObject({ attempts: 0 });
  });
});

describe("an attempt that runs out of time", () => {
  test.each<[string, Work, number, number]>([
    ["having waited for capacity", stopped(false, true), 4, 4],
    ["having waited for capacity after progress", savesThen(stopped(true, true)), 4, 0],
    ["after progress", savesThen(stopped(true, false)), 4, 0],
    ["having waited, as the first", stopped(false, true), 0, 0],
    [
      "with progress that was not saved yet",
      ends({ end: "stopped", progressed: true, waited: false, unsaved: page }),
      4,
      0,
    ],
  ])("%s does not count", async (_how, work, before, after) => {
    const { handle, unit, ends: ended } = jobAtHand({ unit: { attempts: before, reason: "before" } });
    expect(await handle(work)).toBe("continued");
    expect(unit()).toMatchObject({ attempts: after, turn: 0, updatedAt: T });
    for (const gone of ["reason", "retryAt", "owner", "leaseUntil"]) expect(unit()).not.toHaveProperty(gone);
    expect(ended).toEqual([[0, { end: "stopped" }]]);
  });

  test("writes the progress that was not saved yet when it puts the unit down, in one update", async () => {
    const { handle, unit, log } = jobAtHand();
    await handle(ends({ end: "paused", unsaved: page }));
    expect(unit()).toMatchObject(page);
    expect(log.filter((step) => step.startsWith("units"))).toEqual(["units.take", "units.release"]);
  });

  test("without progress has failed", async () => {
    const { handle, unit } = jobAtHand();
    expect(await handle(stopped(false, false))).toBe("continued");
    expect(unit()).toMatchObject({ attempts: 1, reason: "The time was over before a page was begun." });
  });

  test("without progress, for the twentieth time in a row, gives the unit up with the reason", async () => {
    const { handle, unit } = jobAtHand({ unit: { attempts: 19 } });
    expect(await handle(stopped(false, false))).toBe("ended");
    expect(unit().reason).toBe("The time was over before a page was begun. (20 attempts)");
  });

  test("without progress on the second unit of an invocation hasn't failed", async () => {
    const ground = jobAtHand({ job: { units: 2 } });
    let first = true;
    const work: Work = async () => {
      if (!first) return { end: "stopped", progressed: false, waited: false };
      first = false;
      return { end: "exhausted", checkpoint: last };
    };
    expect(await ground.handle(work)).toBe("continued");
    const left = ground.tables.unitsOf("job").find(({ state }) => state === "active")!;
    expect(left).toMatchObject({ attempts: 0 });
    expect(left).not.toHaveProperty("reason");
  });
});

describe("a lease", () => {
  const taken = (tables: MemoryTables) =>
    tables.putUnit("job", { ...tables.unit({ job: "job", unit: 0 })!, owner: "thief", attempts: 4 });

  test.each<[string, string, (tables: MemoryTables) => Work]>([
    [
      "saves",
      "units.save",
      (tables) =>
        async (_job, _unit, { save }) => {
          taken(tables);
          await save(page);
          throw new Error("the checkpoint was refused");
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
      "puts it down",
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
  ])(
    "that its worker lost before it %s: the worker changes nothing, and goes on with another unit",
    async (_when, write, work) => {
      const { handle, log, tables, unit, ends: ended } = jobAtHand({ unit: { attempts: 2 } });
      expect(await handle(work(tables))).toBe("ended");
      expect(ended).toEqual([[0, { end: "lost" }]]);
      // One write shows the loss, and no other is tried.
      expect(log.filter((step) => step.startsWith("units."))).toEqual(["units.take", write]);
      expect(unit()).toMatchObject({ state: "active", owner: "thief", attempts: 4 });
      expect(unit()).not.toHaveProperty("cursor");
    },
  );

  test("lasts as long as the worker's invocation, and its record as long as the job's", async () => {
    const { handle, unit, tables } = jobAtHand({ job: { epoch: 2, expiresAt: 1_900_000_000 } });
    const takes: unknown[] = [];
    tables.take = (request) => {
      takes.push(request);
      return MemoryTables.prototype.take.call(tables, request);
    };
    await handle(async () => {
      expect(unit()).toMatchObject({ owner: "worker", leaseUntil: T + 60_000 });
      return { end: "stopped", progressed: true, waited: false };
    });
    const request = { job: "job", unit: 0, turn: firstTurn(2), owner: "worker", now: T, until: T + 60_000 };
    expect(takes).toEqual([{ ...request, expiresAt: 1_900_000_000 }]);
  });
});

describe("a call that keeps failing", () => {
  test("is noted in the unit's record while it is held", async () => {
    const { handle, unit } = jobAtHand();
    const work: Work = async (_job, _unit, { note }) => {
      note({ error: outage, since: T - 5_000 });
      await Promise.resolve();
      expect(unit()).toMatchObject({ reason: "TimeoutError: the database is away", retryingSince: T - 5_000 });
      return { end: "stopped", progressed: true, waited: false };
    };
    expect(await handle(work)).toBe("continued");
    expect(unit()).not.toHaveProperty("retryingSince");
  });

  test("and cannot be noted has no other effect", async () => {
    const { handle, log } = jobAtHand({ fail: { "units.note": outage } });
    const work: Work = async (_job, _unit, { note }) => {
      expect(note({ error: outage, since: T })).toBeUndefined();
      await new Promise((resolve) => setImmediate(resolve));
      return { end: "stopped", progressed: true, waited: false };
    };
    expect(await handle(work)).toBe("continued");
    expect(log).toContain("units.note");
  });
});

describe("a job that cannot go on", () => {
  const stops: [string, Partial<Setting>, Work, string][] = [
    ["by an error that hits every unit", {}, throws(new Fatal("access denied")), "job: access denied"],
    [
      "by a source that has become another one",
      { ending: { tablesProblem: async () => "The table was made anew." } },
      () => Promise.reject(new Error("nothing is read from another source")),
      "The table was made anew.",
    ],
    [
      "by such an error when the source is described",
      { ending: { tablesProblem: () => Promise.reject(new Fatal("no such table")) } },
      () => Promise.reject(new Error("nothing is read")),
      "job: no such table",
    ],
  ];

  test.each(stops)(
    "is stopped %s: at once, with one reason, and its ledgers as well",
    async (_how, setting, work, reason) => {
      const { handle, unit, job, log, tables, driver } = jobAtHand({ ...setting, unit: { attempts: 2 } });
      expect(await handle(work)).toBe("parked");
      expect(job()).toMatchObject({ state: "failed", reason, unitsFailed: 0, endedAt: T, announced: true });
      expect(tables.isPaused("job")).toBe(true);
      // The attempt is given back, because it says nothing about the unit.
      expect(unit()).toMatchObject({ state: "active", attempts: 2, turn: 0 });
      for (const gone of ["owner", "reason"]) expect(unit()).not.toHaveProperty(gone);
      expect(log).toEqual([
        ...["chains.take", "jobs.claim", "units.take", "ending.tablesProblem", "units.release"],
        ...["jobs.stop", "ending.announce", "jobs.announced", "chains.release"],
      ]);
      expect(driver.dispatched).toEqual([]);
    },
  );

  test.each(stops)(
    "and the bus is away: the end of a job that is stopped %s is published by the next delivery",
    async (_how, setting, work, why) => {
      const { handle, job } = jobAtHand({ ...setting, fail: { "ending.announce": outage } });
      await expect(handle(work)).rejects.toBe(outage);
      expect(job()).toMatchObject({ state: "failed", reason: why });
      expect(job()).not.toHaveProperty("announced");
    },
  );

  test("if the job was resumed since, it is not stopped", async () => {
    const { handle, job, tables, unit } = jobAtHand();
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

test("the source is described before the first unit, and again after that failed", async () => {
  const looks: string[] = [];
  const answers = [() => Promise.reject(outage), async () => undefined];
  const tablesProblem = () => {
    looks.push("look");
    return (answers.shift() ?? (async () => undefined))();
  };
  const { handle, ends: ended } = jobAtHand({ job: { units: 3 }, ending: { tablesProblem } });
  await handle(finishes);
  expect(ended.map(([, { end }]) => end)).toEqual(["retried", "done", "done"]);
  expect(looks).toHaveLength(2);
});
