/** One turn at a batch of numbers, from whatever the records hold. */
import type { BatchTask } from "../../../../shared/drivers/driver";
import type { Work } from "../../../../shared/engine/unitWork";
import { type BatchOptions, handleBatch } from "../../../../shared/engine/workflow/batches";
import { unitOf } from "../../../../shared/jobs/storage/reading";
import { ends, finishes, jobAtHand, outage, type Setting, stopped, T, throws } from "../unitAtHand";

const NUMBERS = [3, 0, 2];

/** Like `jobAtHand`, with four units. `turn`: one delivery of a turn at three of them. */
function batchAtHand(setting: Setting = {}, more: Partial<BatchOptions> = {}) {
  const ground = jobAtHand({ ...setting, job: { units: 4, ...setting.job } });
  const turn = (work: Work, numbers: BatchTask["numbers"] = NUMBERS) =>
    handleBatch(
      { job: "job", epoch: 0, numbers },
      { ...ground.options, owner: "worker", stopAt: T + 60_000, ...more, work },
    );
  const called = (call: string) => ground.log.filter((each) => each === call).length;
  const states = () => Object.fromEntries(ground.tables.unitsOf("job").map(({ number, state }) => [number, state]));
  return { ...ground, turn, called, states };
}

/** Works on each unit by the first rule that knows the unit's number. */
function byNumber(rules: Readonly<Record<number, Work>>): Work {
  return (job, unit, tools) => (rules[unit.number] ?? finishes)(job, unit, tools);
}

test("a turn works on its numbers in their order, and on no others", async () => {
  const { turn, states, job } = batchAtHand();
  const order: number[] = [];
  const noting: Work = (given, unit, tools) => {
    order.push(unit.number);
    return finishes(given, unit, tools);
  };
  expect(await turn(noting)).toEqual({ state: "done" });
  expect(order).toEqual(NUMBERS);
  expect(states()).toEqual({ 0: "done", 2: "done", 3: "done" });
  expect(job()).toMatchObject({ state: "running", unitsDone: 3 });
});

test("its units share one session of the limits and one look at the source", async () => {
  const { turn, called, log } = batchAtHand();
  await turn(finishes);
  expect([called("rest"), called("ending.tablesProblem")]).toEqual([1, 1]);
  expect(log.at(-1)).toBe("rest");
});

test("a turn that fails ends the session, too", async () => {
  const { turn, called } = batchAtHand();
  await expect(turn(finishes, [0, 4])).rejects.toMatchObject({ code: "BAD_TASK" });
  expect(called("rest")).toBe(1);
});

test("a repeated turn finds the units that have ended, and writes nothing", async () => {
  const { turn, log } = batchAtHand();
  await turn(finishes);
  log.length = 0;
  expect(await turn(throws(outage))).toEqual({ state: "done" });
  expect(log).toEqual(["rest"]);
});

test("a unit that failed an attempt, or that another worker has, doesn't hold up the others", async () => {
  const until = T + 5_000;
  const { turn, tables, states } = batchAtHand();
  tables.putUnit("job", { ...unitOf(undefined), number: 0, owner: "other", leaseUntil: until });
  const work = byNumber({ 3: throws(outage) });
  expect(await turn(work)).toEqual({ state: "held", at: until, numbers: [3, 0] });
  expect(states()).toMatchObject({ 2: "done" });
});

test("the turn continues when the first of its numbers is due", async () => {
  const { turn, tables } = batchAtHand();
  tables.putUnit("job", { ...unitOf(undefined), number: 0, owner: "other", leaseUntil: T + 50_000 });
  const answer = await turn(byNumber({ 3: throws(outage) }));
  expect(answer).toEqual({ state: "continued", at: T + 10_000, numbers: [3, 0] });
});

test("a unit that uses up the time or the capacity ends the turn; the next turn begins with this unit", async () => {
  const { turn, states } = batchAtHand();
  expect(await turn(byNumber({ 0: stopped(true, false) }))).toEqual({ state: "continued", at: T, numbers: [0, 2] });
  expect(states()).toMatchObject({ 3: "done", 0: "active" });
  expect(states()).not.toHaveProperty("2");
});

test("no further unit is begun once time is over, but the first one always is", async () => {
  const { turn, states } = batchAtHand({}, { stopAt: T });
  expect(await turn(finishes)).toEqual({ state: "continued", at: T, numbers: [0, 2] });
  expect(states()).toEqual({ 3: "done" });
});

test("too little time for a page is no failed attempt, unless the unit was the turn's first", async () => {
  const none = stopped(false, false);
  const { turn, tables } = batchAtHand();
  await turn(byNumber({ 0: none }));
  expect(tables.unit({ job: "job", unit: 0 })).toMatchObject({ attempts: 0 });
  const first = batchAtHand();
  await first.turn(none);
  expect(first.tables.unit({ job: "job", unit: 3 })).toMatchObject({ attempts: 1 });
});

test("a job that is paused in the middle parks the turn: no further number is looked at", async () => {
  const { turn, tables, states } = batchAtHand();
  const pausing: Work = (job, unit, tools) => {
    tables.changeJob("job", { state: "paused" });
    return ends({ end: "paused" })(job, unit, tools);
  };
  expect(await turn(byNumber({ 0: pausing }))).toEqual({ state: "parked" });
  expect(states()).not.toHaveProperty("2");
});

test("a turn of an earlier epoch is stale", async () => {
  const { turn } = batchAtHand({ job: { epoch: 1 } });
  expect(await turn(throws(outage))).toEqual({ state: "stale" });
});
