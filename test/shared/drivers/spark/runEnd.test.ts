import { badEnd, runEnd } from "../../../../shared/drivers/spark/runEnd";

/** As Glue sends it. */
const event = (detail: object) => ({
  ...{ version: "0", id: "abcdef00-1234-5678-9abc-def012345678", "detail-type": "Glue Job State Change" },
  ...{ source: "aws.glue", account: "123456789012", time: "2026-11-26T18:57:21Z", region: "us-east-1", resources: [] },
  detail: { jobName: "sluice-dev-glue", severity: "ERROR", jobRunId: "jr_1", ...detail },
});

test("an event names the run and the Glue job that ended, and how", () => {
  const message = "Command failed with exit code 1";
  expect(runEnd(event({ state: "FAILED", message }))).toEqual({
    ...{ glueJob: "sluice-dev-glue", run: "jr_1", state: "FAILED", message },
  });
  expect(runEnd(event({ state: "SUCCEEDED" }))).toMatchObject({ state: "SUCCEEDED", message: "" });
});

test.each([
  ["another service's", { ...event({ state: "FAILED" }), source: "aws.states" }],
  ["one without a state", event({})],
  ["one without a run", event({ state: "FAILED", jobRunId: 7 })],
  ["no event", "FAILED"],
  ["nothing", undefined],
])("%s is refused", (_, given) => {
  expect(() => runEnd(given)).toThrow(expect.objectContaining({ code: "BAD_EVENT" }));
});

test.each([
  ["FAILED", "Command failed with exit code 1", "Its Glue run jr_1 failed: Command failed with exit code 1."],
  ["ERROR", "no such script.", "Its Glue run jr_1 failed: no such script."],
  ["TIMEOUT", "Job run exceeded timeout.", "Its Glue run jr_1 timed out: Job run exceeded timeout."],
  ["STOPPED", "", "Its Glue run jr_1 was stopped."],
  ["EXPIRED", "", "Its Glue run jr_1 waited for too long."],
  ["SUCCEEDED", "Job run succeeded", undefined],
  ["RUNNING", "", undefined],
])("the reason of %s is a sentence", (state, message, reason) => {
  expect(badEnd({ run: "jr_1", state, message })).toBe(reason);
});

test("a long reason is cut off, because the job's record keeps it", () => {
  const reason = badEnd({ run: "jr_1", state: "FAILED", message: "x".repeat(5_000) });
  expect(reason).toHaveLength(1_001);
  expect(reason).toMatch(/x…$/);
});
