import type { Job } from "../../../shared/jobs/job";
import { jobProgress, unitProgress } from "../../../shared/jobs/progress";
import { noCounts, type Unit } from "../../../shared/jobs/unit";
import { sampleJob } from "../../support/sampleJob";

const T = 1_800_000_000_000;

function unit(part: Partial<Unit> = {}): Unit {
  const fresh = {
    number: 0,
    state: "active",
    turn: 0,
    attempts: 1,
    counts: noCounts,
    rcuPerSecond: 8,
    updatedAt: T,
  } as const;
  return { ...fresh, owner: "a", leaseUntil: T + 60_000, ...part };
}

function released({ owner: _owner, leaseUntil: _until, ...rest }: Unit): Unit {
  return rest;
}

test.each<[string, Unit, number, object]>([
  ["held", unit(), T + 1, { phase: "working", rcuPerSecond: 8 }],
  ["held, silent for just under ten seconds", unit(), T + 9_999, { phase: "working", rcuPerSecond: 8 }],
  ["held, silent for ten seconds", unit(), T + 10_000, { phase: "working", rcuPerSecond: 0 }],
  ["held by a lease that is over", unit({ leaseUntil: T + 1 }), T + 1, { phase: "waiting", rcuPerSecond: 0 }],
  ["between two workers", released(unit()), T + 1, { phase: "waiting", rcuPerSecond: 0 }],
  [
    "between two workers after an error",
    released(unit({ reason: "slow" })),
    T + 1,
    { phase: "waiting", reason: "slow" },
  ],
  ["done", unit({ state: "done", result: 5 }), T + 1, { phase: "done", rcuPerSecond: 0, result: 5 }],
  ["failed", unit({ state: "failed", reason: "no" }), T + 1, { phase: "failed", rcuPerSecond: 0, reason: "no" }],
])("a unit that is %s", (_case, given, now, expected) => {
  expect(unitProgress(given, sampleJob(), now)).toMatchObject({ unit: 0, attempts: 1, ...expected });
});

const counts = (scannedItems: number) => ({ pages: 1, scannedItems, items: scannedItems / 2, rcu: scannedItems / 10 });
const progress = (job: Partial<Job>, units: readonly Unit[], now = T + 1) =>
  jobProgress(
    sampleJob({ units: 4, createdAt: T - 10_000, ...job }),
    units.map((each) => unitProgress(each, sampleJob(), now)),
    now,
  );

test("units that nobody began wait; the rest adds up", () => {
  const units = [
    unit({ state: "done", counts: counts(100) }),
    unit({ number: 1, counts: counts(50) }),
    unit({ number: 2, state: "failed", counts: counts(20), reason: "no" }),
  ];
  expect(progress({}, units)).toMatchObject({
    units: { total: 4, waiting: 1, working: 1, done: 1, failed: 1, cancelled: 0 },
    counts: { pages: 3, scannedItems: 170, items: 85, rcu: 17 },
    ...{ rcuPerSecond: 8, targetRcuPerSecond: 100, seconds: 10.001 },
    failures: [{ unit: 2, reason: "no" }],
  });
});

test("what a cancelled job has left is cancelled, begun or not; who still works on it is shown", () => {
  const cancelled = sampleJob({ state: "cancelled", units: 4 });
  const units = [unit(), released(unit({ number: 1 })), unit({ number: 2, state: "done" })];
  const shown = units.map((each) => unitProgress(each, cancelled, T + 1));
  expect(shown.map(({ phase }) => phase)).toEqual(["working", "cancelled", "done"]);
  expect(jobProgress(cancelled, shown, T + 1).units).toMatchObject({ working: 1, cancelled: 2, done: 1, waiting: 0 });
});

test.each<[string, Partial<Job>, readonly Unit[], number, number | undefined]>([
  ["nothing read", {}, [], 0, undefined],
  ["by items", {}, [unit({ counts: counts(200) })], 0.2, 10],
  [
    "by units, where that says more",
    {},
    [unit({ state: "done", counts: counts(1) }), unit({ number: 1 })],
    0.25,
    expect.closeTo(0.0375),
  ],
  [
    "by units, where nothing is estimated",
    { estimatedItems: 0 },
    [unit({ state: "done", counts: counts(10) })],
    0.25,
    // Nothing is known of its own rate yet: at the rate it may have.
    expect.closeTo(0.03),
  ],
  ["more items than estimated", {}, [unit({ counts: counts(5000) })], 0.99, expect.closeTo(0.631, 3)],
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
