/** Whole executions on virtual time: a state machine, its functions, and their troubles. */
import { unitOf } from "../../../../shared/jobs/storage/reading";
import { type ExecutionSetting, executionGround, wholeResult } from "./executionGround";

const HOUR = 3_600_000;
/** Units so small that one batch has them all. */
const SMALL = { estimatedBytes: 400_000 };
const completed = { state: "ended", job: "completed" } as const;

/** Runs one execution to its end. */
async function execute(setting: ExecutionSetting = {}) {
  const ground = executionGround(setting);
  const ended = ground.machine.execute({ job: "job", epoch: 0 }).then((summary) => ({ summary, ms: ground.time.now }));
  await ground.time.runUntil(HOUR);
  return { ...ground, ...(await ended) };
}

test("works on every number once, as many at a time as the rate feeds, and ends the job with exact counts", async () => {
  const { summary, machine, reads, job, ms } = await execute({ job: { units: 9 }, mostWorkers: 3 });
  expect(summary).toEqual(completed);
  expect(job()).toMatchObject({ state: "completed", unitsDone: 9, unitsFailed: 0, result: wholeResult(9) });
  expect(new Set(reads).size).toBe(27);
  expect(reads).toHaveLength(27);
  expect(machine.mostAtOnce).toBe(3);
  expect(machine.turns.map(({ answer }) => answer.state)).toEqual(Array.from({ length: 9 }, () => "done"));
  // Three numbers, one after the other, take a second each.
  expect(ms).toBeLessThan(4_000);
});

test("a number that takes longer than an invocation is continued at once", async () => {
  const { summary, machine, reads, ms } = await execute({ job: { units: 1 }, pages: 60 });
  expect(summary).toEqual(completed);
  expect(machine.turns.map(({ answer }) => answer.state)).toEqual(["continued", "continued", "done"]);
  expect(reads).toHaveLength(60);
  expect(ms).toBeLessThan(60 * 310 + 500);
});

test("an execution that finds no number left ends the job", async () => {
  const ground = executionGround({ job: { units: 2 } });
  for (const [number, result] of wholeResult(2).entries()) {
    ground.tables.putUnit("job", { ...unitOf(undefined), number, state: "done", result });
  }
  const ended = ground.machine.execute({ job: "job", epoch: 0 });
  await ground.time.runUntil(1_000);
  expect(await ended).toEqual(completed);
  expect(ground.machine.turns).toEqual([]);
  expect(ground.job()).toMatchObject({ unitsDone: 2, result: wholeResult(2) });
});

test("small numbers are worked on in one turn, as many as there is time for", async () => {
  const { summary, machine, reads, job } = await execute({ job: { units: 12, ...SMALL }, pages: 4, mostWorkers: 1 });
  expect(summary).toEqual(completed);
  expect(machine.turns.map(({ answer }) => answer.state)).toEqual(["continued", "done"]);
  const [first, second] = machine.turns.map(({ numbers }) => numbers);
  expect(first).toHaveLength(12);
  expect(first!.slice(-second!.length)).toEqual(second);
  expect(reads).toHaveLength(48);
  expect(job()).toMatchObject({ unitsDone: 12, result: wholeResult(12, 4) });
});

describe.each([
  ["one number", {}],
  ["two numbers", SMALL],
])("a worker of %s that is killed", (_what, size) => {
  const setting = { job: { units: 2, ...size }, pages: 2, mostWorkers: 1 };
  let calls: number;
  beforeAll(async () => {
    ({ calls } = (await execute(setting)).seen);
  });

  test.each([
    ["before its call took effect", false],
    ["before it knew that its call took effect", true],
  ])("at any call, %s, costs at most one page and changes no result", async (_when, after) => {
    // These are calls of lists, steps and the summary.
    expect(calls).toBeGreaterThan(20);
    for (let call = 0; call < calls; call++) {
      const { summary, reads, job, seen, ms } = await execute({ ...setting, kill: { call, after } });
      expect(seen.killedAt).toBeDefined();
      expect(summary).toEqual(completed);
      expect(job()).toMatchObject({ unitsDone: 2, unitsFailed: 0, result: wholeResult(2, 2), announced: true });
      expect(reads.length).toBeLessThanOrEqual(5);
      // It waits for the lease of one invocation, and not for a second one.
      expect(ms).toBeLessThan(20_000);
    }
  });

  test("leaves its number held until its lease ends, without a step in between", async () => {
    const { machine, seen, ms } = await execute({
      ...setting,
      job: { units: 1, ...size },
      kill: { call: 6, after: true },
    });
    const states = machine.turns.map(({ answer }) => answer.state);
    expect(states).toEqual(["held", "done"]);
    // The lease has twelve seconds, one is for the clocks, and a Wait state rounds the part of a second up.
    expect(ms - seen.killedAt!).toBeGreaterThan(11_000);
    expect(ms - seen.killedAt!).toBeLessThan(15_000);
  });
});

test("tasks that are all delivered twice at the same time lead to the same job", async () => {
  const { summary, reads, job } = await execute({ twice: true });
  expect(summary).toEqual(completed);
  expect(reads).toHaveLength(12);
  expect(job()).toMatchObject({ unitsDone: 4, result: wholeResult(4) });
});

test("if the first answer of every task is lost, it is found in the records", async () => {
  const lost = new Set<string>();
  const lose = (input: object) => {
    const name = JSON.stringify(input);
    return !lost.has(name) && lost.add(name).size > 0;
  };
  const { summary, reads, job, machine } = await execute({ lose });
  expect(summary).toEqual(completed);
  expect(reads).toHaveLength(12);
  expect(job()).toMatchObject({ unitsDone: 4, result: wholeResult(4) });
  expect(machine.turns.map(({ answer }) => answer.state)).toEqual(["done", "done", "done", "done"]);
});

test("a number whose lane broke off is worked on once the others have ended", async () => {
  let failures = 0;
  const before = (call: string) => {
    // The lane fails for as long as the state machine tries; then there is one more attempt.
    if (call === "units.take" && failures < 4) {
      failures++;
      throw Object.assign(new Error("away"), { name: "TimeoutError" });
    }
  };
  const { summary, job, machine } = await execute({ before, job: { units: 3 }, mostWorkers: 1 });
  expect(summary).toEqual(completed);
  expect(job()).toMatchObject({ unitsDone: 3, result: wholeResult(3) });
  expect(machine.turns.filter(({ answer }) => answer.state === "done")).toHaveLength(3);
});

describe("an operator", () => {
  /** Runs epoch 0, with the operator's commands at so many milliseconds. */
  async function operated(ms: number, operate: (ground: ReturnType<typeof executionGround>) => void) {
    const ground = executionGround({ job: { units: 6 }, pages: 4 });
    const first = ground.machine.execute({ job: "job", epoch: 0 });
    await ground.time.runUntil(ms);
    operate(ground);
    return { ...ground, first };
  }
  const resume = ({ tables }: ReturnType<typeof executionGround>) =>
    tables.changeJob("job", { state: "starting", epoch: 1, unitsFailed: 0 });

  test.each(["paused", "cancelled"] as const)("leaves a job %s: its execution ends within a second", async (state) => {
    const { first, time, job, machine } = await operated(1_600, ({ tables }) => tables.changeJob("job", { state }));
    await time.runUntil(2_600);
    expect(await first).toEqual({ state: "parked" });
    expect(machine.turns.slice(-4).map(({ answer }) => answer.state)).toEqual(Array(4).fill("parked"));
    expect(job().state).toBe(state);
  });

  test("resumes: the next execution works on the missing units, and repeats no page", async () => {
    const ground = await operated(1_600, ({ tables }) => tables.changeJob("job", { state: "paused" }));
    await ground.time.runUntil(60_000);
    resume(ground);
    const second = ground.machine.execute({ job: "job", epoch: 1 });
    await ground.time.runUntil(HOUR);
    expect(await ground.first).toEqual({ state: "parked" });
    expect(await second).toEqual(completed);
    expect(ground.reads).toHaveLength(24);
    expect(ground.job()).toMatchObject({ unitsDone: 6, result: wholeResult(6, 4) });
  });

  test("resumes before the workers noticed the pause: the first execution ends as stale, and the second does the rest", async () => {
    const ground = await operated(1_600, resume);
    const second = ground.machine.execute({ job: "job", epoch: 1 });
    await ground.time.runUntil(HOUR);
    expect(await ground.first).toEqual({ state: "stale" });
    expect(await second).toEqual(completed);
    expect(ground.reads).toHaveLength(24);
    expect(ground.job()).toMatchObject({ epoch: 1, unitsDone: 6, result: wholeResult(6, 4) });
  });
});

test("a unit that fails again and again is given up, and fails the job; the others are done", async () => {
  const { summary, job, machine } = await execute({
    job: { units: 1 },
    work: async () => {
      throw new Error("this page cannot be done");
    },
  });
  expect(summary).toEqual({ state: "ended", job: "failed" });
  expect(job()).toMatchObject({ unitsDone: 0, unitsFailed: 1 });
  const states = machine.turns.map(({ answer }) => answer.state);
  expect(states).toEqual([...Array(19).fill("continued"), "done"]);
});

test("a job that is deleted under its execution fails the execution at once", async () => {
  const ground = executionGround();
  const failing = expect(ground.machine.execute({ job: "another", epoch: 0 })).rejects.toMatchObject({
    code: "NO_SUCH_JOB",
  });
  await ground.time.runUntil(60_000);
  await failing;
});
