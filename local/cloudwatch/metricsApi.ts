import type { Clock } from "../../shared/clock";
import type { Call } from "../gateway/call";
import { awsError } from "../gateway/errors";
import { type BackendResponse, jsonResponse } from "../gateway/message";
import type { MetricId, Metrics, Statistics } from "./metrics";

export interface MetricsApiOptions {
  metrics: Metrics;
  /** Age of the oldest message of a queue, seconds; undefined if the queue is empty or doesn't exist. */
  oldestSeconds(queueName: string): Promise<number | undefined>;
  clock: Clock;
}

interface Query {
  Id: string;
  Expression?: string;
  MetricStat?: { Metric?: WireMetric; Period?: number; Stat?: string };
}

interface WireMetric {
  Namespace?: string;
  MetricName?: string;
  Dimensions?: { Name: string; Value?: string }[];
}

const STATISTICS: Readonly<Record<string, (of: Statistics) => number>> = {
  Sum: ({ sum }) => sum,
  Average: ({ sum, count }) => sum / count,
  Minimum: ({ minimum }) => minimum,
  Maximum: ({ maximum }) => maximum,
  SampleCount: ({ count }) => count,
};

/**
 * `GetMetricData` and `ListMetrics` over what functions logged. There is one of AWS's own metrics: the present age of a
 * queue's oldest message. Others are refused, instead of answered with nothing.
 */
export class MetricsApi {
  readonly #options: MetricsApiOptions;

  constructor(options: MetricsApiOptions) {
    this.#options = options;
  }

  async handle({ action, input }: Call): Promise<BackendResponse> {
    if (action === "ListMetrics") return this.#list(input as WireMetric);
    if (action === "GetMetricData") return this.#data(input);
    return notHere(`does not know ${action}`);
  }

  #list({ Namespace, MetricName, Dimensions = [] }: WireMetric): BackendResponse {
    const asked = this.#options.metrics.list().filter(({ namespace, name, dimensions }) => {
      const has = ({ Name, Value }: { Name: string; Value?: string }) =>
        Name in dimensions && (Value === undefined || dimensions[Name] === Value);
      return (Namespace ?? namespace) === namespace && (MetricName ?? name) === name && Dimensions.every(has);
    });
    const Metrics = asked.map(({ namespace, name, dimensions }) => ({
      Namespace: namespace,
      MetricName: name,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    }));
    return jsonResponse(200, { Metrics });
  }

  async #data(input: Call["input"]): Promise<BackendResponse> {
    const {
      MetricDataQueries = [],
      StartTime,
      EndTime,
      ScanBy = "TimestampDescending",
    } = input as {
      MetricDataQueries?: Query[];
      StartTime?: number;
      EndTime?: number;
      ScanBy?: string;
    };
    const [from, to] = [Number(StartTime) * 1_000, Number(EndTime) * 1_000];
    if (!(from < to)) return awsError("monitoring", 400, "ValidationError", "StartTime must be less than EndTime.");
    const results: object[] = [];
    for (const query of MetricDataQueries) {
      const values = await this.#values(query, from, to);
      if (!Array.isArray(values)) return values;
      if (ScanBy === "TimestampDescending") values.reverse();
      results.push({
        Id: query.Id,
        Label: query.MetricStat?.Metric?.MetricName,
        Timestamps: values.map(([at]) => at / 1_000),
        Values: values.map(([, value]) => value),
        StatusCode: "Complete",
      });
    }
    return jsonResponse(200, { MetricDataResults: results, Messages: [] });
  }

  async #values({ MetricStat }: Query, from: number, to: number): Promise<[number, number][] | BackendResponse> {
    const { Metric, Period, Stat = "" } = MetricStat ?? {};
    const statistic = Object.hasOwn(STATISTICS, Stat) && STATISTICS[Stat];
    if (Metric === undefined || !statistic) return notHere("has metrics and simple statistics only, no expressions");
    if (Period === undefined || Period < 60 || Period % 60 !== 0) {
      return awsError("monitoring", 400, "ValidationError", "The period must be a multiple of 60 seconds.");
    }
    const id = metricOf(Metric);
    if (id.namespace.startsWith("AWS/")) return this.#ofAws(id, from, to);
    const read = this.#options.metrics.read(id, from, to, Period * 1_000);
    return read.map(([start, statistics]): [number, number] => [start, statistic(statistics)]);
  }

  async #ofAws({ namespace, name, dimensions }: MetricId, from: number, to: number) {
    const { QueueName } = dimensions;
    if (namespace !== "AWS/SQS" || name !== "ApproximateAgeOfOldestMessage" || QueueName === undefined) {
      return notHere(`has no metric ${namespace} ${name}`);
    }
    const now = this.#options.clock.now();
    const seconds = await this.#options.oldestSeconds(QueueName);
    return seconds === undefined || now < from || now >= to ? [] : [[now, seconds] as [number, number]];
  }
}

function metricOf({ Namespace = "", MetricName = "", Dimensions = [] }: WireMetric): MetricId {
  const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value = "" }) => [Name, Value]));
  return { namespace: Namespace, name: MetricName, dimensions };
}

function notHere(what: string): BackendResponse {
  return awsError("monitoring", 501, "NotImplemented", `CloudWatch of the local cloud ${what}.`);
}
