import { StateError } from "../../../../local/stepfunctions/stateError";
import { only, run, task } from "../testExecution";

/** Fails once with each of these names, then answers. */
function failing(...names: string[]) {
  const left = [...names];
  return () => {
    const name = left.shift();
    if (name !== undefined) throw new StateError(name, `cause of ${name}`);
    return { done: true };
  };
}
const retrier = (ErrorEquals: string[], more: object = {}) => ({ ErrorEquals, ...more });

test.each<[string, object, number[]]>([
  ["1, 2 and 4 s by default", {}, [1, 2, 4]],
  ["its interval, always", { IntervalSeconds: 3, BackoffRate: 1 }, [3, 3, 3]],
  ["its maximum at most", { IntervalSeconds: 10, BackoffRate: 10, MaxDelaySeconds: 60 }, [10, 60, 60]],
  ["half of it by full jitter", { IntervalSeconds: 2, JitterStrategy: "FULL" }, [1, 2, 4]],
])("retries wait %s", async (_, more, waits) => {
  const Retry = [retrier(["Busy"], more)];
  const { status, seconds, types } = await run(only(task({ Retry })), { attempt: failing("Busy", "Busy", "Busy") });
  expect(status).toBe("SUCCEEDED");
  expect(seconds).toBe(waits.reduce((sum, wait) => sum + wait, 0));
  expect(types.filter((type) => type === "LambdaFunctionScheduled")).toHaveLength(4);
  expect(types.filter((type) => type === "TaskStateEntered")).toHaveLength(1);
});

test("retries end after three attempts, or after the number that the definition gives", async () => {
  const attempts = async (more: object) => {
    const { types, status } = await run(only(task({ Retry: [retrier(["Busy"], more)] })), {
      attempt: failing(...Array<string>(9).fill("Busy")),
    });
    return [status, types.filter((type) => type === "LambdaFunctionFailed").length];
  };
  expect(await attempts({})).toEqual(["FAILED", 4]);
  expect(await attempts({ MaxAttempts: 5 })).toEqual(["FAILED", 6]);
  expect(await attempts({ MaxAttempts: 0 })).toEqual(["FAILED", 1]);
});

test("each retrier counts for itself, and $$.State.RetryCount counts all of them", async () => {
  const Retry = [retrier(["A"], { MaxAttempts: 1 }), retrier(["B"], { MaxAttempts: 1 })];
  const counts: unknown[] = [];
  const fail = failing("A", "B");
  const { status } = await run(only(task({ Retry, Parameters: { "count.$": "$$.State.RetryCount" } })), {
    attempt: ({ parameters }) => {
      counts.push(parameters);
      return fail();
    },
  });
  expect([status, counts]).toEqual(["SUCCEEDED", [{ count: 0 }, { count: 1 }, { count: 2 }]]);
});

test.each<[string, string[], string, boolean]>([
  ["by its name", ["Odd"], "Odd", true],
  ["by States.ALL", ["States.ALL"], "Odd", true],
  ["by States.TaskFailed", ["States.TaskFailed"], "Odd", true],
  ["not by another name", ["Even"], "Odd", false],
  ["of time not by States.TaskFailed", ["States.TaskFailed"], "States.Timeout", false],
  ["of time by States.ALL", ["States.ALL"], "States.Timeout", true],
  ["of size not by States.ALL", ["States.ALL"], "States.DataLimitExceeded", false],
  ["of size by its name", ["States.DataLimitExceeded"], "States.DataLimitExceeded", true],
])("an error is caught %s", async (_, ErrorEquals, error, isCaught) => {
  const definition = {
    StartAt: "Work",
    States: {
      Work: task({ Catch: [{ ErrorEquals, ResultPath: "$.reason", Next: "Caught" }], End: true }),
      Caught: { Type: "Pass", End: true },
    },
  };
  const { status, output, types } = await run(definition, { input: { job: 1 }, attempt: failing(error) });
  expect(status).toBe(isCaught ? "SUCCEEDED" : "FAILED");
  if (isCaught) expect(output).toEqual({ job: 1, reason: { Error: error, Cause: `cause of ${error}` } });
  expect(types.includes("PassStateEntered")).toBe(isCaught);
});

test("a mistake in a path is not retried or caught, and its error names the place", async () => {
  const Retry = [retrier(["States.ALL"])];
  const Catch = [{ ErrorEquals: ["States.ALL"], Next: "Only" }];
  const { error, cause, seconds } = await run(only(task({ Parameters: { "a.$": "$.missing" }, Retry, Catch })));
  expect([error, seconds]).toEqual(["States.Runtime", 0]);
  expect(cause).toBe(
    "An error occurred while executing the state 'Only' (entered at the event id #2). The JSONPath '$.missing' specified for the field 'a.$' could not be found in the input '{}'",
  );
});

describe("a task that takes too long", () => {
  const slow = {
    attempt: (_: unknown, clock: { sleep(ms: number): Promise<void> }) => clock.sleep(90_000).then(() => 1),
  };

  test.each<[string, object, object]>([
    ["by its time-out", { TimeoutSeconds: 60 }, {}],
    ["by the time-out in its input", { TimeoutSecondsPath: "$.most" }, { most: 60 }],
    ["by the heartbeat that does not come", { TimeoutSeconds: 80, HeartbeatSeconds: 60 }, {}],
  ])("ends %s, with a cause that is empty", async (_, limits, input) => {
    const result = await run(only(task(limits)), { ...slow, input: { ...input } });
    expect(result).toMatchObject({ status: "FAILED", error: "States.Timeout", cause: undefined, seconds: 60 });
    expect(result.types.slice(-2)).toEqual(["LambdaFunctionTimedOut", "ExecutionFailed"]);
  });

  test("may be caught as States.HeartbeatTimeout if the heartbeat did not come", async () => {
    const Catch = [{ ErrorEquals: ["States.HeartbeatTimeout"], Next: "Caught" }];
    const States = { Work: task({ HeartbeatSeconds: 5, Catch, End: true }), Caught: { Type: "Succeed" } };
    const { status, output } = await run({ StartAt: "Work", States }, slow);
    expect([status, output]).toEqual(["SUCCEEDED", { Error: "States.Timeout", Cause: "" }]);
  });

  test("succeeds if it ends in time", async () => {
    expect((await run(only(task({ TimeoutSeconds: 91 })), slow)).status).toBe("SUCCEEDED");
  });
});
