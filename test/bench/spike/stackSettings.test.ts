import { stackSettings } from "../../../bench/spike/stackSettings";

test("a stack's own values replace the project's defaults", async () => {
  expect(await stackSettings("prod")).toMatchObject({
    queueRetentionDays: 7,
    surviveOutageMinutes: 1_440,
    batchSize: 10,
  });
  expect(await stackSettings("dev")).toMatchObject({ queueRetentionDays: 4, alarms: false, senderAccess: "iam" });
});

test("overrides come last, each by its config key", async () => {
  const overrides = { ingestMaximumConcurrency: "50", senderAccess: "cognito-guest" };
  expect(await stackSettings("dev", overrides)).toMatchObject({
    maximumConcurrency: 50,
    senderAccess: "cognito-guest",
  });
});

test("all problems are reported together: values, contradictions, unknown keys", async () => {
  const overrides = { ingestBatchSize: "20", ingestRecordConcurrency: "0", typo: "1" };
  await expect(stackSettings("dev", overrides)).rejects.toMatchObject({
    code: "INVALID_CONFIG",
    message: expect.stringMatching(/ingestRecordConcurrency must be .*typo is not an option/),
  });
});

test("a stack without a file is reported", async () => {
  await expect(stackSettings("nowhere")).rejects.toMatchObject({ code: "UNKNOWN_STACK" });
});
