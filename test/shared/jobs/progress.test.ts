import type { LedgerState } from "../../../shared/jobs/bottleneck";
import type { Job } from "../../../shared/jobs/job";
import { jobProgress, unitProgress } from "../../../shared/jobs/progress";
import { noCounts, type Unit } from "../../../shared/jobs/unit";
import { nothingWritten } from "../../../shared/writing/written";
import { readLimit, sampleJob } from "../../support/sampleJob";

const T = 1_800_000_000_000;

function unit(part: Partial<Unit> = {}): Unit {
  const fresh = {
    number: 0,
    state: "active",
    turn: 0,
    attempts: 1,
    counts: { ...noCounts, pages: 20, rcu: 1000 },
    rcuPerSecond: 8,
    updatedAt: T,
  } as const;
  return { ...fresh, owner: "a", leaseUntil: T + 60_000, ...part };
}

function released({ owner: _owner, leaseUntil: _until, ...rest }: Unit): Unit {
  return rest;
}

const ended = ["paused", "completed", "failed"] as const;

test.each(ended)("a unit that failed an attempt of a job that is %s waits: nothing is retried", (state) => {
  const shown = unitProgress(released(unit({ reason: "slow", retryAt: T + 5 })), sampleJob({ state }), T);
  expect(shown).toMatchObject({ phase: "waiting", reason: "slow" });
  expect(shown).not.toHaveProperty("retryAt");
});

test("a unit that was put down by a pause consumes nothing", () => {
  expect(unitProgress(released(unit()), sampleJob({ state: "paused" }), T + 1).rcuPerSecond).toBe(0);
});

test("the time of the next attempt is shown only for units that are retrying", () => {
  const shown = unitProgress(unit({ reason: "slow", retryAt: T - 5 }), sampleJob(), T);
  expect(shown).not.toHaveProperty("retryAt");
});

test.each<[string, Unit, number, object]>([
  ["held", unit(), T + 1, { phase: "working", rcuPerSecond: 8 }],
  ["held, silent for just under ten seconds", unit(), T + 9_999, { phase: "working", rcuPerSecond: 8 }],
  ["held, silent for ten seconds", unit(), T + 10_000, { phase: "working", rcuPerSecond: 0 }],
  [
    "held by a lease that is over",
    unit({ counts: noCounts, leaseUntil: T + 1 }),
    T + 1,
    { phase: "waiting", rcuPerSecond: 0 },
  ],
  ["held up to this moment", unit({ leaseUntil: T + 2 }), T + 1, { phase: "working", rcuPerSecond: 8 }],
  [
    "put down before its first page",
    released(unit({ counts: noCounts })),
    T + 1,
    { phase: "waiting", rcuPerSecond: 0 },
  ],
  ["between two workers", released(unit()), T + 29_999, { phase: "waiting", rcuPerSecond: 8 }],
  ["put down half a minute ago", released(unit()), T + 30_000, { phase: "waiting", rcuPerSecond: 0 }],
  [
    "between two workers after an error",
    released(unit({ reason: "slow", retryAt: T + 30_000, attempts: 1 })),
    T + 1,
    { phase: "retrying", reason: "slow", retryAt: T + 30_000, rcuPerSecond: 0 },
  ],
  [
    "held, after an attempt that failed",
    unit({ reason: "slow", retryAt: T - 5 }),
    T + 1,
    { phase: "retrying", reason: "slow", rcuPerSecond: 0 },
  ],
  [
    "held by a worker whose call keeps failing",
    unit({ reason: "slow", retryingSince: T - 6_000 }),
    T + 1,
    { phase: "retrying", reason: "slow", rcuPerSecond: 0 },
  ],
  [
    "held by a lease that is over, after trouble",
    unit({ reason: "slow", retryingSince: T - 6_000, leaseUntil: T }),
    T + 1,
    { phase: "retrying", reason: "slow" },
  ],
  ["done", unit({ state: "done", result: 5 }), T + 10_000, { phase: "done", rcuPerSecond: 0, result: 5 }],
  ["failed", unit({ state: "failed", reason: "no" }), T + 1, { phase: "failed", rcuPerSecond: 0, reason: "no" }],
])("a unit that is %s", (_case, given, now, expected) => {
  expect(unitProgress(given, sampleJob(), now)).toMatchObject({ unit: 0, attempts: 1, ...expected });
});

const counts = (scannedItems: number) => ({ pages: 1, scannedItems, items: scannedItems / 2, rcu: scannedItems });
function progress(part: Partial<Job>, units: readonly Unit[], now = T + 1, ledger?: LedgerState) {
  const job = sampleJob({ units: 4, createdAt: T - 10_000, ...part });
  const shown = units.map((each) => unitProgress(each, job, now));
  return jobProgress(job, shown, now, ledger && { read: ledger });
}

test("units that were not begun count as waiting, and the others add up", () => {
  const units = [
    unit({ state: "done", counts: counts(100) }),
    unit({ number: 1, counts: counts(50) }),
    unit({ number: 2, state: "failed", counts: counts(20), reason: "no" }),
  ];
  expect(progress({}, units)).toMatchObject({
    units: { total: 4, retrying: 0, waiting: 1, working: 1, done: 1, failed: 1, cancelled: 0 },
    counts: { pages: 3, scannedItems: 170, items: 85, rcu: 170 },
    ...{ rcuPerSecond: expect.closeTo(5 + 8), targetRcuPerSecond: 100, seconds: 10.001 },
    failures: [{ unit: 2, reason: "no" }],
  });
});

test("unfinished units of a cancelled job count as cancelled, begun or not; units that are still worked on are shown", () => {
  const cancelled = sampleJob({ state: "cancelled", units: 4 });
  const units = [unit(), released(unit({ number: 1 })), unit({ number: 2, state: "done" })];
  const shown = units.map((each) => unitProgress(each, cancelled, T + 1));
  expect(shown.map(({ phase }) => phase)).toEqual(["working", "cancelled", "done"]);
  expect(jobProgress(cancelled, shown, T + 1).units).toMatchObject({ working: 1, cancelled: 2, done: 1, waiting: 0 });
});

test.each<[string, Partial<Job>, readonly Unit[], number, number | undefined]>([
  ["nothing read", {}, [], 0, undefined],
  ["by items", {}, [unit({ counts: counts(200) })], 0.2, 100],
  [
    "by units, if they show more",
    {},
    [unit({ state: "done", counts: counts(1) }), unit({ number: 1, counts: noCounts })],
    0.25,
    expect.closeTo(30),
  ],
  [
    "by units, if nothing is estimated",
    { estimatedItems: 0 },
    [unit({ state: "done", counts: counts(10), updatedAt: T - 10_000 })],
    0.25,
    // No worker makes progress now, so the time left is unknown.
    undefined,
  ],
  [
    "by bytes, if only these are estimated",
    { estimatedItems: 0, estimatedBytes: 409_600 },
    // An RCU is 8 KB, eventually consistent: 25 are 204,800 bytes.
    [unit({ counts: { pages: 1, scannedItems: 50, items: 50, rcu: 25 } })],
    0.5,
    // All of this was in the last ten seconds.
    10,
  ],
  ["no faster than the job may", { limits: [readLimit(4)] }, [unit({ counts: counts(200) })], 0.2, 200],
  [
    "nothing estimated and no unit done",
    { estimatedItems: 0, estimatedBytes: 0 },
    [unit({ counts: counts(10) })],
    0,
    undefined,
  ],
  [
    "the only unit done was empty: the cost of a unit is unknown",
    {},
    [unit({ state: "done", counts: noCounts }), unit({ number: 1, counts: noCounts })],
    0.25,
    undefined,
  ],
  ["retrying: nothing moves", {}, [released(unit({ counts: counts(200), reason: "slow" }))], 0.2, undefined],
  ["silent: nothing moves", {}, [unit({ counts: counts(200), updatedAt: T - 60_000 })], 0.2, undefined],
  ["more items than estimated", {}, [unit({ counts: counts(5000) })], 0.99, expect.closeTo(6.313, 3)],
  ["completed", { state: "completed", endedAt: T }, [], 1, undefined],
  ["paused: nothing moves", { state: "paused" }, [unit({ counts: counts(200) })], 0.2, undefined],
  ["cancelled", { state: "cancelled" }, [unit({ counts: counts(200) })], 0.2, undefined],
])("share done and time left: %s", (_case, job, units, share, secondsLeft) => {
  const shown = progress(job, units);
  expect(shown.share).toBeCloseTo(share, 6);
  expect(shown.secondsLeft).toEqual(secondsLeft);
});

test("a job that has ended stops its clock and shows its result", () => {
  const ended = progress({ state: "completed", endedAt: T, result: { items: 7 } }, [], T + 60_000);
  expect(ended).toMatchObject({ seconds: 10, result: { items: 7 } });
});

describe("retries", () => {
  test("are listed with error, attempts and next try; a call that keeps failing with the time since when", () => {
    const units = [
      unit(),
      released(unit({ number: 1, attempts: 3, reason: "slow", retryAt: T + 30_000 })),
      unit({ number: 2, reason: "away", retryingSince: T - 6_000 }),
      unit({ number: 3, state: "failed", reason: "no" }),
    ];
    const { retries, failures, units: phases } = progress({}, units);
    expect(retries).toEqual([
      { unit: 1, attempts: 3, reason: "slow", retryAt: T + 30_000 },
      { unit: 2, attempts: 1, reason: "away", retryingSince: T - 6_000 },
    ]);
    expect(failures).toEqual([{ unit: 3, reason: "no" }]);
    expect(phases).toEqual({ total: 4, failed: 1, retrying: 2, working: 1, waiting: 0, cancelled: 0, done: 0 });
  });

  test("a job without any lists none", () => {
    expect(progress({}, [unit()]).retries).toEqual([]);
  });
});

describe("what holds a job back", () => {
  const idle: LedgerState = { until: T - 60_000, factor: 1, factorAt: 0 };
  const retrying = released(unit({ number: 1, reason: "slow" }));
  const at = (rcuPerSecond: number) => unit({ rcuPerSecond });
  const begun = unit({ rcuPerSecond: 0, counts: noCounts });
  /** The known state, at T, of a job that may read 100 RCU/s. */
  const held = (units: readonly Unit[], ledger?: LedgerState, job: Partial<Job> = {}) => {
    const { bottleneck, throttleFactor } = progress(job, units, T, ledger);
    return [bottleneck, throttleFactor];
  };

  test.each<[string, readonly Unit[], LedgerState | undefined, string | undefined, number | undefined]>([
    ["throttling, whatever else", [at(50), retrying], { ...idle, factor: 0.5, factorAt: T }, "throttled", 0.5],
    ["throttling that is nearly over", [at(95)], { ...idle, factor: 0.9, factorAt: T - 9_000 }, "throttled", 0.99],
    ["throttling that is over", [at(95)], { ...idle, factor: 0.9, factorAt: T - 10_000 }, "rate", undefined],
    ["failures: nothing moves", [retrying], idle, "failures", undefined],
    [
      "failures: there is no progress, and no worker looked at the ledger",
      [retrying],
      undefined,
      "failures",
      undefined,
    ],
    ["not the failures of some", [at(95), retrying], idle, "rate", undefined],
    ["the rate, if nine tenths are used", [at(90)], idle, "rate", undefined],
    ["the workers, if less is used", [at(89.9)], idle, "workers", undefined],
    ["the rate, if capacity is promised", [at(10)], { ...idle, until: T + 1 }, "rate", undefined],
    ["the rate, if capacity was promised just now", [at(10)], { ...idle, until: T - 499 }, "rate", undefined],
    ["the workers, if that was long ago", [at(10)], { ...idle, until: T - 500 }, "workers", undefined],
    ["the rate, if a worker waits for its first page", [begun], { ...idle, until: T + 1 }, "rate", undefined],
    ["nothing known, if a worker has just begun", [begun], idle, undefined, undefined],
    ["nothing known, if no unit is begun", [], idle, undefined, undefined],
    ["nothing known, between two workers", [released(begun)], idle, undefined, undefined],
  ])("%s", (_case, units, ledger, bottleneck, factor) => {
    const [held_, throttled] = held(units, ledger);
    expect(held_).toBe(bottleneck);
    if (factor === undefined) expect(throttled).toBeUndefined();
    else expect(throttled).toBeCloseTo(factor, 10);
  });

  test.each(["paused", "completed", "failed", "cancelled"] as const)("nothing, of a job that is %s", (state) => {
    expect(held([at(50)], { ...idle, factor: 0.5, factorAt: T }, { state })).toEqual([undefined, undefined]);
  });
});

test("a share by bytes follows from what the pages consumed, half as many bytes if reads are strongly consistent", () => {
  const units = [unit({ counts: counts(100) })];
  const estimate = { estimatedItems: 0, estimatedBytes: 1_638_400 };
  expect(progress(estimate, units).share).toBe(0.5);
  const source = { kind: "table", table: "answers", consistentRead: true } as const;
  expect(progress({ ...estimate, source }, units).share).toBe(0.25);
});

test("a job shows why it failed, and its work", () => {
  const shown = progress({ state: "failed", reason: "The table was made anew.", endedAt: T }, []);
  expect(shown).toMatchObject({ ...{ id: "job", state: "failed", table: "answers", operation: "count" } });
  expect(shown.reason).toBe("The table was made anew.");
  expect(progress({}, [])).not.toHaveProperty("reason");
});

describe("the rate", () => {
  const rate = (parts: readonly Partial<Unit>[], now: number, job: Partial<Job> = {}) =>
    progress(
      job,
      parts.map((part, number) => unit({ number, ...part })),
      now,
    ).rcuPerSecond;
  const done = (rcu: number, at: number, rcuPerSecond: number): Partial<Unit> => {
    return { state: "done", counts: { ...noCounts, pages: 1, rcu }, rcuPerSecond, updatedAt: at };
  };

  test("of units that take less than a second is what they consumed in the last ten seconds", () => {
    // Units one after the other for a minute, two a second, each with a single page of 50 RCU. A single page has no rate.
    const units = Array.from({ length: 120 }, (_, n) => done(50, T - 500 * n, 0));
    expect(rate(units, T + 1)).toBe(100);
  });

  test("doesn't count time twice: a unit that has just ended counts only since the window began", () => {
    // The unit consumed 8 RCU/s for a minute, until five seconds ago. The next unit has been at work since then.
    const next = { counts: { ...noCounts, pages: 5, rcu: 40 }, updatedAt: T };
    expect(rate([done(480, T - 5_000, 8), next], T)).toBe(8);
  });

  test("of a unit with one page so far is that page's consumption in the window", () => {
    expect(rate([{ counts: { ...noCounts, pages: 1, rcu: 30 }, rcuPerSecond: 0 }], T + 1_000)).toBe(3);
  });

  test("of a young job is an average of the job's time", () => {
    expect(rate([done(50, T, 0)], T, { createdAt: T - 2_000 })).toBe(25);
    expect(rate([done(50, T, 0)], T, { createdAt: T })).toBe(50);
  });

  test.each(["paused", "completed", "cancelled"] as const)("of a job that is %s is that of units at work", (state) => {
    expect(rate([done(50, T, 0)], T, { state })).toBe(0);
  });

  test("of writes is 0 for a dry run, which writes nothing", () => {
    const result = { ...nothingWritten, consumed: { table: 500 } };
    const written = (wcuPerSecond: number) =>
      unitProgress(unit({ result, wcuPerSecond }), sampleJob({ createdAt: T - 60_000 }), T + 1);
    expect([written(0).wcuPerSecond, written(20).wcuPerSecond, written(90).wcuPerSecond]).toEqual([0, 20, 50]);
  });
});
