import fc from "fast-check";
import { worstOf } from "../../../services/shuffle/history";
import { OWN_BOUNDS, REST_BYTES } from "../../../services/shuffle/limits";
import { type Batches, expectedTurns, planMap } from "../../../services/shuffle/planMap";

const few: Batches = { count: 40, bytes: 1_000, feeds: 10, turns: 1 };
/** A plan without the limits that other tests are about. */
const WIDE = { historyEvents: 1e9, stateBytes: 1e9, inlineConcurrency: 1e9, distributedConcurrency: 1e9 };

describe("the Map", () => {
  test("is none without numbers", () => {
    expect(planMap({ count: 0, bytes: 2, feeds: 5, turns: 1 })).toEqual({ mode: "none", concurrency: 1, turns: 1 });
  });

  test("is inline for few batches, and gives each the same share of the history", () => {
    expect(planMap(few)).toEqual({ mode: "inline", concurrency: 10, turns: 6 });
  });

  test.each([
    [40, "inline"],
    [41, "distributed"],
  ])("with lanes for a rate that feeds %d at once is %s", (feeds, mode) => {
    expect(planMap({ ...few, count: 60, feeds })).toMatchObject({ mode, concurrency: feeds });
  });

  test.each([
    // Six turns have room: twice as many as are expected, because units differ.
    [40, 3, "inline"],
    [40, 4, "distributed"],
    [10, 13, "inline"],
    [10, 14, "distributed"],
    // The history has room for only one turn of each.
    [96, 1, "inline"],
    [97, 1, "distributed"],
  ])("for %d batches of %d turns each is %s", (count, turns, mode) => {
    expect(planMap({ ...few, count, feeds: 4, turns }).mode).toBe(mode);
  });

  test("is distributed if the list alone would exceed the state's bound", () => {
    const mode = (bytes: number) => planMap({ ...few, bytes }, { ...WIDE, stateBytes: 32_768 }).mode;
    const fits = 32_768 - REST_BYTES;
    expect([mode(fits), mode(fits + 1)]).toEqual(["inline", "distributed"]);
  });

  test.each([
    [9_999, 9_999],
    [10_000, 10_000],
    [10_001, 10_000],
  ])("with lanes for a rate that feeds %d runs %d at once", (feeds, concurrency) => {
    expect(planMap({ count: 100_000, bytes: 1_000_000, feeds, turns: 1 })).toMatchObject({
      mode: "distributed",
      concurrency,
    });
  });

  test.each([
    [{ count: 3, feeds: 10 }, 3],
    [{ count: 3, feeds: 0 }, 1],
  ])("runs no more lanes at once than there are batches, and at least one: %j", (changes, concurrency) => {
    expect(planMap({ ...few, ...changes }).concurrency).toBe(concurrency);
  });

  test("keeps to every bound, for any job", () => {
    const count = fc.integer({ min: 1, max: 100_000 });
    const bytes = fc.integer({ min: 2, max: 100_000 });
    const feeds = fc.nat({ max: 20_000 });
    const batches = fc.record({ count, bytes, feeds, turns: fc.integer({ min: 1, max: 2_000 }) });
    fc.assert(
      fc.property(batches, (each) => {
        const { mode, concurrency, turns } = planMap(each);
        const { events, childEvents } = worstOf({ mode, units: each.count, turns });
        expect(Math.max(events, childEvents)).toBeLessThanOrEqual(OWN_BOUNDS.historyEvents);
        expect(turns).toBeGreaterThanOrEqual(1);
        expect(concurrency).toBeLessThanOrEqual(mode === "inline" ? 40 : 10_000);
        if (mode === "inline") expect(each.bytes + REST_BYTES).toBeLessThanOrEqual(OWN_BOUNDS.stateBytes);
      }),
    );
  });
});

describe("expected turns", () => {
  test.each([
    ["one, for a batch that fits into an invocation", { seconds: 520, batches: 10, lanes: 1, timeoutSeconds: 60 }, 1],
    ["two, for one that is a second too long", { seconds: 521, batches: 10, lanes: 1, timeoutSeconds: 60 }, 2],
    ["more, if the same job has more lanes at once", { seconds: 521, batches: 10, lanes: 5, timeoutSeconds: 60 }, 6],
    ["one, for an empty job", { seconds: 0, batches: 10, lanes: 1, timeoutSeconds: 60 }, 1],
    ["fewer, of a function that may run longer", { seconds: 8_920, batches: 10, lanes: 1, timeoutSeconds: 900 }, 1],
    [
      "one for each page, if pages are further apart than a worker waits",
      { seconds: 600, pages: 60, batches: 6, lanes: 1, timeoutSeconds: 60 },
      10,
    ],
  ])("%s", (_, work, turns) => expect(expectedTurns(work)).toBe(turns));
});
