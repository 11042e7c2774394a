import type { StateMachine, States } from "../../../services/shuffle/states";
import { invoke } from "../../../services/shuffle/tasks";
import { type Way, walkExecution } from "../../../services/shuffle/walk";

const task = { ...{ function: "arn", timeoutSeconds: 1, payload: {}, into: null }, next: "Choose", caught: "Failed" };
const machine: StateMachine = {
  ...{ Comment: "", TimeoutSeconds: 1, StartAt: "Work" },
  States: {
    Work: invoke(task),
    Choose: { Type: "Choice", Choices: [{ Variable: "$.again", IsPresent: true, Next: "Wait" }], Default: "Over" },
    Wait: { Type: "Wait", TimestampPath: "$.at", Next: "Count" },
    Count: { Type: "Pass", Result: 1, Next: "Work" },
    Failed: { Type: "Fail", ErrorPath: "$.error", CausePath: "$.cause" },
    Over: { Type: "Succeed" },
  },
};

function way(changes: Partial<Way>): Way {
  const lane = () => way({});
  return { choose: () => "Over", fails: () => false, retries: 0, lanes: 0, lane, ...changes };
}

/** An execution in AWS's record, whose task is retried once and which waits once. */
const RECORDED = [
  "ExecutionStarted",
  ...["TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited"],
  ...["ChoiceStateEntered", "ChoiceStateExited", "WaitStateEntered", "WaitStateExited"],
  ...["PassStateEntered", "PassStateExited"],
  ...["TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited"],
  ...["ChoiceStateEntered", "ChoiceStateExited", "SucceedStateEntered", "SucceedStateExited", "ExecutionSucceeded"],
];

describe("a walk", () => {
  test("counts the events that AWS records, and a transition for each state", () => {
    const choices = ["Wait", "Over"];
    expect(walkExecution(machine, way({ choose: () => choices.shift()! }))).toEqual({
      path: ["Work", "Choose", "Wait", "Count", "Work", "Choose", "Over"],
      events: RECORDED.length,
      transitions: 7,
      childEvents: 0,
    });
  });

  test("counts three events and a transition for each failed attempt", () => {
    const [without, retried] = [0, 4].map((retries) => walkExecution(machine, way({ retries })));
    expect(retried!.events - without!.events).toBe(12);
    expect(retried!.transitions - without!.transitions).toBe(4);
  });

  test("follows the Catch of a task that fails, to a Fail state without exit", () => {
    // ExecutionStarted, the task's five with TaskFailed, FailStateEntered, ExecutionFailed.
    expect(walkExecution(machine, way({ fails: () => true }))).toMatchObject({ path: ["Work", "Failed"], events: 8 });
  });

  const mapped = (
    ProcessorConfig: { Mode: "INLINE" } | { Mode: "DISTRIBUTED"; ExecutionType: "STANDARD" },
  ): States => ({
    StartAt: "Each",
    States: {
      Each: {
        Type: "Map",
        ...{ ItemSelector: {}, MaxConcurrencyPath: "$.n", ResultPath: null, Catch: [] },
        End: true,
        ItemProcessor: { ProcessorConfig, StartAt: "One", States: { One: { Type: "Pass", End: true } } },
      },
    },
  });

  test("counts the lanes of an inline Map in the execution itself", () => {
    // Two of the execution, four of the Map; two of each iteration and two of its Pass state.
    const walked = walkExecution(mapped({ Mode: "INLINE" }), way({ lanes: 3 }));
    expect(walked).toMatchObject({ events: 2 + 4 + 3 * 4, transitions: 1 + 3, childEvents: 0 });
  });

  test("counts the lanes of a distributed Map in executions of their own", () => {
    // Two of the execution, four of the Map, two of its run.
    const walked = walkExecution(mapped({ Mode: "DISTRIBUTED", ExecutionType: "STANDARD" }), way({ lanes: 3 }));
    expect(walked).toMatchObject({ events: 2 + 4 + 2, transitions: 1 + 3, childEvents: 2 + 2 });
  });

  test("fails at a transition that the definition doesn't have", () => {
    expect(() => walkExecution(machine, way({ choose: () => "Count" }))).toThrow(
      "the Choice Choose does not lead to Count",
    );
    expect(() => walkExecution({ ...machine, StartAt: "Begin" }, way({}))).toThrow("has no state Begin");
  });

  test("ends, even if the definition doesn't", () => {
    expect(() => walkExecution(machine, way({ choose: () => "Wait" }))).toThrow("the path never ends: Work, Choose, ");
  });
});
