import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import type { UnitEnd } from "../../../shared/engine/unitWork";
import { WorkerReport } from "../../../shared/worker/report";

let written: string[];
let metrics: Metrics;
let report: WorkerReport;
beforeEach(() => {
  written = [];
  const write = (text: unknown) => written.push(String(text)) > 0;
  for (const stream of [process.stdout, process.stderr]) jest.spyOn(stream, "write").mockImplementation(write);
  metrics = new Metrics({ namespace: "Sluice", serviceName: "scanner-worker" });
  report = new WorkerReport(new Logger({ serviceName: "scanner-worker" }), metrics);
});
afterEach(() => void jest.restoreAllMocks());

/** Values by the metric's name, with all dimensions. */
function published(): Record<string, unknown> {
  metrics.publishStoredMetrics();
  const found: Record<string, unknown> = {};
  for (const text of written.filter((line) => line.startsWith("{"))) {
    const line = JSON.parse(text);
    for (const { Dimensions, Metrics: declared } of line._aws?.CloudWatchMetrics ?? []) {
      expect(Dimensions).toEqual([["service"]]);
      for (const { Name } of declared) found[Name] = line[Name];
    }
  }
  return found;
}

const nothing = { items: 0, rcu: 0 };

test.each<[UnitEnd, object]>([
  [{ end: "done" }, { UnitsDone: 1 }],
  [{ end: "failed", reason: "r" }, { UnitsFailed: 1 }],
  [{ end: "retried", reason: "r", retryAt: 1 }, { UnitRetries: 1 }],
  [{ end: "stopped" }, {}],
  [{ end: "lost" }, {}],
  [{ end: "fatal", why: "w" }, {}],
])("a unit that ends with %j publishes %j", (end, expected) => {
  report.unit("job", 3, end, nothing);
  expect(published()).toEqual(expected);
});

test("progress of units is published, with any end", () => {
  report.unit("job", 3, { end: "stopped" }, { items: 20, rcu: 4.5 });
  report.unit("job", 4, { end: "done" }, { items: 5, rcu: 1 });
  expect(published()).toEqual({ Items: [20, 5], ReadUnits: [4.5, 1], UnitsDone: 1 });
});

test("turns and tasks publish their duration, and the part of it that was a wait for capacity", () => {
  report.handled("ended", { job: "job", chain: 1, turn: 2 }, { ms: 50_000, waitedMs: 40_000 });
  report.task({ state: "done" }, { numbers: [1] }, { ms: 10_000, waitedMs: 0 });
  expect(published()).toEqual({ Work: [50_000, 10_000], Waited: [40_000, 0] });
});

test.each([
  ["completed", { JobsCompleted: 1 }],
  ["failed", { JobsFailed: 1 }],
] as const)("a job that is %s publishes %j", (state, expected) => {
  report.ended({ state });
  expect(published()).toEqual(expected);
});
