import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { Report } from "../../../services/ingest/report";
import { type StoreOutcome, storeSubmission } from "../../../services/ingest/storeSubmission";
import { submissionParser } from "../../../services/ingest/submission";
import { SluiceError } from "../../../shared/errors";
import { body, POLICY } from "./submissions";

const NOW = Date.UTC(2021, 8, 28, 12, 0, 10);
const message = { body: body(), messageId: "m-1", sentAt: NOW - 10_000, endedBefore: 0 };

interface Line {
  level?: string;
  message?: string;
  _aws?: {
    Timestamp: number;
    CloudWatchMetrics: { Dimensions: string[][]; Metrics: { Name: string; Unit: string }[] }[];
  };
  [field: string]: unknown;
}

let written: string[];
let metrics: Metrics;
let report: Report;
beforeEach(() => {
  written = [];
  const write = (text: unknown) => written.push(String(text)) > 0;
  for (const stream of [process.stdout, process.stderr]) jest.spyOn(stream, "write").mockImplementation(write);
  metrics = new Metrics({ namespace: "Sluice", serviceName: "ingest" });
  report = new Report(new Logger({ logLevel: "DEBUG", serviceName: "ingest" }), metrics, () => NOW);
});
afterEach(() => void jest.restoreAllMocks());

function lines(): Line[] {
  metrics.publishStoredMetrics();
  // If there is nothing to publish, Powertools writes a line of plain text.
  return written.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Line);
}

/** Metric values by name, with the dimension that distinguishes reasons. Several values of a metric come as a list. */
function values(): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const line of lines()) {
    for (const { Metrics: declared } of line._aws?.CloudWatchMetrics ?? []) {
      for (const { Name } of declared) found[line.reason === undefined ? Name : `${Name} ${line.reason}`] = line[Name];
    }
  }
  return found;
}

describe("metrics", () => {
  test.each<[StoreOutcome, string]>([
    [{ kind: "stored", id: "0001092821120000", implausibleTime: false }, "Stored"],
    [{ kind: "duplicate", id: "0001092821120000" }, "Duplicates"],
    [{ kind: "erased" }, "Erased"],
  ])("%j counts as %s, and the submission's age is recorded", (outcome, name) => {
    report.done(outcome, message);
    expect(values()).toEqual({ [name]: 1, Quarantined: 0, SubmissionAge: 10_000 });
  });

  test("a submission with an implausible time counts as stored and as implausible; its time is logged with the send time", () => {
    report.done({ kind: "stored", id: "0001092864120000", implausibleTime: true }, message);
    expect(values()).toEqual({ Stored: 1, ImplausibleTimes: 1, Quarantined: 0, SubmissionAge: 10_000 });
    expect(lines().find(({ level }) => level === "WARN")).toMatchObject({
      message: "implausible time",
      submission: "0001092864120000",
      messageId: "m-1",
      sentAt: "2021-09-28T12:00:00.000Z",
    });
  });

  test("a submission in quarantine counts once, and once for each of its reasons", () => {
    const reasons = (["invalid", "invalid", "too_quick"] as const).map((code) => ({ code, message: "" }));
    report.done({ kind: "quarantined", id: undefined, reasons }, message);
    expect(values()).toEqual({
      Quarantined: 1,
      "QuarantinedByReason invalid": 1,
      "QuarantinedByReason too_quick": 1,
      SubmissionAge: 10_000,
    });
  });

  test("a failure that will be retried counts as one failure", () => {
    report.failed(new Error("down"), "m-1", 3);
    expect(values()).toEqual({ TransientFailures: 1 });
  });

  test("a slow clock makes no negative age", () => {
    report.done({ kind: "stored", id: "x", implausibleTime: false }, { ...message, sentAt: NOW + 5_000 });
    expect(values()).toMatchObject({ SubmissionAge: 0 });
  });

  test("all values of a batch of 10,000 arrive, a hundred in each document, as CloudWatch accepts them", () => {
    for (let record = 0; record < 10_000; record++) {
      report.done({ kind: "stored", id: "x", implausibleTime: false }, message);
    }
    const stored = lines().flatMap(({ Stored }) => (Stored === undefined ? [] : [Stored].flat()));
    expect(stored).toHaveLength(10_000);
    for (const line of lines()) expect([line.Stored].flat().length).toBeLessThanOrEqual(100);
  });

  test("every dimension has only few possible values", () => {
    report.done({ kind: "quarantined", id: "0001", reasons: [{ code: "invalid", field: "q1", message: "" }] }, message);
    const dimensions = lines().flatMap(
      ({ _aws }) => _aws?.CloudWatchMetrics.flatMap(({ Dimensions }) => Dimensions) ?? [],
    );
    expect(new Set(dimensions.flat())).toEqual(new Set(["service", "reason"]));
  });
});

describe("log and metrics never hold answers or free text", () => {
  const SECRET = "my-secret-answer";
  const item = { freetext: { S: SECRET }, q1: { N: "4711" } };
  const cancelled = () =>
    new TransactionCanceledException({
      message: "Transaction cancelled",
      $metadata: { httpStatusCode: 400, requestId: "r-1" },
      CancellationReasons: [{ Code: "ConditionalCheckFailed", Item: item }],
    });

  test.each<[string, () => unknown]>([
    ["a cancelled transaction, which carries the item", cancelled],
    ["an error whose cause carries the item", () => new Error("failed", { cause: cancelled() })],
    ["one of our own errors, with a value", () => new SluiceError("CODE", "message", { value: item })],
    ["something thrown that is no error", () => ({ item })],
  ])("not for %s", (_, error) => {
    report.failed(error(), "m-1", 1);
    expect(lines().length).toBeGreaterThan(0);
    expect(written.join("\n")).not.toMatch(/my-secret|4711/);
  });

  test.each([
    ["refused", body({ freetext: SECRET, q1: 4711, time_elapsed: 1 })],
    ["no JSON", `{"freetext":"${SECRET}",4711`],
    ["a conflict", body({ freetext: SECRET })],
  ])("not for a submission that is %s", async (_, text) => {
    const s3 = { send: async () => ({ ChecksumSHA256: "of other content" }) };
    const marker = { sha256: { S: "of other content" }, ...item };
    const cancelled = () =>
      new TransactionCanceledException({
        message: "",
        $metadata: {},
        CancellationReasons: [{ Code: "ConditionalCheckFailed", Item: marker }, { Code: "None" }],
      });
    const send = async ({ input }: { input: { TransactItems?: object; TableName?: string } }) => {
      if (input.TransactItems) throw cancelled();
      return { Item: input.TableName === "s" ? marker : undefined };
    };
    const tables = { dynamodb: { send }, resultsTable: "r", submissionsTable: "s" };
    const conflicting = { s3, rawBucket: "raw", quarantineBucket: "q", ...tables } as never;
    const given = { ...message, body: text };
    const outcome = await storeSubmission(conflicting, submissionParser(POLICY), given, new AbortController().signal);
    expect(outcome.kind).toBe("quarantined");
    report.done(outcome, given);
    expect(lines().length).toBeGreaterThan(0);
    expect(written.join("\n")).not.toMatch(/my-secret|4711/);
  });
});

test("a log line shows an error's name, code, sentence, stack, status and request", () => {
  const error = Object.assign(new SluiceError("CODE", "the sentence"), {
    $metadata: { httpStatusCode: 503, requestId: "r-1", attempts: 1 },
  });
  report.failed(error, "m-1", 7);
  expect(lines()[0]).toMatchObject({
    level: "WARN",
    messageId: "m-1",
    receiveCount: 7,
    error: { name: "SluiceError", code: "CODE", message: "the sentence", status: 503, requestId: "r-1" },
  });
  expect(lines()[0]?.error).toHaveProperty("stack");
});
