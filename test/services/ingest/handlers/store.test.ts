import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import type { Storage } from "../../../../services/ingest/storage";
import type { StoreOutcome, SubmissionMessage } from "../../../../services/ingest/storeSubmission";
import type { SubmissionParser } from "../../../../services/ingest/submission";
import { contextFor, record } from "../../../shared/runtime/sqsEvents";
import { body, SENT_AT } from "../submissions";

const environment = {
  AWS_REGION: "eu-central-1",
  RAW_BUCKET: "raw",
  QUARANTINE_BUCKET: "quarantine",
  RESULTS_TABLE: "results",
  SUBMISSIONS_TABLE: "submissions",
  QUEUE_URL: "https://queue",
  MIN_SECONDS: "3",
  REQUIRE_FREETEXT: "true",
  ANSWER_MIN: "0",
  ANSWER_MAX: "5",
  MIN_ANSWERS: "2",
  RECORD_CONCURRENCY: "4",
  TIMEOUT_SECONDS: "30",
  POWERTOOLS_METRICS_NAMESPACE: "Sluice",
  POWERTOOLS_LOG_LEVEL: "SILENT",
};

const storeSubmission = jest.fn<Promise<StoreOutcome>, [Storage, SubmissionParser, SubmissionMessage, AbortSignal]>();
const limitWrites = jest.fn((options: object) => ({ options, open: async () => {}, close: async () => {} }));
jest.mock("../../../../services/ingest/storeSubmission", () => ({
  storeSubmission: (...args: Parameters<typeof storeSubmission>) => storeSubmission(...args),
}));
jest.mock("../../../../services/ingest/writeLimit", () => ({ limitWrites: (options: object) => limitWrites(options) }));

const isProven = jest.fn(async (_: object, __: AbortSignal) => true);
const studyTokens = jest.fn((_: string) => ({ isProven }));
jest.mock("../../../../services/ingest/tokens/studyTokens", () => ({ studyTokens: (arn: string) => studyTokens(arn) }));

const env = { ...process.env };
beforeEach(() => {
  jest.resetModules();
  jest.spyOn(process.stdout, "write").mockReturnValue(true);
  storeSubmission.mockReset().mockResolvedValue({ kind: "stored", id: "0001092821120000" } as StoreOutcome);
  limitWrites.mockClear();
  isProven.mockClear();
  studyTokens.mockClear();
});
afterEach(() => {
  jest.restoreAllMocks();
  process.env = { ...env };
});

/** Loads the handler with this environment. */
function load(changes: Record<string, string> = {}) {
  process.env = { ...env, ...environment, ...changes };
  const { handler } = require("../../../../services/ingest/handlers/store") as {
    handler: (event: SQSEvent, context: ReturnType<typeof contextFor>) => Promise<SQSBatchResponse>;
  };
  return handler;
}

test("each record is stored as it came: its body, its message, and its send time in milliseconds", async () => {
  const first = record("m-1", { body: "one" });
  const second = record("m-2", { body: "two" });
  jest.spyOn(Date, "now").mockReturnValue(1_632_830_500_000);
  second.attributes.SentTimestamp = "1632830400123";
  const answer = await load()({ Records: [first, second] }, contextFor(120_000));
  expect(answer).toEqual({ batchItemFailures: [] });
  // The function's time-out, and ten seconds by which clocks may differ.
  const endedBefore = 1_632_830_500_000 - 40_000;
  expect(storeSubmission.mock.calls.map(([, , delivery]) => delivery)).toEqual([
    { body: "one", messageId: "m-1", sentAt: 1_632_830_400_000, endedBefore },
    { body: "two", messageId: "m-2", sentAt: 1_632_830_400_123, endedBefore },
  ]);
});

test("it is stored in the places that the environment names, by the environment's policy", async () => {
  await load()({ Records: [record("m-1")] }, contextFor(120_000));
  const [storage, parse, , signal] = storeSubmission.mock.calls[0]!;
  expect(storage).toMatchObject({
    rawBucket: "raw",
    quarantineBucket: "quarantine",
    resultsTable: "results",
    submissionsTable: "submissions",
  });
  expect(signal.aborted).toBe(false);
  const codes = (fields: Record<string, unknown>) =>
    (parse(body(fields), SENT_AT) as { reasons?: { code: string }[] }).reasons?.map((r) => r.code);
  expect(codes({ time_elapsed: 3, q1: 5 })).toBeUndefined();
  expect(codes({ time_elapsed: 2.9 })).toHaveLength(1);
  expect(codes({ q1: 6 })).toHaveLength(1);
  expect(codes({ q1: -1 })).toHaveLength(1);
  expect(codes({ freetext: "" })).toHaveLength(1);
  expect(codes({ q2: undefined })).toEqual(["too_few_answers"]);
});

test("only a record that fails comes again", async () => {
  storeSubmission.mockImplementation(async (_storage, _parse, { messageId }) => {
    if (messageId === "m-2") throw new Error("down");
    return { kind: "stored", id: "x" } as StoreOutcome;
  });
  const { SQSClient } = require("@aws-sdk/client-sqs") as typeof import("@aws-sdk/client-sqs");
  const send = jest.spyOn(SQSClient.prototype, "send").mockImplementation(async () => ({}));
  const answer = await load()({ Records: [record("m-1"), record("m-2")] }, contextFor(120_000));
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "m-2" }] });
  expect(send.mock.calls.map(([command]) => (command.input as { QueueUrl?: string }).QueueUrl)).toEqual([
    "https://queue",
  ]);
});

describe("the write limit", () => {
  test("applies to the results table, with its ledger", () => {
    load({ WRITE_CAPACITY_LIMIT: "100", LEDGER_TABLE: "ledger" });
    expect(limitWrites.mock.calls).toEqual([
      [expect.objectContaining({ resultsTable: "results", ledgerTable: "ledger", writeCapacityLimit: 100 })],
    ]);
  });

  test.each([[{}], [{ WRITE_CAPACITY_LIMIT: "100" }], [{ LEDGER_TABLE: "ledger" }]])("is none with %j", (changes) => {
    load(changes as Record<string, string>);
    expect(limitWrites).not.toHaveBeenCalled();
  });
});

describe("participants' tokens", () => {
  const attribute = (stringValue: string) => ({ stringValue, dataType: "String" });
  const withToken = (token: string) => ({
    ...record("m-1"),
    messageAttributes: { participant_token: attribute(token), other: attribute("other") },
  });

  test("that are off are not checked, and their code isn't loaded", async () => {
    await load()({ Records: [withToken("v1.abc")] }, contextFor(120_000));
    expect(storeSubmission.mock.calls[0]![2]).not.toHaveProperty("isProven");
    expect(studyTokens).not.toHaveBeenCalled();
  });

  test("that are required are checked for the participant, with the send time and the study's secret", async () => {
    const handler = load({ STUDY_SECRET: "arn:secret" });
    await handler({ Records: [withToken("v1.abc"), record("m-2")] }, contextFor(120_000));
    const { signal } = new AbortController();
    for (const [, , message] of storeSubmission.mock.calls) {
      expect(await message.isProven?.("0001", signal)).toBe(true);
      // The token is neither stored nor logged.
      expect(JSON.stringify(message)).not.toContain("v1.abc");
    }
    expect(studyTokens.mock.calls).toEqual([["arn:secret"]]);
    const sentAt = 1_632_830_400_000;
    expect(isProven.mock.calls).toEqual([
      [{ token: "v1.abc", userId: "0001", sentAt }, signal],
      [{ token: undefined, userId: "0001", sentAt }, signal],
    ]);
  });
});
