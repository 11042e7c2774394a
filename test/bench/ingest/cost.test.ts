import { costReport, renderCost } from "../../../bench/ingest/cost";
import { intakeUsage, type MeteredRun, metricsIn, storedIn } from "../../../bench/ingest/intakeUsage";
import { meterSubmissions } from "../../../bench/ingest/meterSubmissions";
import { listPrices } from "../../../shared/cost/prices";

const { prices: PRICES } = listPrices;

const metricLine = (values: object, ...names: string[]) => {
  const Metrics = names.map((Name) => ({ Name, Unit: "Count" }));
  const _aws = { Timestamp: 1, CloudWatchMetrics: [{ Namespace: "Sluice", Dimensions: [["service"]], Metrics }] };
  return `${JSON.stringify({ _aws, service: "ingest", ...values })}\n`;
};
const LOG =
  metricLine({ SubmissionAge: [4, 5], Stored: [1, 1] }, "SubmissionAge", "Stored") +
  metricLine({ SubmissionAge: 7, Stored: 1 }, "SubmissionAge", "Stored") +
  '{"level":"WARN","message":"quarantined"}\n';

const request = (operation: string, billed: number, caller: string, empty = 0) => ({
  ...{ service: "sqs", operation, caller, calls: billed, billed, empty },
});
const units = (table: string, writeUnits: number) => ({ table, caller: "store", readUnits: 0, writeUnits });

const RUN: MeteredRun = {
  submissions: 3,
  reading: {
    invocations: [300, 100].map((billedMs) => ({
      ...{ function: "store", at: 0, billedMs, initMs: 0, memoryMegabytes: 512 },
    })),
    requests: [
      request("SendMessage", 3, "administrator"),
      request("GetQueueAttributes", 40, "administrator"),
      request("ReceiveMessage", 12, "store-poller", 10),
      request("DeleteMessageBatch", 2, "store-poller"),
      { ...request("PutObject", 3, "store"), service: "s3" },
    ],
    consumption: [units("markers", 6), { ...units("markers", 3), index: "byParticipant" }, units("results", 6)],
  },
  log: LOG,
  submissionsTable: "markers",
  resultsTable: "results",
};

test("usage by phones, poller and function counts; the benchmark's own requests and empty receives don't", () => {
  expect(intakeUsage(RUN)).toEqual({
    ...{ queueRequests: 3 + 2 + 2, invocations: 2, gigabyteSeconds: 0.2, puts: 3, gets: 0 },
    ...{ markerUnits: 6, resultUnits: 6, indexUnits: 3, readUnits: 0 },
    logBytes: LOG.length + 3 * 26 + 2 * 400,
  });
});

test("a log shows the stored submissions, and each metric once", () => {
  expect(storedIn(LOG)).toBe(3);
  expect(metricsIn(LOG)).toEqual(["Stored service=ingest", "SubmissionAge service=ingest"]);
});

test("a report is about a million submissions, and names both ways, the metrics and the prices", () => {
  const report = costReport(RUN);
  expect(report).toMatchObject({ submissions: 3, perInvocation: 1.5, invocationMs: 200, metricsAMonth: 0.6 });
  expect(report.sluice.usage).toMatchObject({ puts: 1_000_000, markerUnits: 2_000_000, indexUnits: 1_000_000 });
  // Two thirds of a million invocations with half a GB.
  expect(report.tenthOfASecond).toBeCloseTo((2 / 3) * 1e6 * 0.5 * 0.1 * PRICES.functionGigabyteSeconds.value!);
  const text = renderCost(report);
  const cells = text.split("\n").map((line) => line.split("│").map((cell) => cell.trim()));
  const row = (name: string) => cells.find(([, first]) => first === name)?.slice(2, 4);
  expect(row("S3")).toEqual(["$5.00", "$5.00"]);
  expect(row("DynamoDB, tables")).toEqual(["$2.50", "$1.88"]);
  expect(row("DynamoDB, index byParticipant")).toEqual(["$0.63", "$0.00"]);
  expect(text).toContain("Custom metrics: 2, $0.60 a month");
  expect(text).toContain("us-east-1");
});

test("on the local cloud a submission uses one put and one transaction, and reads nothing", async () => {
  const run = await meterSubmissions(20, () => undefined);
  const { invocations, gigabyteSeconds, queueRequests, logBytes, ...usage } = intakeUsage(run);
  expect(usage).toMatchObject({ puts: 20, gets: 0, markerUnits: 40, indexUnits: 20, resultUnits: 40, readUnits: 0 });
  // Each message is sent by itself. Each batch, at most 20 in all, is received by one request and deleted by another.
  expect(queueRequests).toBeGreaterThanOrEqual(20 + 2 * 2);
  expect(queueRequests).toBeLessThanOrEqual(20 + 2 * 20);
  expect(invocations).toBeGreaterThanOrEqual(2);
  expect(gigabyteSeconds).toBeGreaterThan(0);
  expect(logBytes).toBeGreaterThan(400 * invocations);
  const names = metricsIn(run.log).map((metric) => metric.split(" ")[0]);
  expect(names).toEqual(expect.arrayContaining(["Stored", "SubmissionAge"]));
});
