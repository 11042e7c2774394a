import { definitionOf } from "../../../services/shuffle/definition";
import { AWS_LIMITS, EXECUTION_SECONDS, MOST_ROUNDS, ROUND_SECONDS } from "../../../services/shuffle/limits";
import type { State, Task } from "../../../services/shuffle/states";
import { RETRY, TRANSIENT_ERRORS } from "../../../services/shuffle/tasks";
import { KILLED_ERRORS } from "../../../shared/drivers/workflow/killedErrors";
import { both, readers } from "./functions";
import { cyclesOf, levelsOf, nextsOf, reachable, statesOf } from "./graph";

// The package has no types.
const validate: (definition: unknown) => { isValid: boolean; errors: unknown[] } = require("asl-validator");

const machine = definitionOf({ functions: both });
const states = statesOf(machine);
const tasks = states.filter((entry): entry is [string, Task] => entry[1].Type === "Task");

/** Every value of a field, wherever it is. */
function valuesOf(field: string, inside: unknown = machine): unknown[] {
  if (typeof inside !== "object" || inside === null) return [];
  return Object.entries(inside).flatMap(([name, value]) => [
    ...(name === field ? [value] : []),
    ...valuesOf(field, value),
  ]);
}

describe("the definition", () => {
  test.each([
    ["readers", readers],
    ["readers and writers", both],
  ])("for %s is valid Amazon States Language", (_, functions) => {
    // The validator adds fields to what it checks.
    expect(validate(structuredClone(definitionOf({ functions })))).toMatchObject({ isValid: true, errors: [] });
  });

  test("has only values that AWS knows, where the validator accepts any value", () => {
    expect(new Set(valuesOf("JitterStrategy"))).toEqual(new Set(["FULL"]));
    expect(valuesOf("ProcessorConfig")).toEqual([
      { Mode: "INLINE" },
      { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
    ]);
    expect(valuesOf("ReaderConfig")).toEqual([{ InputType: "JSON" }]);
    expect(new Set(valuesOf("Resource"))).toEqual(
      new Set(["arn:aws:states:::lambda:invoke", "arn:aws:states:::s3:getObject"]),
    );
    expect(valuesOf("QueryLanguage")).toEqual([]);
    // AWS takes 40 characters at most.
    expect(valuesOf("Label")).toEqual([expect.stringMatching(/^[A-Za-z]{1,40}$/)]);
  });

  test("gives states different names of at most 80 letters", () => {
    const names = states.map(([name]) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[A-Za-z]{1,80}$/);
  });

  test.each(levelsOf(machine))("reaches every state of %s", (_, level) => {
    expect([...reachable(level)].sort()).toEqual(Object.keys(level.States).sort());
  });

  test("invokes only the functions that it was given", () => {
    const named = [...valuesOf("FunctionName"), machine.States.UseReadingWorker, machine.States.UseWritingWorker];
    const arns = named.map((each) => (typeof each === "string" ? each : (each as { Result: string }).Result));
    expect(new Set(arns)).toEqual(new Set(Object.values(both).map(({ arn }) => arn)));
  });

  test("without writers rejects a job that needs one", () => {
    const { States } = definitionOf({ functions: readers });
    expect(States.UseWritingWorker).toBeUndefined();
    expect(JSON.stringify(States.ChooseWorker)).not.toContain("writing");
  });
});

describe("every task", () => {
  test.each(tasks)("%s has a longer time-out than its function", (_, { TimeoutSeconds, Parameters }) => {
    const functions = Object.values(both);
    const own = functions.find(({ arn }) => arn === Parameters.FunctionName)?.timeoutSeconds ?? 900;
    expect(TimeoutSeconds).toBeGreaterThan(own);
    expect(TimeoutSeconds).toBeLessThan(own + 60);
  });

  test.each(tasks)(
    "%s is retried after all transient errors, with back-off, jitter and a longest delay",
    (_, { Retry }) => {
      expect(Retry).toBe(RETRY);
      expect(Retry.map(({ ErrorEquals }) => ErrorEquals)).toEqual([
        TRANSIENT_ERRORS,
        KILLED_ERRORS,
        ["States.TaskFailed"],
      ]);
      const ofLambda = ["ServiceException", "AWSLambdaException", "SdkClientException", "TooManyRequestsException"];
      expect(TRANSIENT_ERRORS).toEqual(expect.arrayContaining(ofLambda.map((name) => `Lambda.${name}`)));
      expect(KILLED_ERRORS).toEqual(expect.arrayContaining(["Lambda.Unknown", "States.Timeout"]));
      for (const { BackoffRate, IntervalSeconds, MaxDelaySeconds, JitterStrategy, MaxAttempts } of Retry) {
        expect([BackoffRate > 1, IntervalSeconds >= 1, MaxAttempts >= 1, JitterStrategy]).toEqual([
          true,
          true,
          true,
          "FULL",
        ]);
        // AWS takes less than a year, and more than the interval.
        expect(MaxDelaySeconds).toBeGreaterThan(IntervalSeconds);
      }
    },
  );

  test.each(tasks)(
    "%s catches every other error in a state that records it, or ends the execution",
    (name, { Catch }) => {
      expect(Catch).toHaveLength(1);
      expect(Catch[0]!.ErrorEquals).toEqual(["States.ALL"]);
      const recorder = name === "MakeJob" || name.startsWith("Record") ? /^(Lane)?Failed/ : /^Record(Lane)?Failure/;
      expect(Catch[0]!.Next).toMatch(recorder);
    },
  );

  test("that records an error passes it on as a whole, because an error may lack its cause", () => {
    const recorders = tasks.filter(([name]) => name.startsWith("Record"));
    expect(recorders.map(([name]) => name)).toEqual(["RecordFailure", "RecordLaneFailure", "RecordLaneFailureOfList"]);
    for (const [, { Parameters, ResultPath }] of recorders) {
      expect(Parameters.Payload).toMatchObject({ failure: { "error.$": "$.error" }, "job.$": "$.job" });
      expect(ResultPath).toBeNull();
    }
  });
});

describe("loops", () => {
  const COUNTERS: Record<string, [field: string, choice: string]> = {
    CountRound: ["round", "ChooseEnd"],
    CountTurn: ["turns", "ChooseTurn"],
    CountTurnOfList: ["turns", "ChooseTurnOfList"],
  };
  const cycles = levelsOf(machine).flatMap(([, level]) =>
    cyclesOf(level).map((cycle) => [cycle.join(" → "), cycle, level] as const),
  );

  test("are those of rounds and those of turns", () => {
    const counted = cycles.map(([, cycle]) => cycle.filter((name) => name.startsWith("Count")));
    expect(new Set(counted.flat())).toEqual(new Set(Object.keys(COUNTERS)));
  });

  test.each(cycles)("%s passes a task, and a counter that its Choice looks at", (_, cycle, { States }) => {
    expect(cycle.map((name) => States[name]!.Type)).toContain("Task");
    const counter = cycle.filter((name) => name in COUNTERS);
    expect(counter).toHaveLength(1);
    const [field, choice] = COUNTERS[counter[0]!]!;
    expect(States[counter[0]!]).toMatchObject({
      Parameters: { [`${field}.$`]: expect.stringMatching(/^States\.MathAdd\(\$\.\w+, -?1\)$/) },
    });
    expect(cycle).toContain(choice);
    const onwards = (States[choice] as Extract<State, { Type: "Choice" }>).Choices.filter(({ Next }) =>
      cycle.includes(Next),
    );
    for (const rule of onwards) expect(JSON.stringify(rule)).toContain(`"$.${field}"`);
  });

  test("have at most 20 rounds", () => {
    expect(valuesOf("NumericLessThan")).toEqual([MOST_ROUNDS - 1]);
    expect(MOST_ROUNDS).toBe(20);
  });
});

describe("time", () => {
  const waits = states.filter(([, { Type }]) => Type === "Wait");

  test("of an execution is bounded below AWS's year, and allows for a round", () => {
    expect(machine.TimeoutSeconds).toBe(EXECUTION_SECONDS);
    expect(EXECUTION_SECONDS).toBeLessThan(AWS_LIMITS.executionSeconds);
    expect(ROUND_SECONDS).toBeLessThan(EXECUTION_SECONDS / MOST_ROUNDS);
  });

  test.each(waits)("of %s is bounded by every Choice that leads there", (wait) => {
    const rules = states.flatMap(([, state]) =>
      state.Type === "Choice" ? state.Choices.filter(({ Next }) => Next === wait) : [],
    );
    expect(rules.length).toBeGreaterThan(0);
    for (const rule of rules) {
      expect(JSON.stringify(rule)).toMatch(
        /"Variable":"\$\.\w+\.answer\.at","TimestampLessThanPath":"\$\.[\w.]*until"/,
      );
    }
    // Nothing but a Choice leads there.
    expect(states.filter(([, state]) => state.Type !== "Choice" && nextsOf(state).includes(wait))).toEqual([]);
  });
});

describe("the state between states", () => {
  const maps = states.flatMap(([, state]) => (state.Type === "Map" ? [state] : []));

  test("has no results of a Map; each result is one digit", () => {
    expect(maps.map(({ ResultPath }) => ResultPath)).toEqual([null, null]);
    const ends = states.filter(([, state]) => "End" in state);
    expect(ends.map(([name, state]) => [name, (state as { Result?: unknown }).Result])).toEqual([
      ["LaneOver", 0],
      ["LaneOverOfList", 0],
    ]);
    expect(2 * 100_000 + 1).toBeLessThan(AWS_LIMITS.stateBytes);
  });

  test("has the functions' answers, but no other field of Lambda's answer", () => {
    const selectors = tasks.map(([, { ResultSelector, ResultPath }]) => [ResultPath === null, ResultSelector]);
    expect(selectors.filter(([dropped, selector]) => !dropped && selector === undefined)).toEqual([]);
    for (const selector of valuesOf("ResultSelector")) expect(selector).toEqual({ "answer.$": "$.Payload" });
  });

  test("of a distributed Map has only the place of its list, and no child may fail", () => {
    expect(machine.States.ProcessDistributed).toMatchObject({
      ItemReader: { Parameters: { "Bucket.$": "$.generated.answer.list.bucket" } },
    });
    expect(machine.States.ProcessDistributed).not.toHaveProperty("ToleratedFailurePercentage");
    expect(machine.States.ProcessDistributed).not.toHaveProperty("ResultWriter");
    expect(machine.States.ProcessDistributed).not.toHaveProperty("ItemsPath");
  });
});
