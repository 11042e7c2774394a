import fc from "fast-check";
import { type Course, executionOf, turnsWithin, worstOf } from "../../../services/shuffle/history";
import { AWS_LIMITS, MOST_ROUNDS, OWN_BOUNDS } from "../../../services/shuffle/limits";
import { transitionsOf } from "../../../shared/cost/compareDrivers";

const { historyEvents } = OWN_BOUNDS;
const MOST_UNITS = 100_000;

describe("an execution", () => {
  test.each<[string, Course, number, number, number]>([
    // ReadInput, Begin, Generate…, ChooseWorker, Summarize, ChooseEnd, Over: five events for a task, two for any other state,
    // two around them.
    ["without numbers", { mode: "none", units: 0, turns: 1 }, 2 + 5 * 2 + 2 * 5, 7, 0],
    // UseReadingWorker, ChooseMap and the Map; ProcessNumber, ChooseTurn and LaneOver of one lane.
    ["with one number", { mode: "inline", units: 1, turns: 1 }, 22 + 4 + 4 + 2 + 9, 10 + 3, 0],
    ["with two numbers", { mode: "inline", units: 2, turns: 1 }, 41 + 11, 13 + 3, 0],
    // CountTurn, ProcessNumber and ChooseTurn.
    ["with a second turn", { mode: "inline", units: 1, turns: 2 }, 41 + 9, 13 + 3, 0],
    ["with a turn that waits", { mode: "inline", units: 1, turns: 2, waits: true }, 41 + 11, 13 + 4, 0],
    ["with a list of numbers", { mode: "distributed", units: 10_000, turns: 1 }, 22 + 4 + 6, 10 + 30_000, 2 + 9],
    // GenerateShuffledNumbers to ChooseEnd again, with WaitForUnits and CountRound between.
    ["with a second round", { mode: "distributed", units: 5, turns: 1, rounds: 2 }, 32 + 28, 25 + 9 + 15, 11],
    // KeepRequest, MakeJob, ChooseMade and BeginMade instead of Begin.
    ["with a start request", { mode: "none", units: 0, turns: 1, request: true }, 22 + 9, 10, 0],
    // WaitForNext, StartNext and ChooseNext.
    ["with a next execution", { mode: "inline", units: 1, turns: 1, goesOn: true }, 41 + 9, 16, 0],
    // Three tasks, one retry each.
    ["with retries", { mode: "inline", units: 1, turns: 1, retries: 1 }, 41 + 9, 16, 0],
  ])("%s has as many events and transitions as its states", (_, course, events, transitions, childEvents) => {
    expect(executionOf(course)).toMatchObject({ events, transitions, childEvents });
  });

  test("that fails goes through the states that record the error", () => {
    const { path } = executionOf({ mode: "inline", units: 1, turns: 1, fails: true });
    expect(path.slice(-4)).toEqual(["WaitForNext", "StartNext", "RecordFailure", "Failed"]);
  });
});

describe("the worst execution", () => {
  const units = fc.integer({ min: 1, max: MOST_UNITS });

  test("has more events than any other of its turns", () => {
    const flag = fc.boolean();
    const courses = fc.record({
      mode: fc.constantFrom("none", "inline", "distributed"),
      units: fc.integer({ min: 1, max: 300 }),
      turns: fc.integer({ min: 1, max: 30 }),
      rounds: fc.integer({ min: 1, max: MOST_ROUNDS }),
      retries: fc.integer({ min: 0, max: 9 }),
      ...{ waits: flag, request: flag, fails: flag, goesOn: flag },
    }) as fc.Arbitrary<Course>;
    fc.assert(
      fc.property(courses, (course) => {
        const [any, worst] = [executionOf(course), worstOf(course)];
        expect(any.events).toBeLessThanOrEqual(worst.events);
        expect(any.childEvents).toBeLessThanOrEqual(worst.childEvents);
      }),
    );
  });

  test("stays within the bound with inline lanes, but not with one more turn", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), (count) => {
        const turns = turnsWithin("inline", count);
        const eventsAt = (each: number) => worstOf({ mode: "inline", units: count, turns: each }).events;
        expect(turns === 0 ? 0 : eventsAt(turns)).toBeLessThanOrEqual(historyEvents);
        expect(eventsAt(turns + 1)).toBeGreaterThan(historyEvents);
      }),
    );
  });

  test("stays within the bound with any number of children, and so does each child", () => {
    fc.assert(
      fc.property(units, (count) => {
        const turns = turnsWithin("distributed", count);
        const { events, childEvents } = worstOf({ mode: "distributed", units: count, turns });
        expect(Math.max(events, childEvents)).toBeLessThanOrEqual(historyEvents);
        expect(worstOf({ mode: "distributed", units: count, turns: turns + 1 }).childEvents).toBeGreaterThan(
          historyEvents,
        );
      }),
    );
  });

  test("leaves a margin below AWS's quota, for events that this file doesn't know", () => {
    expect(historyEvents).toBeLessThanOrEqual(0.8 * AWS_LIMITS.historyEvents);
  });
});

describe("turns", () => {
  test.each([
    ["inline", 1, 276],
    ["inline", 10, 26],
    ["inline", 40, 6],
    ["inline", 148, 1],
    ["inline", 149, 0],
    ["inline", MOST_UNITS, 0],
    ["distributed", 1, 321],
    ["distributed", MOST_UNITS, 321],
  ] as const)("of %s lanes, %d of them: %d each", (mode, units, turns) => {
    expect(turnsWithin(mode, units)).toBe(turns);
  });
});

test("the estimate counts the transitions of an execution as the definition has them", () => {
  const course = fc.record({
    mode: fc.constantFrom("inline" as const, "distributed" as const),
    units: fc.integer({ min: 1, max: 200 }),
    turns: fc.integer({ min: 1, max: 20 }),
    waits: fc.boolean(),
  });
  fc.assert(
    fc.property(course, ({ mode, units, turns, waits }) => {
      const delayed = waits ? units * (turns - 1) : 0;
      expect(executionOf({ mode, units, turns, waits }).transitions).toBe(
        transitionsOf({ turns: units * turns, delayed }),
      );
    }),
  );
});
