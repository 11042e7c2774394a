import { recordedFailure, statusChange } from "../../../../shared/drivers/workflow/endings";
import { laterName } from "../../../../shared/drivers/workflow/executionName";
import type { Job } from "../../../../shared/jobs/job";
import { sampleJob } from "../../../support/sampleJob";

const EXECUTION = "arn:aws:states:us-east-1:111122223333:execution:machine:nightly-2";
const job = (part: Partial<Job> = {}) =>
  sampleJob({ id: "nightly", driver: "workflow", execution: EXECUTION, epoch: 2, ...part });

describe("the record of the state machine before it fails", () => {
  const recorded = (failure: object) => recordedFailure({ job: "nightly", epoch: 2, failure });

  test.each<[string, object, string]>([
    [
      "a function's error",
      { error: { Error: "TypeError", Cause: '{"errorType":"TypeError","errorMessage":"no such thing"}' } },
      "The state machine failed: TypeError: no such thing",
    ],
    [
      "a function's error whose name has no information",
      { error: { Error: "Error", Cause: '{"errorType":"Error","errorMessage":"no such thing"}' } },
      "The state machine failed: no such thing",
    ],
    [
      "an error of Step Functions",
      { error: { Error: "States.DataLimitExceeded", Cause: "too large" } },
      "The state machine failed: States.DataLimitExceeded: too large",
    ],
    [
      "an error of a lane",
      { numbers: [7], error: { Error: "States.Timeout" } },
      "The state machine's lane of unit 7 failed: States.Timeout",
    ],
    [
      "an error of a lane with several units",
      { numbers: [7, 3], error: { Error: "States.Timeout" } },
      "The state machine's lane of units 7, 3 failed: States.Timeout",
    ],
    ["a cause that is JSON of another form", { error: { Cause: "[1]" } }, "The state machine failed: [1]"],
    ["nothing", { error: "odd" }, "The state machine failed: "],
  ])("names %s", (_, failure, reason) => {
    expect(recorded(failure)).toMatchObject({ candidates: ["nightly"], reason });
  });

  test.each([
    ["the units of a lane whose worker was killed", { numbers: [7, 3], error: { Error: "Runtime.ExitError" } }, [7, 3]],
    ["nothing for another error of a lane", { numbers: [7, 3], error: { Error: "TypeError" } }, undefined],
    ["nothing for another function that was killed", { error: { Error: "Lambda.Unknown" } }, undefined],
  ])("lists %s", (_, failure, killedAt) => {
    expect(recorded(failure)!.killedAt).toEqual(killedAt);
  });

  test("concerns the job in the epoch of the execution, and in no later one", () => {
    const { concerns } = recorded({ error: {} })!;
    expect([concerns(job()), concerns(job({ epoch: 3 }))]).toEqual([true, false]);
  });

  test("is cut if it is long", () => {
    const { reason } = recorded({ error: { Error: "E", Cause: "x".repeat(40_000) } })!;
    expect(reason).toHaveLength(1_001);
    expect(reason.endsWith("x…")).toBe(true);
  });

  test("needs a task", () => {
    expect(() => recordedFailure({ job: "nightly", failure: {} })).toThrow(
      expect.objectContaining({ code: "BAD_TASK" }),
    );
  });

  test.each([undefined, "text", { job: "nightly", epoch: 2 }, { failure: "text" }])("is not %j", (given) => {
    expect(recordedFailure(given)).toBeUndefined();
  });
});

describe("an event about an execution", () => {
  const event = (detail: object = {}) => ({
    source: "aws.states",
    "detail-type": "Step Functions Execution Status Change",
    detail: { executionArn: EXECUTION, name: "nightly-2", status: "ABORTED", input: '{"job":"nightly"}', ...detail },
  });

  test.each<[string, object, string]>([
    ["was stopped", {}, "Its execution nightly-2 was stopped."],
    ["timed out", { status: "TIMED_OUT", error: null, cause: null }, "Its execution nightly-2 timed out."],
    [
      "failed with a reason",
      { status: "FAILED", error: "States.Permissions", cause: "no role" },
      "Its execution nightly-2 failed: States.Permissions: no role.",
    ],
    ["ended in another way", { status: "PENDING_REDRIVE" }, "Its execution nightly-2 is PENDING_REDRIVE."],
  ])("says that it %s", (_, detail, reason) => {
    expect(statusChange(event(detail))).toMatchObject({ reason });
  });

  const byHand = { name: "by-hand", executionArn: EXECUTION.replace("nightly-2", "by-hand") };
  test.each<[string, object, string[]]>([
    ["an epoch", {}, ["nightly", "nightly-2"]],
    ["an epoch that was begun by hand", { ...byHand, input: '{"job":"nightly","epoch":2}' }, ["by-hand", "nightly"]],
    ["a start request with an id", { input: '{"jobId":"given"}' }, ["nightly", "nightly-2", "given"]],
    ["a start request that was too long for the event", { input: null }, ["nightly", "nightly-2"]],
    ["a request that is no JSON", { input: "{" }, ["nightly", "nightly-2"]],
    ["a name that ends in no number", { ...byHand, input: "{}" }, ["by-hand"]],
  ])("of %s names the jobs that may be meant", (_, detail, candidates) => {
    expect(statusChange(event(detail))?.candidates).toEqual(candidates);
  });

  const starting = { state: "starting", execution: undefined } as unknown as Partial<Job>;
  test.each<[string, Partial<Job>, boolean]>([
    ["the job of the execution", {}, true],
    ["the job of another execution", { execution: `${EXECUTION}0` }, false],
    ["a job that is about to record its execution", starting, true],
    ["a job that is about to record another epoch's execution", { ...starting, epoch: 3 }, false],
    ["a job of the queue driver", { driver: undefined } as unknown as Partial<Job>, false],
  ])("concerns %s: %#", (_, part, expected) => {
    expect(statusChange(event())!.concerns(job(part))).toBe(expected);
  });

  test("concerns a job that is about to record its execution, even if an earlier job had the same id", () => {
    const later = job({ ...starting, createdAt: 1_800_000_000_000 });
    const name = laterName({ job: "nightly", epoch: 2 }, later.createdAt);
    const { concerns } = statusChange(event({ name, executionArn: EXECUTION.replace("nightly-2", name) }))!;
    expect([concerns(later), concerns({ ...later, createdAt: 1 })]).toEqual([true, false]);
  });

  test.each([undefined, 1, {}, { source: "aws.ec2", detail: {} }, { source: "aws.states", detail: { name: "x" } }])(
    "is not %j",
    (given) => {
      expect(statusChange(given)).toBeUndefined();
    },
  );
});
