import fc from "fast-check";
import type { BatchStep, Summary } from "../../../../shared/drivers/driver";
import { answerOf, batchTask, epochTask } from "../../../../shared/drivers/workflow/tasks";

const T = 1_800_000_000_000;

test("tasks are read from their input; other fields from the state machine are left out", () => {
  const given = { job: "j-1", epoch: 0, numbers: [7, 3], at: "2027-01-15T08:00:00Z" };
  expect(batchTask(given)).toEqual({ job: "j-1", epoch: 0, numbers: [7, 3] });
  expect(epochTask(given)).toEqual({ job: "j-1", epoch: 0 });
});

test.each<[unknown]>([
  [undefined],
  [null],
  ["j-1"],
  [[]],
  [{}],
  [{ job: "", epoch: 0, numbers: [0] }],
  [{ job: 1, epoch: 0, numbers: [0] }],
  [{ job: "j-1", epoch: -1, numbers: [0] }],
  [{ job: "j-1", epoch: "0", numbers: [0] }],
])("input that is not a task is an error that no repetition can mend: %j", (given) => {
  for (const parse of [batchTask, epochTask]) {
    expect(() => parse(given)).toThrow(expect.objectContaining({ code: "BAD_TASK", value: given, retryable: false }));
  }
});

test.each([undefined, null, 1, "0", [], [-1], [0.5], ["0"], [null], [0, undefined]])(
  "numbers must be counts, not %j",
  (numbers) => {
    const given = { job: "j-1", epoch: 0, numbers };
    expect(() => batchTask(given)).toThrow("The input of the task must be { job, epoch, numbers }.");
  },
);

test.each<[BatchStep | Summary, object]>([
  [{ state: "done" }, { state: "done" }],
  [{ state: "parked" }, { state: "parked" }],
  [{ state: "stale" }, { state: "stale" }],
  [
    { state: "ended", job: "completed" },
    { state: "ended", job: "completed" },
  ],
  [
    { state: "continued", at: T, numbers: [3] },
    { state: "continued", at: "2027-01-15T08:00:00Z", numbers: [3] },
  ],
  [
    { state: "continued", at: T + 1, numbers: [3] },
    { state: "continued", at: "2027-01-15T08:00:01Z", numbers: [3] },
  ],
  // One second allows for the difference between clocks.
  [
    { state: "held", at: T, numbers: [3] },
    { state: "held", at: "2027-01-15T08:00:01Z", numbers: [3] },
  ],
  [
    { state: "held", at: T + 2_001, numbers: [3] },
    { state: "held", at: "2027-01-15T08:00:04Z", numbers: [3] },
  ],
  [
    { state: "left", at: T + 999 },
    { state: "left", at: "2027-01-15T08:00:02Z" },
  ],
])("%j is answered as %j", (outcome, answer) => {
  expect(answerOf(outcome)).toEqual(answer);
});

test("timestamps are whole seconds with T and Z, never before their moment", () => {
  const moments = fc.integer({ min: 0, max: 2 ** 42 });
  fc.assert(
    fc.property(moments, fc.constantFrom("continued", "held"), (at, state) => {
      const answer = answerOf({ state, at, numbers: [0] } as BatchStep) as { at: string };
      expect(answer.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      const late = Date.parse(answer.at) - at;
      const least = state === "held" ? 1_000 : 0;
      expect(late >= least && late < least + 1_000).toBe(true);
    }),
  );
});
