/**
 * A model of the protocol of numbers: the real steps, summary and list of numbers on stores in memory, under a state machine
 * that repeats tasks without an answer. ../protocol.model.test.ts describes what can come between two calls, and the conditions
 * that must hold.
 */
import fc from "fast-check";
import { MOST_ATTEMPTS } from "../../../../shared/engine/unitWork";
import { exploreAll, follow } from "../model/explore";
import { noTrouble, type Scenario, type Trouble } from "../model/world";

const RUNS = 1_500;
/** One number, and two workers at a time. A unit at its last attempt fails with the next error. */
const one: Scenario = { units: 1, pages: 1, workers: 2, operators: [], trouble: noTrouble, workflow: true };
const lastAttempt = { ...one, attempts: 2 };
const two = { ...one, units: 2 };
/** Two numbers, one at a time. */
const inTurn = { ...two, workers: 1 };
/** A unit waits for its next attempt for longer than its worker's lease lasts. */
const waiting: Scenario = { ...inTurn, backoff: 2_500 };
const started: Scenario = { ...inTurn, unmade: true, watched: true, operators: [["start"]] };
const paused = [["pause", "resume"]] as const;

/** Each has at least this many worlds, so a scenario that has become trivial fails. */
const scenarios: readonly [title: string, scenario: Scenario, worlds: number][] = [
  ["two numbers at a time", two, 150],
  ["two numbers, and a crash", { ...two, trouble: once("crash") }, 3_000],
  ["two numbers, and a lost call", { ...two, trouble: once("lost") }, 2_500],
  ["one number after the other, and crashes", { ...inTurn, trouble: { ...noTrouble, crash: 2 } }, 10_000],
  ["pages, a wait for capacity and a crash", { ...one, pages: 2, trouble: once("deadline", "crash") }, 1_000],
  ["pages, a wait for capacity and a lost call", { ...one, pages: 2, trouble: once("deadline", "lost") }, 1_000],
  ["a task that is delivered twice, and a crash", { ...one, pages: 2, trouble: once("duplicate", "crash") }, 15_000],
  [
    "a task that is delivered twice, a lost call and a wait for capacity",
    { ...one, trouble: once("duplicate", "lost", "deadline") },
    40_000,
  ],
  ["a worker that outlasts its lease, and a duplicate", { ...one, trouble: once("late", "duplicate") }, 40_000],
  ["a worker that outlasts its lease, and a crash", { ...one, trouble: once("late", "crash") }, 50_000],
  ["a worker that outlasts its lease, and a wait", { ...one, pages: 2, trouble: once("late", "deadline") }, 15_000],
  [
    "a unit given up, and the job resumed",
    { ...lastAttempt, operators: [["resume"]], trouble: once("lasting") },
    20_000,
  ],
  [
    "a unit given up, another left",
    { ...lastAttempt, ...inTurn, attempts: 2, trouble: once("lasting", "crash") },
    3_000,
  ],
  ["pause and resume between two numbers", { ...inTurn, operators: paused }, 5_000],
  ["pause, resume and a wait", { ...one, workers: 1, operators: paused, trouble: once("deadline") }, 3_000],
  ["pause, resume and a crash", { ...one, workers: 1, operators: paused, trouble: once("crash") }, 25_000],
  ["pause and resume while two epochs' workers run", { ...one, operators: paused }, 25_000],
  [
    "time that is over before a page, after a page, and for the last time",
    { ...one, pages: 2, attempts: MOST_ATTEMPTS - 2, trouble: { ...once("crash", "deadline"), over: 2 } },
    5_000,
  ],
  ["a page that is refused, and another attempt later", { ...waiting, trouble: once("lasting", "crash") }, 5_000],
  ["a page that is refused, and a lost call", { ...waiting, units: 1, trouble: once("lasting", "lost") }, 600],
  [
    "a page that is refused, and a duplicate",
    { ...waiting, workers: 2, units: 1, trouble: once("lasting", "duplicate") },
    2_500,
  ],
  ["the table is made anew, and a crash", { ...inTurn, trouble: once("anew", "crash") }, 7_000],
  ["no page can be done, and a crash", { ...inTurn, trouble: once("fatal", "crash") }, 3_000],
  ["no page can be done, two numbers at a time", { ...two, trouble: once("fatal") }, 600],
  ["no page can be done, pause and resume", { ...inTurn, operators: paused, trouble: once("fatal") }, 10_000],
  ["a start that is killed", { ...started, trouble: once("crash") }, 10_000],
  ["a start whose task is delivered twice", { ...started, units: 1, trouble: once("duplicate") }, 4_500],
  ["cancel, pause, resume", { ...one, workers: 1, operators: [["cancel"], ...paused] }, 5_000],
];

test.each(scenarios)("whatever the order: %s", async (_title, scenario, worlds) => {
  const explored = await exploreAll(scenario);
  expect(explored.worlds).toBeGreaterThan(worlds);
});

const trouble = {
  ...{ crash: 4, lost: 4, duplicate: 3, deadline: 6, over: 3, lasting: 3 },
  ...{ fatal: 1, anew: 0, late: 2, fewer: 0, more: 0 },
};
/** Three numbers, three workers, and much of everything. */
const three: Omit<Scenario, "operators" | "trouble"> = { units: 3, pages: 3, workers: 3, attempts: 1, workflow: true };

const picked: readonly [title: string, scenario: Scenario][] = [
  ["two operators", { ...three, operators: [["pause", "resume", "resume"], ...paused], trouble }],
  // In this scenario, a resumption that breaks off could not be repeated.
  ["a table that is made anew", { ...three, watched: true, operators: paused, trouble: { ...trouble, anew: 1 } }],
  [
    "a start, paused and resumed, all of it killed now and then",
    {
      ...{ ...three, attempts: 0, unmade: true, watched: true },
      operators: [["start"], ...paused, ["resume"]],
      trouble: { ...trouble, anew: 1 },
    },
  ],
];

test.each(picked)("three numbers, and much trouble, in orders picked at random: %s", async (_title, scenario) => {
  const choices = fc.array(fc.nat(999), { maxLength: 250, size: "max" });
  await fc.assert(
    fc.asyncProperty(choices, async (chosen) => {
      await follow(scenario, chosen);
    }),
    { numRuns: RUNS },
  );
});

function once(...kinds: readonly (keyof Trouble)[]): Trouble {
  return { ...noTrouble, ...Object.fromEntries(kinds.map((kind) => [kind, 1])) };
}
