import { definitionOf } from "../../../services/shuffle/definition";
import type { Choice, MapState } from "../../../services/shuffle/states";
import { nextOf } from "./choose";
import { both } from "./functions";

const { States } = definitionOf({ functions: both });
const choice = (name: string) => States[name] as Choice;

const NOW = "2026-11-26T06:00:00.000Z";
const LATER = "2026-11-26T06:05:00.000Z";
const UNTIL = "2026-12-03T06:00:00.000Z";
const TOO_LATE = "2026-12-03T06:00:00.001Z";

describe("the input", () => {
  test.each([
    [{ job: "a", epoch: 0 }, "Begin"],
    [{ operation: "count", table: "orders" }, "KeepRequest"],
    [{ job: "a" }, "KeepRequest"],
    [{}, "KeepRequest"],
    ["count", "KeepRequest"],
    [null, "KeepRequest"],
  ])("%j leads to %s", (input, next) => expect(nextOf(choice("ReadInput"), input)).toBe(next));

  test("of any type becomes a field, because results and errors are added to an object", () => {
    expect(States.KeepRequest).toEqual({ Type: "Pass", Parameters: { "request.$": "$" }, Next: "MakeJob" });
    expect(States.MakeJob).toMatchObject({ Parameters: { Payload: { "start.$": "$.request" } } });
  });
});

test.each([
  [{ job: "a", epoch: 0 }, "BeginMade"],
  [{ code: "INVALID_REQUEST", problems: ["table must be given."] }, "Refused"],
])("the start function's answer %j leads to %s", (answer, next) => {
  expect(nextOf(choice("ChooseMade"), { made: { answer } })).toBe(next);
});

test.each([
  [{ job: "a", epoch: 1 }, "Over"],
  [{ state: "stale" }, "Over"],
  [{ code: "SOURCE_CHANGED", problems: ["The table is another one."] }, "NextRefused"],
])("the start function's answer %j to a resumption leads to %s", (answer, next) => {
  expect(nextOf(choice("ChooseNext"), { next: { answer } })).toBe(next);
});

describe("numbers", () => {
  test.each([
    ["none", "reading", "Summarize"],
    ["inline", "reading", "UseReadingWorker"],
    ["distributed", "writing", "UseWritingWorker"],
    ["inline", "sorting", "UnexpectedAnswer"],
  ])("%s, of a %s worker, lead to %s", (mode, worker, next) => {
    expect(nextOf(choice("ChooseWorker"), { generated: { answer: { mode, worker } } })).toBe(next);
  });

  test.each([
    ["inline", "ProcessInline"],
    ["distributed", "ProcessDistributed"],
    ["elsewhere", "UnexpectedAnswer"],
  ])("%s are worked on by %s", (mode, next) => {
    expect(nextOf(choice("ChooseMap"), { generated: { answer: { mode } } })).toBe(next);
  });
});

describe.each([
  ["ProcessInline", ""],
  ["ProcessDistributed", "OfList"],
])("a turn of a lane of %s", (map, suffix) => {
  const lane = (States[map] as MapState).ItemProcessor.States[`ChooseTurn${suffix}`] as Choice;
  const afterTurn = (answer: unknown, turns = 2) => nextOf(lane, { turns, until: UNTIL, processed: { answer } }, NOW);

  test("that is done ends the lane", () => {
    expect(afterTurn({ state: "done" })).toBe(`LaneOver${suffix}`);
  });

  test.each(["parked", "stale"])("that is %s ends all lanes, and the execution summarizes", (state) => {
    expect(afterTurn({ state })).toBe(`LaneParked${suffix}`);
    const { Error: error } = (States[map] as MapState).ItemProcessor.States[`LaneParked${suffix}`] as { Error: string };
    const [first] = (States[map] as MapState).Catch;
    expect(first).toMatchObject({ ErrorEquals: [error, "States.ExceedToleratedFailureThreshold"], Next: "Summarize" });
  });

  test.each([
    ["continued", NOW, 2, "CountTurn"],
    ["continued", "2026-11-26T05:59:59.000Z", 2, "CountTurn"],
    ["continued", LATER, 2, "WaitForTurn"],
    ["held", LATER, 2, "WaitForTurn"],
    ["held", LATER, 1, "LaneOver"],
    ["continued", NOW, 1, "LaneOver"],
    ["continued", UNTIL, 2, "LaneOver"],
    ["held", TOO_LATE, 500, "LaneOver"],
  ])("that is %s, for %s, with %d turns left, leads to %s", (state, at, turns, next) => {
    expect(afterTurn({ state, at }, turns)).toBe(next + suffix);
  });

  test("with an unknown answer is recorded", () => {
    expect(afterTurn({ state: "asleep" })).toBe(`UnexpectedTurn${suffix}`);
  });
});

describe("a summary", () => {
  const afterSummary = (answer: unknown, mode = "distributed", round = 0) =>
    nextOf(choice("ChooseEnd"), { round, generated: { answer: { mode, until: UNTIL } }, summarized: { answer } }, NOW);

  test.each([{ state: "ended", job: "completed" }, { state: "parked" }, { state: "stale" }])(
    "%j ends the execution",
    (answer) => expect(afterSummary(answer)).toBe("Over"),
  );

  test.each([
    ["distributed", 0, LATER, "WaitForUnits"],
    ["none", 18, LATER, "WaitForUnits"],
    ["distributed", 18, NOW, "WaitForUnits"],
    ["distributed", 19, LATER, "WaitForNext"],
    ["inline", 0, LATER, "WaitForNext"],
    ["inline", 0, UNTIL, "StartNext"],
    ["distributed", 0, TOO_LATE, "StartNext"],
  ])("of units left by %s lanes in round %d, until %s, leads to %s", (mode, round, at, next) => {
    expect(afterSummary({ state: "left", at }, mode, round)).toBe(next);
  });

  test("that is unknown is recorded", () => expect(afterSummary({ state: "tired" })).toBe("UnexpectedAnswer"));
});
