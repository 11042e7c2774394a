import { GetMetricDataCommand, type MetricDataQuery, paginateListMetrics } from "@aws-sdk/client-cloudwatch";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import type { IntakeQueues } from "./intakeQueues";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Minutes over which the number stored per minute is averaged. */
export const RATE_MINUTES = 5;
/** CloudWatch takes at most this many queries at once. */
const QUERIES_MAX = 500;

/** The status of the intake. */
export interface IntakeStatus {
  /** RFC 3339. */
  at: string;
  /** Submissions in the queue that may be received now. SQS counts approximately. */
  waiting: number;
  /** Submissions that are in work, or wait for a retry. */
  inFlight: number;
  /** Age of the oldest of these, seconds. Null: there is none, or CloudWatch doesn't know it yet. */
  oldestSeconds: number | null;
  deadLetters: number;
  /** Mean of the last minutes. */
  storedPerMinute: number;
  /** Submissions that went to quarantine since midnight, UTC. */
  quarantinedToday: number;
  /** The same by reason. A submission with several reasons counts for each. */
  quarantinedByReason: Record<string, number>;
}

/**
 * Reads it from SQS and CloudWatch with seven requests, for any number of quarantined objects. Metrics are a minute or two
 * behind.
 * @param now milliseconds since the epoch
 */
export async function readStatus(queues: IntakeQueues, now: number): Promise<IntakeStatus> {
  const from = Math.floor(now / MINUTE_MS) * MINUTE_MS - RATE_MINUTES * MINUTE_MS;
  const midnight = Math.floor(now / DAY_MS) * DAY_MS;
  const [waiting, dead, reasons] = await Promise.all([
    counts(queues, queues.queueUrl),
    counts(queues, queues.deadLetterQueueUrl),
    reasonsOf(queues),
  ]);
  const recent = [
    { Id: "oldest", MetricStat: { Metric: oldest(queues), Period: 60, Stat: "Maximum" } },
    { Id: "stored", MetricStat: { Metric: own(queues, "Stored"), Period: 60, Stat: "Sum" } },
  ];
  const today = [
    { Id: "quarantined", MetricStat: { Metric: own(queues, "Quarantined"), Period: 3_600, Stat: "Sum" } },
    ...reasons.map((reason, at) => ({
      Id: `reason${at}`,
      MetricStat: { Metric: own(queues, "QuarantinedByReason", { reason }), Period: 3_600, Stat: "Sum" },
    })),
  ];
  const [newest, since] = await Promise.all([data(queues, recent, from, now), data(queues, today, midnight, now)]);
  const there = waiting.waiting + waiting.inFlight > 0;
  const byReason = reasons.map((reason, at): [string, number] => [reason, sum(since.get(`reason${at}`))]);
  return {
    at: new Date(now).toISOString(),
    ...waiting,
    oldestSeconds: there ? (newest.get("oldest")?.[0] ?? null) : null,
    deadLetters: dead.waiting + dead.inFlight,
    storedPerMinute: sum(newest.get("stored")) / ((now - from) / MINUTE_MS),
    quarantinedToday: sum(since.get("quarantined")),
    quarantinedByReason: Object.fromEntries(byReason.filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a)),
  };
}

/** A minute of the intake; numbers of submissions. */
export interface IntakeMinute {
  /** When it began, milliseconds since the epoch. */
  readonly at: number;
  /** Submissions that were taken from the queue and processed. */
  readonly received: number;
  readonly stored: number;
  readonly quarantined: number;
}

/**
 * The last minutes, the oldest first, including empty ones. One request; metrics are a minute or two behind.
 * @param now milliseconds since the epoch
 */
export async function readMinutes(queues: IntakeQueues, now: number, minutes: number): Promise<IntakeMinute[]> {
  const from = Math.floor(now / MINUTE_MS) * MINUTE_MS - (minutes - 1) * MINUTE_MS;
  const query = (Id: string, MetricName: string, Stat: string) => {
    return { Id, MetricStat: { Metric: own(queues, MetricName), Period: 60, Stat } };
  };
  const asked = [
    // There is a value for every submission, with any outcome.
    query("received", "Quarantined", "SampleCount"),
    query("stored", "Stored", "Sum"),
    query("quarantined", "Quarantined", "Sum"),
  ];
  const time = { StartTime: new Date(from), EndTime: new Date(from + minutes * MINUTE_MS) };
  const { MetricDataResults = [] } = await queues.cloudwatch.send(
    new GetMetricDataCommand({ ...time, MetricDataQueries: asked, ScanBy: "TimestampAscending" }),
  );
  const count = (id: string, at: number) => {
    const { Timestamps = [], Values = [] } = MetricDataResults.find(({ Id }) => Id === id) ?? {};
    return Values[Timestamps.findIndex((each) => each.getTime() === at)] ?? 0;
  };
  return Array.from({ length: minutes }, (_, n) => {
    const at = from + n * MINUTE_MS;
    return { at, received: count("received", at), stored: count("stored", at), quarantined: count("quarantined", at) };
  });
}

async function counts({ sqs }: IntakeQueues, QueueUrl: string) {
  const AttributeNames = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
  );
  const [waiting, inFlight] = AttributeNames.map((attribute) => Number(Attributes[attribute] ?? 0));
  return { waiting: waiting as number, inFlight: inFlight as number };
}

/** Reasons for quarantine in the last two weeks, from CloudWatch. */
async function reasonsOf({ cloudwatch, metrics: { namespace, service } }: IntakeQueues): Promise<string[]> {
  const reasons: string[] = [];
  const asked = { Namespace: namespace, MetricName: "QuarantinedByReason" };
  const Dimensions = [{ Name: "service", Value: service }, { Name: "reason" }];
  for await (const { Metrics = [] } of paginateListMetrics({ client: cloudwatch }, { ...asked, Dimensions })) {
    for (const { Dimensions: found = [] } of Metrics) {
      const reason = found.find(({ Name }) => Name === "reason")?.Value;
      if (reason !== undefined) reasons.push(reason);
    }
  }
  return reasons.slice(0, QUERIES_MAX - 1);
}

/** Values by the query's id, newest first. @param from and to: milliseconds since the epoch */
async function data({ cloudwatch }: IntakeQueues, MetricDataQueries: MetricDataQuery[], from: number, to: number) {
  const time = { StartTime: new Date(from), EndTime: new Date(Math.max(to, from + 1) + MINUTE_MS) };
  const { MetricDataResults = [] } = await cloudwatch.send(
    new GetMetricDataCommand({ ...time, MetricDataQueries, ScanBy: "TimestampDescending" }),
  );
  return new Map(MetricDataResults.map(({ Id = "", Values = [] }) => [Id, Values]));
}

function oldest({ queueArn }: IntakeQueues) {
  const Dimensions = [{ Name: "QueueName", Value: queueArn.split(":").at(-1) }];
  return { Namespace: "AWS/SQS", MetricName: "ApproximateAgeOfOldestMessage", Dimensions };
}

function own({ metrics }: IntakeQueues, MetricName: string, more: Record<string, string> = {}) {
  const Dimensions = Object.entries({ service: metrics.service, ...more }).map(([Name, Value]) => ({ Name, Value }));
  return { Namespace: metrics.namespace, MetricName, Dimensions };
}

function sum(values: readonly number[] = []): number {
  return values.reduce((total, value) => total + value, 0);
}
