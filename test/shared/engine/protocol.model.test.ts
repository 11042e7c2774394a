/**
 * A model of the protocol of chains and units: the real worker and the real end of a job on stores in memory, with every call
 * as an atomic step. Between two steps, a queue, a crash, a lost answer, the clock or an operator can do anything.
 * `model/invariants.ts` and `model/steps.ts` have the conditions that must hold. See docs/decisions/0200-unit-protocol.md.
 */
import fc from "fast-check";
import { MOST_ATTEMPTS } from "../../../shared/engine/unitWork";
import { exploreAll, follow } from "./model/explore";
import { noTrouble, type Scenario, type Trouble } from "./model/world";

const RUNS = 1_500;
/** One unit, two workers at a time. A unit at its last attempt fails with the next error. */
const one: Scenario = { units: 1, pages: 1, workers: 2, operators: [], trouble: noTrouble };
const lastAttempt = { ...one, attempts: 2 };
/** Two units, with one chain or with a chain for each. */
const two = { ...one, units: 2 };
const both = { ...two, chains: 2 };
/** A unit waits for its next attempt for longer than its worker's lease lasts; its chain waits with a delayed message. */
const waiting: Scenario = { ...two, workers: 1, backoff: 2_500 };
/** A start that dispatches two chains. */
const started: Scenario = { ...both, workers: 1, unmade: true, watched: true, operators: [["start"]] };

/** Each has at least this many worlds, so a scenario that has become trivial fails. */
const scenarios: readonly [title: string, scenario: Scenario, worlds: number][] = [
  [
    "pages and a duplicate, hand-on, crash",
    { ...one, pages: 2, trouble: once("duplicate", "deadline", "crash") },
    30_000,
  ],
  ["a lost call, a duplicate and a hand-on", { ...one, trouble: once("lost", "duplicate", "deadline") }, 10_000],
  ["a duplicate, and two hand-ons", { ...one, pages: 2, trouble: { ...once("duplicate"), deadline: 2 } }, 6_000],
  ["pages, a lost call and a hand-on", { ...one, pages: 2, trouble: once("lost", "deadline") }, 1_000],
  [
    "a worker that outlasts its lease, and a duplicate",
    { ...one, pages: 2, trouble: once("late", "duplicate") },
    60_000,
  ],
  ["a worker that outlasts its lease, and a hand-on", { ...one, pages: 2, trouble: once("late", "deadline") }, 80_000],
  ["a worker that outlasts its lease, and a crash", { ...one, pages: 2, trouble: once("late", "crash") }, 200_000],
  ["two units one after the other, hand-on, crash", { ...two, workers: 1, trouble: once("deadline", "crash") }, 100],
  ["two units one after the other, and a duplicate", { ...two, trouble: once("duplicate", "crash") }, 5_000],
  ["two chains, two units; a worker crashes", { ...both, trouble: once("crash") }, 200_000],
  ["two chains, two units, one worker at a time; a call is lost", { ...both, workers: 1, trouble: once("lost") }, 100],
  ["two chains, one unit more", { ...both, units: 3 }, 40_000],
  [
    "two chains, one unit more, one worker at a time; crashes",
    { ...both, units: 3, workers: 1, trouble: { ...noTrouble, crash: 2 } },
    20_000,
  ],
  ["two chains of which one retires", { ...both, pages: 2, trouble: once("fewer") }, 300_000],
  [
    "two chains of which one retires, and a crash",
    { ...both, pages: 2, workers: 1, trouble: once("fewer", "crash") },
    9_000,
  ],
  ["a chain more", { ...two, pages: 2, trouble: once("more") }, 10_000],
  ["a chain more, and a crash", { ...two, pages: 2, workers: 1, trouble: once("more", "crash") }, 200],
  [
    "a unit given up after a hand-on and a crash",
    { ...lastAttempt, trouble: once("lasting", "deadline", "crash") },
    1_000,
  ],
  ["a unit given up, another left", { ...lastAttempt, units: 2, trouble: once("lasting", "crash") }, 100],
  [
    "a unit given up, and the job resumed",
    { ...lastAttempt, operators: [["resume"]], trouble: once("lasting") },
    20_000,
  ],
  ["pause, resume, hand-on", { ...one, operators: [["pause", "resume"]], trouble: once("deadline") }, 40_000],
  [
    "pause, resume, hand-on, crash, one worker at a time",
    { ...one, workers: 1, operators: [["pause", "resume"]], trouble: once("deadline", "crash") },
    50_000,
  ],
  ["pause and resume between two chains", { ...both, pages: 2, workers: 1, operators: [["pause", "resume"]] }, 20_000],
  [
    "pause, resume, a unit given up, one worker at a time",
    { ...lastAttempt, workers: 1, operators: [["pause", "resume"]], trouble: once("lasting", "crash") },
    40_000,
  ],
  [
    "time that is over before a page, after a page, and for the last time",
    { ...one, pages: 2, attempts: MOST_ATTEMPTS - 2, trouble: { ...once("crash", "deadline"), over: 2 } },
    10_000,
  ],
  ["time that is over before a page of a second unit", { ...two, workers: 1, trouble: once("over", "crash") }, 100],
  [
    "time that is over before a page, and the job resumed",
    { ...one, workers: 1, attempts: MOST_ATTEMPTS - 1, operators: [["resume"]], trouble: once("over", "lost") },
    30_000,
  ],
  ["a page that is refused, and another attempt later", { ...waiting, trouble: once("lasting", "crash") }, 200],
  [
    "a page that is refused, and a duplicate",
    { ...waiting, workers: 2, units: 1, trouble: once("lasting", "duplicate") },
    1_000,
  ],
  ["pages that are refused, two chains", { ...waiting, chains: 2, trouble: { ...noTrouble, lasting: 2 } }, 100],
  [
    "a page that is refused, pause and resume",
    { ...waiting, operators: [["pause", "resume"]], trouble: once("lasting") },
    10_000,
  ],
  ["the table is made anew, and a crash", { ...both, workers: 1, trouble: once("anew", "crash") }, 7_000],
  ["the table is made anew, and a lost call", { ...one, pages: 2, trouble: once("anew", "lost", "deadline") }, 9_000],
  [
    "the table is made anew, pause and resume",
    { ...one, pages: 2, workers: 1, operators: [["pause", "resume"]], trouble: once("anew") },
    9_000,
  ],
  ["no page can be done, two units, and a crash", { ...both, workers: 1, trouble: once("fatal", "crash") }, 500],
  ["no page can be done, and a lost call", { ...both, workers: 1, trouble: once("fatal", "lost") }, 400],
  [
    "no page can be done, pause and resume",
    { ...both, workers: 1, operators: [["pause", "resume"]], trouble: once("fatal") },
    40_000,
  ],
  [
    "no page can be done, pause, resume and cancel",
    { ...one, operators: [["pause", "resume"], ["cancel"]], trouble: once("fatal") },
    90_000,
  ],
  ["a start that is killed", { ...started, trouble: once("crash") }, 10_000],
  [
    "a start that is killed, and a message that comes twice",
    { ...started, units: 1, chains: 1, trouble: once("crash", "duplicate") },
    30_000,
  ],
  ["a start with a lost call", { ...started, trouble: once("lost") }, 10_000],
  [
    "a start, paused and resumed",
    { ...started, units: 1, chains: 1, operators: [["start"], ["pause", "resume"]] },
    10_000,
  ],
  [
    "a resumption that is killed",
    { ...one, workers: 1, watched: true, operators: [["resume"]], trouble: once("crash") },
    10_000,
  ],
  ["two resumptions at a time", { ...one, workers: 1, watched: true, operators: [["resume"], ["resume"]] }, 100_000],
  ["two operators resume", { ...one, workers: 1, operators: [["resume"], ["pause", "resume"]] }, 90_000],
  ["cancel, pause, resume", { ...one, workers: 1, operators: [["cancel"], ["pause", "resume"]] }, 5_000],
];

test.each(scenarios)("whatever the order: %s", async (_title, scenario, worlds) => {
  const explored = await exploreAll(scenario);
  expect(explored.worlds).toBeGreaterThan(worlds);
  expect(explored.interleavings).toBeGreaterThan(worlds);
});

const trouble = {
  ...{ crash: 4, lost: 4, duplicate: 3, deadline: 6, over: 3, lasting: 3 },
  ...{ fatal: 1, anew: 0, late: 2, fewer: 1, more: 1 },
};
/** Three units, three workers, two chains, and much of everything. */
const three = { units: 3, pages: 3, workers: 3, chains: 2, attempts: 1 };

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
    "a start, paused and resumed, all of it killed now and then",
    {
      ...{ ...three, attempts: 0, unmade: true, watched: true },
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
