import fc from "fast-check";
import { worstOf } from "../../../services/shuffle/history";
import { OWN_BOUNDS, REST_BYTES } from "../../../services/shuffle/limits";
import { expectedTurns, listBytes, type Numbers, planMap } from "../../../services/shuffle/planMap";

const few: Numbers = { count: 40, highest: 39, feeds: 10, turns: 1 };
/** Without the limits that others are tested beside. */
const WIDE = { historyEvents: 1e9, stateBytes: 1e9, inlineConcurrency: 1e9, distributedConcurrency: 1e9 };

describe("the Map", () => {
  test("is none without numbers", () => {
    expect(planMap({ count: 0, highest: 0, feeds: 5, turns: 1 })).toEqual({ mode: "none", concurrency: 1, turns: 1 });
  });

  test("is inline for few numbers, and gives each the same share of the history", () => {
    expect(planMap(few)).toEqual({ mode: "inline", concurrency: 10, turns: 11 });
  });

  test.each([
    [40, "inline"],
    [41, "distributed"],
  ])("with lanes for a rate that feeds %d at once is %s", (feeds, mode) => {
    expect(planMap({ ...few, count: 60, highest: 59, feeds })).toMatchObject({ mode, concurrency: feeds });
  });

  test.each([
    // Eleven turns have room: twice as many as are expected, because units differ.
    [40, 5, "inline"],
    [40, 6, "distributed"],
    [10, 23, "inline"],
    [10, 24, "distributed"],
    // History has room for no more than one turn of each.
    [172, 1, "inline"],
    [173, 1, "distributed"],
  ])("for %d numbers of %d turns each is %s", (count, turns, mode) => {
    expect(planMap({ count, highest: count - 1, feeds: 4, turns }).mode).toBe(mode);
  });

  test("is distributed where the list alone would exceed the state's bound", () => {
    const mode = (count: number) =>
      planMap({ count, highest: 99_999, feeds: 4, turns: 1 }, { ...WIDE, stateBytes: 32_768 }).mode;
    const fits = Math.floor((32_768 - REST_BYTES - 1) / 6);
    expect([mode(fits), mode(fits + 1)]).toEqual(["inline", "distributed"]);
  });

  test.each([
    [9_999, 9_999],
    [10_000, 10_000],
    [10_001, 10_000],
  ])("with lanes for a rate that feeds %d runs %d at once", (feeds, concurrency) => {
    expect(planMap({ count: 100_000, highest: 99_999, feeds, turns: 1 })).toMatchObject({
      mode: "distributed",
      concurrency,
    });
  });

  test.each([
    [{ count: 3, feeds: 10 }, 3],
    [{ count: 3, feeds: 0 }, 1],
  ])("runs no more lanes at once than there are numbers, and at least one: %j", (changes, concurrency) => {
    expect(planMap({ ...few, ...changes }).concurrency).toBe(concurrency);
  });

  test("keeps to every bound, whatever the job", () => {
    const count = fc.integer({ min: 1, max: 100_000 });
    const numbers = fc.record({ count, feeds: fc.nat({ max: 20_000 }), turns: fc.integer({ min: 1, max: 2_000 }) });
    fc.assert(
      fc.property(numbers, (each) => {
        const { mode, concurrency, turns } = planMap({ ...each, highest: 99_999 });
        const { events, childEvents } = worstOf({ mode, units: each.count, turns });
        expect(Math.max(events, childEvents)).toBeLessThanOrEqual(OWN_BOUNDS.historyEvents);
        expect(turns).toBeGreaterThanOrEqual(1);
        expect(concurrency).toBeLessThanOrEqual(mode === "inline" ? 40 : 10_000);
        if (mode === "inline")
          expect(listBytes(each.count, 99_999) + REST_BYTES).toBeLessThanOrEqual(OWN_BOUNDS.stateBytes);
      }),
    );
  });
});

test("a list has no more bytes than were counted", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat({ max: 99_999 }), { minLength: 1 }), (list) => {
      expect(JSON.stringify(list).length).toBeLessThanOrEqual(listBytes(list.length, Math.max(...list)));
    }),
  );
});

describe("expected turns", () => {
  test.each([
    ["one, for a unit that fits into an invocation", { seconds: 520, units: 10, lanes: 1, timeoutSeconds: 60 }, 1],
    ["two, for one that is a second too long", { seconds: 521, units: 10, lanes: 1, timeoutSeconds: 60 }, 2],
    ["more, if the same job has more lanes at once", { seconds: 521, units: 10, lanes: 5, timeoutSeconds: 60 }, 6],
    ["one, for an empty job", { seconds: 0, units: 10, lanes: 1, timeoutSeconds: 60 }, 1],
    ["fewer, of a function that may run longer", { seconds: 8_920, units: 10, lanes: 1, timeoutSeconds: 900 }, 1],
    [
      "one a page, if pages lie further apart than a worker waits",
      { seconds: 600, pages: 60, units: 6, lanes: 1, timeoutSeconds: 60 },
      10,
    ],
  ])("%s", (_, work, turns) => expect(expectedTurns(work)).toBe(turns));
});
