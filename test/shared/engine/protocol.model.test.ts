/**
 * The protocol of a unit as a model: the real worker and the real end of a job on stores in memory, every call an atomic
 * step, and everything between two steps that a queue, a crash, a lost answer, the clock or an operator can do.
 * `model/invariants.ts` and `model/steps.ts` say what has to hold. See docs/decisions/0200-unit-protocol.md.
 */
import fc from "fast-check";
import { exploreAll, follow } from "./model/explore";
import type { Scenario, Trouble } from "./model/world";

const RUNS = 1_500;
const none: Trouble = { crash: 0, lost: 0, duplicate: 0, deadline: 0, lasting: 0, late: 0 };
/** One unit, two workers at a time; a unit that has come to its last attempt fails with the next error. */
const one: Scenario = { units: 1, pages: 1, workers: 2, operators: [], trouble: none };
const lastAttempt = { ...one, attempts: 2 };
const two = { ...one, units: 2 };

/** Worlds: so that nobody believes a scenario explored that has become trivial. */
const scenarios: readonly [title: string, scenario: Scenario, worlds: number][] = [
  [
    "pages and a duplicate, hand-on, crash",
    { ...one, pages: 2, trouble: once("duplicate", "deadline", "crash") },
    50_000,
  ],
  ["a lost call, a duplicate and a hand-on", { ...one, trouble: once("lost", "duplicate", "deadline") }, 10_000],
  ["pages, a lost call and a hand-on", { ...one, pages: 2, trouble: once("lost", "deadline") }, 2_000],
  [
    "a worker that outlasts its lease, and a duplicate",
    { ...one, pages: 2, trouble: once("late", "duplicate") },
    5_000,
  ],
  ["a worker that outlasts its lease, and a hand-on", { ...one, pages: 2, trouble: once("late", "deadline") }, 5_000],
  ["a worker that outlasts its lease, and a crash", { ...one, pages: 2, trouble: once("late", "crash") }, 10_000],
  ["two workers end the last two units; one crashes", { ...two, trouble: once("crash") }, 1_000],
  ["two workers end the last two units; a call is lost", { ...two, trouble: once("lost") }, 1_000],
  [
    "a unit given up after a hand-on and a crash",
    { ...lastAttempt, trouble: once("lasting", "deadline", "crash") },
    2_000,
  ],
  [
    "a unit given up, and the job resumed",
    { ...lastAttempt, operators: [["resume"]], trouble: once("lasting") },
    20_000,
  ],
  ["pause, resume, hand-on", { ...one, operators: [["pause", "resume"]], trouble: once("deadline") }, 30_000],
  [
    "pause, resume, hand-on, crash, one worker at a time",
    { ...one, workers: 1, operators: [["pause", "resume"]], trouble: once("deadline", "crash") },
    5_000,
  ],
  [
    "pause, resume, a unit given up, one worker at a time",
    { ...lastAttempt, workers: 1, operators: [["pause", "resume"]], trouble: once("lasting", "crash") },
    5_000,
  ],
  ["two operators resume", { ...one, workers: 1, operators: [["resume"], ["pause", "resume"]] }, 1_000],
  ["cancel, pause, resume", { ...one, workers: 1, operators: [["cancel"], ["pause", "resume"]] }, 1_000],
];

test.each(scenarios)(
  "whatever the order: %s",
  async (_title, scenario, worlds) => {
    const explored = await exploreAll(scenario);
    expect(explored.worlds).toBeGreaterThan(worlds);
    expect(explored.interleavings).toBeGreaterThan(worlds);
  },
  60_000,
);

test("three units, three workers, two operators, and much trouble, in orders picked at random", async () => {
  const scenario: Scenario = {
    units: 3,
    pages: 3,
    workers: 3,
    operators: [
      ["pause", "resume", "resume"],
      ["pause", "resume"],
    ],
    trouble: { crash: 4, lost: 4, duplicate: 3, deadline: 6, lasting: 3, late: 2 },
    attempts: 1,
  };
  const choices = fc.array(fc.nat(999), { maxLength: 250, size: "max" });
  await fc.assert(
    fc.asyncProperty(choices, async (chosen) => {
      await follow(scenario, chosen);
    }),
    { numRuns: RUNS },
  );
});

function once(...kinds: readonly (keyof Trouble)[]): Trouble {
  return { ...none, ...Object.fromEntries(kinds.map((kind) => [kind, 1])) };
}
