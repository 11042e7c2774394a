/**
 * The protocol of a unit as a model: the real worker and the real end of a job on stores in memory, every call an atomic
 * step, and everything between two steps that a queue, a crash, a lost answer, the clock or an operator can do.
 * `model/invariants.ts` and `model/steps.ts` say what has to hold. See docs/decisions/0200-unit-protocol.md.
 */
import fc from "fast-check";
import { MOST_ATTEMPTS } from "../../../shared/engine/protocol";
import { exploreAll, follow } from "./model/explore";
import { noTrouble, type Scenario, type Trouble } from "./model/world";

const RUNS = 1_500;
/** One unit, two workers at a time; a unit that has come to its last attempt fails with the next error. */
const one: Scenario = { units: 1, pages: 1, workers: 2, operators: [], trouble: noTrouble };
const lastAttempt = { ...one, attempts: 2 };
const two = { ...one, units: 2 };
/** Two units that a start dispatches one by one. */
const started: Scenario = { ...two, workers: 1, unmade: true, watched: true, operators: [["start"]] };

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
  [
    "time that is over before a page, after a page, and for the last time",
    { ...one, pages: 2, attempts: MOST_ATTEMPTS - 2, trouble: { ...once("crash", "deadline"), over: 2 } },
    25_000,
  ],
  [
    "time that is over before a page, and the job resumed",
    { ...one, workers: 1, attempts: MOST_ATTEMPTS - 1, operators: [["resume"]], trouble: once("over", "lost") },
    8_000,
  ],
  ["the table is made anew, and a crash", { ...two, trouble: once("anew", "crash") }, 20_000],
  ["the table is made anew, and a lost call", { ...one, pages: 2, trouble: once("anew", "lost", "deadline") }, 15_000],
  [
    "the table is made anew, pause and resume",
    { ...one, pages: 2, workers: 1, operators: [["pause", "resume"]], trouble: once("anew") },
    4_000,
  ],
  ["no page can be done, two units, and a crash", { ...two, trouble: once("fatal", "crash") }, 7_000],
  ["no page can be done, and a lost call", { ...two, trouble: once("fatal", "lost") }, 8_000],
  [
    "no page can be done, pause and resume",
    { ...two, workers: 1, operators: [["pause", "resume"]], trouble: once("fatal") },
    20_000,
  ],
  [
    "no page can be done, pause, resume and cancel",
    { ...one, operators: [["pause", "resume"], ["cancel"]], trouble: once("fatal") },
    60_000,
  ],
  ["a start that is killed", { ...started, trouble: once("crash") }, 5_000],
  [
    "a start that is killed, and a message that comes twice",
    { ...started, units: 1, trouble: once("crash", "duplicate") },
    15_000,
  ],
  ["a start with a lost call", { ...started, trouble: once("lost") }, 6_000],
  [
    "a start in several invocations that is killed",
    { ...started, dispatching: { portion: 1, portions: 1 }, trouble: once("crash") },
    150_000,
  ],
  ["a start, paused and resumed", { ...started, units: 1, operators: [["start"], ["pause", "resume"]] }, 5_000],
  [
    "a resumption that is killed",
    { ...one, workers: 1, watched: true, operators: [["resume"]], trouble: once("crash") },
    4_000,
  ],
  ["two resumptions at a time", { ...one, workers: 1, watched: true, operators: [["resume"], ["resume"]] }, 50_000],
  ["two operators resume", { ...one, workers: 1, operators: [["resume"], ["pause", "resume"]] }, 1_000],
  ["cancel, pause, resume", { ...one, workers: 1, operators: [["cancel"], ["pause", "resume"]] }, 1_000],
];

test.each(scenarios)("whatever the order: %s", async (_title, scenario, worlds) => {
  const explored = await exploreAll(scenario);
  expect(explored.worlds).toBeGreaterThan(worlds);
  expect(explored.interleavings).toBeGreaterThan(worlds);
});

const trouble = { crash: 4, lost: 4, duplicate: 3, deadline: 6, over: 3, lasting: 3, fatal: 1, anew: 0, late: 2 };
/** Three units, three workers, and much of everything. */
const three = { units: 3, pages: 3, workers: 3, attempts: 1 };

const picked: readonly [title: string, scenario: Scenario][] = [
  [
    "two operators",
    {
      ...three,
      operators: [
        ["pause", "resume", "resume"],
        ["pause", "resume"],
      ],
      trouble,
    },
  ],
  ["a table that is made anew", { ...three, operators: [["pause", "resume"]], trouble: { ...trouble, anew: 1 } }],
  [
    "a start in portions, paused and resumed, all of it killed now and then",
    {
      ...{ ...three, attempts: 0, unmade: true, watched: true },
      dispatching: { portion: 1, portions: 2 },
      operators: [["start"], ["pause", "resume"], ["resume"]],
      trouble: { ...trouble, anew: 1 },
    },
  ],
];

test.each(picked)(
  "three units, three workers, and much trouble, in orders picked at random: %s",
  async (_title, scenario) => {
    const choices = fc.array(fc.nat(999), { maxLength: 250, size: "max" });
    await fc.assert(
      fc.asyncProperty(choices, async (chosen) => {
        await follow(scenario, chosen);
      }),
      { numRuns: RUNS },
    );
  },
);

function once(...kinds: readonly (keyof Trouble)[]): Trouble {
  return { ...noTrouble, ...Object.fromEntries(kinds.map((kind) => [kind, 1])) };
}
