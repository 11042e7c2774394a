import { StateError } from "../../../../local/stepfunctions/stateError";
import { only, run, task } from "../testExecution";

const map = (States: Record<string, object>, more: object = {}) => ({
  Type: "Map",
  ItemProcessor: { StartAt: Object.keys(States)[0], States },
  ...more,
});
const work = { Work: task({ End: true }) };

/** Counts how many attempts run at once, each for a second. */
function crowd() {
  let now = 0;
  let most = 0;
  return {
    most: () => most,
    attempt: async ({ parameters }: { parameters: unknown }, clock: { sleep(ms: number): Promise<void> }) => {
      most = Math.max(most, ++now);
      await clock.sleep(1_000);
      now--;
      return parameters as number;
    },
  };
}

test.each<[string, object, number]>([
  ["at most 40 at once by default", {}, 40],
  ["at most 40 at once even if the definition asks for more", { MaxConcurrency: 50 }, 40],
  ["as many as the definition says", { MaxConcurrency: 7 }, 7],
  ["as many as the input says", { ItemsPath: "$.items", MaxConcurrencyPath: "$.most" }, 3],
])("an inline Map runs %s", async (_, fields, most) => {
  const items = Array.from({ length: 100 }, (_, index) => index);
  const people = crowd();
  const input = "ItemsPath" in fields ? { items, most: 3 } : items;
  const { status, output } = await run(only(map(work, fields)), { input, attempt: people.attempt });
  expect([status, output, people.most()]).toEqual(["SUCCEEDED", items, most]);
});

test("an inline Map of an empty list succeeds with an empty list", async () => {
  const { output, types } = await run(only(map(work)), { input: [] });
  expect(output).toEqual([]);
  expect(types.slice(1, -1)).toEqual(["MapStateEntered", "MapStateStarted", "MapStateSucceeded", "MapStateExited"]);
});

test("events of an inline Map follow one another as on AWS", async () => {
  const Parameters = { "value.$": "$$.Map.Item.Value", "index.$": "$$.Map.Item.Index" };
  const { output, events } = await run(
    only(map({ One: { Type: "Pass", Parameters, End: true } }, { MaxConcurrency: 1 })),
    {
      input: ["a", "b"],
    },
  );
  expect(output).toEqual([
    { value: "a", index: 0 },
    { value: "b", index: 1 },
  ]);
  // From a recording of AWS, for a Map state with one iteration at a time (localstack, test_map_state_nested).
  expect(events.map(({ id, previousEventId, type }) => `${id} ${previousEventId} ${type}`)).toEqual([
    "1 0 ExecutionStarted",
    "2 0 MapStateEntered",
    "3 2 MapStateStarted",
    "4 3 MapIterationStarted",
    "5 4 PassStateEntered",
    "6 5 PassStateExited",
    "7 6 MapIterationSucceeded",
    "8 6 MapIterationStarted",
    "9 8 PassStateEntered",
    "10 9 PassStateExited",
    "11 10 MapIterationSucceeded",
    "12 11 MapStateSucceeded",
    "13 11 MapStateExited",
    "14 13 ExecutionSucceeded",
  ]);
});

test("the first iteration that fails ends the others, and the state can be caught", async () => {
  const definition = {
    StartAt: "Units",
    States: {
      Units: map(work, { Catch: [{ ErrorEquals: ["States.ALL"], Next: "Caught" }], End: true }),
      Caught: { Type: "Pass", End: true },
    },
  };
  const { status, output, types, seconds } = await run(definition, {
    input: [30, 5, 30],
    attempt: async ({ parameters }, clock) => {
      await clock.sleep(Number(parameters) * 1000);
      if (parameters === 5) throw new StateError("Odd", "five");
      return parameters;
    },
  });
  expect([status, output, seconds]).toEqual(["SUCCEEDED", { Error: "Odd", Cause: "five" }, 5]);
  expect(types.slice(types.indexOf("MapIterationFailed"), types.indexOf("PassStateEntered"))).toEqual([
    ...["MapIterationFailed", "TaskStateAborted", "MapIterationAborted", "TaskStateAborted"],
    ...["MapIterationAborted", "TaskStateAborted", "MapStateFailed", "MapStateExited"],
  ]);
});

test("a Map state is retried as a whole", async () => {
  let left = 1;
  const Retry = [{ ErrorEquals: ["Odd"], IntervalSeconds: 2 }];
  const { status, types, seconds } = await run(only(map(work, { Retry })), {
    input: [1],
    attempt: () => {
      if (left-- > 0) throw new StateError("Odd");
      return 1;
    },
  });
  expect([status, seconds]).toEqual(["SUCCEEDED", 2]);
  expect(types.filter((type) => /^MapState/.test(type))).toEqual([
    ...["MapStateEntered", "MapStateStarted", "MapStateStarted", "MapStateSucceeded", "MapStateExited"],
  ]);
});

test.each([
  [6_248, "SUCCEEDED", 3 + 4 * 6_248 + 3],
  [6_249, "FAILED", 25_000],
])("an inline Map of %i items has %s, with %i events", async (count, status, events) => {
  const items = Array.from({ length: count }, () => 0);
  const result = await run(only(map({ One: { Type: "Pass", End: true } })), { input: items });
  expect([result.status, result.types.length]).toEqual([status, events]);
  expect(result.types.at(-1)).toBe(status === "FAILED" ? "ExecutionFailed" : "ExecutionSucceeded");
  expect(result.errors).toEqual([]);
});

test("an object that is not a list fails", async () => {
  expect(await run(only(map(work)), { input: { a: 1 } })).toMatchObject({ status: "FAILED", error: "States.Runtime" });
});
