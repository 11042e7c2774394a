import type { Json } from "../../../../shared/json";
import { EXECUTION, only, run, STATE_MACHINE, task, testExecution } from "../testExecution";

describe("data", () => {
  test.each<[string, object, Json]>([
    [
      "InputPath and Parameters make the input of a task",
      { InputPath: "$.job", Parameters: { "id.$": "$.id" } },
      { id: 7 },
    ],
    ["a null InputPath makes an empty input", { InputPath: null }, {}],
    [
      "ResultSelector and ResultPath place the result of a task",
      { ResultSelector: { "r.$": "$.job.id" }, ResultPath: "$.x.y" },
      { job: { id: 7 }, list: [1, 2], x: { y: { r: 7 } } },
    ],
    [
      "a null ResultPath throws the result away",
      { ResultPath: null, Parameters: {} },
      { job: { id: 7 }, list: [1, 2] },
    ],
    ["OutputPath takes a part", { OutputPath: "$.list[1]" }, 2],
    ["a wildcard that finds nothing gives a list", { OutputPath: "$.list[*].none" }, []],
    ["a filter takes what matches", { OutputPath: "$.list[?(@ > 1)]" }, [2]],
  ])("%s", async (_, fields, output) => {
    const result = await run(only(task(fields)), { input: { job: { id: 7 }, list: [1, 2] } });
    expect([result.status, result.output]).toEqual(["SUCCEEDED", output]);
  });

  test("falsy results are results", async () => {
    for (const Result of [0, false, null, ""]) expect((await run(only({ Type: "Pass", Result }))).output).toBe(Result);
  });

  test("the context object has the execution, the state machine and the state", async () => {
    const { output } = await run(only({ Type: "Pass", Parameters: { "context.$": "$$" } }), { input: { a: 1 } });
    expect(output).toEqual({
      context: {
        Execution: {
          Id: EXECUTION,
          Name: "job-1",
          Input: { a: 1 },
          StartTime: "2026-01-01T00:00:00.000Z",
          RoleArn: "role",
          RedriveCount: 0,
        },
        StateMachine: { Id: STATE_MACHINE, Name: "machine" },
        State: { Name: "Only", EnteredTime: "2026-01-01T00:00:00.000Z" },
      },
    });
  });

  test.each([
    [262_144, "SUCCEEDED"],
    [262_145, "FAILED"],
  ])("a state's output of %i bytes: the execution has %s", async (bytes, status) => {
    // Two bytes each, so it shows that bytes are counted and not characters.
    const text = "é".repeat(Math.floor((bytes - 2) / 2)) + "x".repeat(bytes % 2);
    const result = await run(only({ Type: "Pass", Result: text }));
    expect(result.status).toBe(status);
    if (status === "SUCCEEDED") return;
    expect(result.error).toBe("States.DataLimitExceeded");
    expect(result.cause).toMatch(/^The state\/task 'Only' returned a result with a size exceeding/);
    expect(result.types).toEqual(["ExecutionStarted", "PassStateEntered", "ExecutionFailed"]);
  });
});

describe("waiting", () => {
  test.each<[string, object, number]>([
    ["seconds", { Seconds: 30 }, 30],
    ["no second", { Seconds: 0 }, 0],
    ["seconds of the input", { SecondsPath: "$.seconds" }, 45],
    ["until a time", { Timestamp: "2026-01-01T00:01:00Z" }, 60],
    ["until a time of the input", { TimestampPath: "$.until" }, 90],
    ["not at all if the time is over", { Timestamp: "2025-01-01T00:00:00Z" }, 0],
    ["for a year, which is longer than timers can be set", { Seconds: 31_536_000 }, 31_536_000],
  ])("%s", async (_, fields, seconds) => {
    const input = { seconds: 45, until: "2026-01-01T01:01:30+01:00" };
    const result = await run(only({ Type: "Wait", ...fields }), { input });
    expect([result.status, result.seconds, result.output]).toEqual(["SUCCEEDED", seconds, input]);
  });

  test.each<[string, object]>([
    ["text", { SecondsPath: "$.text" }],
    ["a time without its zone", { TimestampPath: "$.time" }],
  ])("for %s fails", async (_, fields) => {
    const result = await run(only({ Type: "Wait", ...fields }), { input: { text: "1", time: "2026-01-01T00:00:00" } });
    expect(result.error).toBe("States.Runtime");
  });

  test("ends with the execution's own time", async () => {
    const result = await run({ ...only({ Type: "Wait", Seconds: 100 }), TimeoutSeconds: 60 });
    expect(result).toMatchObject({ status: "TIMED_OUT", seconds: 60, error: undefined });
    expect(result.events.at(-1)).toMatchObject({ type: "ExecutionTimedOut", previousEventId: 0 });
  });

  test("ends when the execution is stopped, and nothing follows", async () => {
    const { execution, clock, errors } = testExecution(only({ Type: "Wait", Seconds: 100 }));
    const running = execution.run();
    void clock.sleep(5_000).then(() => execution.stop("Paused", "by an operator"));
    await clock.until(running);
    execution.stop("Again");
    expect(execution.end).toMatchObject({ status: "ABORTED", error: "Paused", cause: "by an operator" });
    expect(execution.history.events.map(({ type }) => type)).toEqual([
      "ExecutionStarted",
      "WaitStateEntered",
      "ExecutionAborted",
    ]);
    expect(errors).toEqual([]);
  });
});

describe("failing", () => {
  test.each<[string, object, unknown[]]>([
    ["with a name and a cause", { Error: "Broken", Cause: "beyond repair" }, ["Broken", "beyond repair"]],
    [
      "with a name and a cause from the input",
      { ErrorPath: "$.e", CausePath: "States.Format('of {}', $.e)" },
      ["Odd", "of Odd"],
    ],
    ["without either", {}, [undefined, undefined]],
  ])("%s", async (_, fields, expected) => {
    const definition = { StartAt: "Fail", States: { Fail: { Type: "Fail", ...fields } } };
    const { status, error, cause, types } = await run(definition, { input: { e: "Odd" } });
    expect([status, error, cause]).toEqual(["FAILED", ...expected]);
    expect(types).toEqual(["ExecutionStarted", "FailStateEntered", "ExecutionFailed"]);
  });

  test("if no choice matches", async () => {
    const Choices = [{ Variable: "$.a", NumericEquals: 2, Next: "Done" }];
    const States = { Choose: { Type: "Choice", Choices }, Done: { Type: "Succeed" } };
    expect(await run({ StartAt: "Choose", States }, { input: { a: 1 } })).toMatchObject({
      status: "FAILED",
      error: "States.NoChoiceMatched",
    });
  });
});

describe("the history", () => {
  /** A loop of a Choice and a Pass state, four events each time, until the counter is used up. */
  const loop = (last: object) => ({
    StartAt: "More",
    States: {
      More: {
        Type: "Choice",
        Choices: [{ Variable: "$.left", NumericGreaterThan: 0, Next: "Count" }],
        Default: "Last",
      },
      Count: { Type: "Pass", Parameters: { "left.$": "States.MathAdd($.left, -1)" }, Next: "More" },
      ...last,
    },
  });

  test("may have 25,000 events if the last one reports its success", async () => {
    // 1 + 4 × 6,248 + 2 (no more) + 2 + 2 + 1
    const last = { Last: { Type: "Pass", Next: "End" }, End: { Type: "Succeed" } };
    const result = await run(loop(last), { input: { left: 6_248 } });
    expect([result.status, result.types.length]).toEqual(["SUCCEEDED", 25_000]);
  });

  test("fails the execution instead of adding one more, even if a state catches errors", async () => {
    const last = {
      Last: { Type: "Wait", Seconds: 0, Next: "Two" },
      Two: { Type: "Pass", Next: "End" },
      End: { Type: "Succeed" },
    };
    const result = await run(loop(last), { input: { left: 6_248 } });
    expect(result).toMatchObject({
      status: "FAILED",
      error: "States.Runtime",
      cause: "The execution reached the maximum number of history events (25000).",
    });
    expect([result.types.length, result.types.at(-1)]).toEqual([25_000, "ExecutionFailed"]);
  });
});
