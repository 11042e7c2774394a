/** The usage of submissions, from the local cloud's meters while they were stored. Pure. */
import type { Reading } from "../../local/metering/metering";
import { tableUnits, usageOf } from "../../local/metering/usage";
import { type IntakeUsage, PLATFORM_LOG_BYTES } from "./bill";

/** Submissions on the local cloud, from the first that was sent until the last one was stored. */
export interface MeteredRun {
  readonly submissions: number;
  readonly reading: Reading;
  /** The store function's log during that time. */
  readonly log: string;
  readonly submissionsTable: string;
  readonly resultsTable: string;
}

/** Bytes that CloudWatch bills for each line of a log, in addition to its text. */
const LINE_BYTES = 26;

/** Receives that bring no message are left out: a queue's poller makes them whether there are submissions or not. */
export function intakeUsage({ reading, log, submissionsTable, resultsTable }: MeteredRun): IntakeUsage {
  const { queueRequests, invocations, gigabyteSeconds, puts, gets } = usageOf(reading, submissionsTable);
  const marker = tableUnits(reading, submissionsTable);
  const result = tableUnits(reading, resultsTable);
  const lines = log.split("\n").filter((line) => line !== "");
  return {
    ...{ invocations, gigabyteSeconds, puts, gets },
    queueRequests: queueRequests + sends(reading),
    markerUnits: marker.writeUnits,
    resultUnits: result.writeUnits,
    indexUnits: marker.indexWriteUnits + result.indexWriteUnits,
    readUnits: marker.readUnits + result.readUnits,
    logBytes: Buffer.byteLength(log) + LINE_BYTES * lines.length + PLATFORM_LOG_BYTES * invocations,
  };
}

/** The app's: it has the administrator's credentials. */
function sends({ requests }: Reading): number {
  const own = requests.filter(({ service, operation }) => service === "sqs" && operation.startsWith("SendMessage"));
  return own.reduce((sum, { billed }) => sum + billed, 0);
}

/** The custom metrics that a log makes, each by its name and dimensions, sorted. */
export function metricsIn(log: string): string[] {
  const metrics = metricLines(log).flatMap((line) =>
    line._aws.CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) =>
      Metrics.flatMap(({ Name }) =>
        Dimensions.map((names) => [Name, ...names.map((name) => `${name}=${line[name]}`)].join(" ")),
      ),
    ),
  );
  return [...new Set(metrics)].sort();
}

/** The number of stored submissions, from a log. */
export function storedIn(log: string): number {
  return metricLines(log).reduce((sum, { Stored = [] }) => sum + [Stored].flat().length, 0);
}

/** CloudWatch's embedded metric format. */
interface MetricLine {
  readonly _aws: { readonly CloudWatchMetrics: { Dimensions: string[][]; Metrics: { Name: string }[] }[] };
  readonly Stored?: number | number[];
  readonly [name: string]: unknown;
}

function metricLines(log: string): MetricLine[] {
  const lines = log.split("\n").filter((line) => line.includes('"CloudWatchMetrics"'));
  return lines.map((line) => JSON.parse(line.slice(line.indexOf("{"))) as MetricLine);
}
