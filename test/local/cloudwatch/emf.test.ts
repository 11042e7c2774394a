import { Metrics as Powertools } from "@aws-lambda-powertools/metrics";
import { loggedValues } from "../../../local/cloudwatch/emf";

/** What Powertools logs, as the functions do. */
function logged(write: (metrics: Powertools) => void): string {
  const lines: string[] = [];
  const log = jest.spyOn(console, "log").mockImplementation((line) => void lines.push(`${line}\n`));
  const metrics = new Powertools({ namespace: "Sluice/dev", serviceName: "ingest" });
  // Outside of Lambda, Powertools writes to the console of this process.
  Object.assign(metrics, { console });
  try {
    write(metrics);
    metrics.publishStoredMetrics();
  } finally {
    log.mockRestore();
  }
  return lines.join("");
}

test("Powertools' log lines have namespace, dimensions, time and every value", () => {
  const text = logged((metrics) => {
    metrics.addMetric("Stored", "Count", 1);
    metrics.addMetric("Stored", "Count", 1);
    metrics.addMetric("SubmissionAge", "Milliseconds", 250);
    metrics.addDimension("reason", "too_fast");
  });
  const common = { namespace: "Sluice/dev", at: expect.any(Number) };
  const dimensions = { service: "ingest", reason: "too_fast" };
  expect(loggedValues(text)).toEqual([
    { ...common, dimensions, name: "Stored", values: [1, 1] },
    { ...common, dimensions, name: "SubmissionAge", values: [250] },
  ]);
});

test.each(["", "plain text", '{"level":"INFO"}', '{"_aws":{"CloudWatchMetrics":', '{"CloudWatchMetrics":[]}'])(
  "%j is no metric",
  (text) => {
    expect(loggedValues(text)).toEqual([]);
  },
);
