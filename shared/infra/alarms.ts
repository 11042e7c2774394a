/** What all alarms have in common: their period, their threshold, and whom they notify. */
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { runbookSection } from "./runbook";

export interface AlarmRule {
  /** Follows the component's name. */
  readonly name: string;
  /** What has happened. The address of the alarm's section in the runbook follows it. */
  readonly description: string;
  /** Follows `AlarmsArgs.runbook` in the heading of the runbook's section. Default: the name. */
  readonly section?: string;
  readonly watched: Metric | Calculated;
  /** The alarm is raised above this. */
  readonly threshold: number;
}

export interface Metric {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Record<string, pulumi.Input<string>>;
  readonly statistic: "Average" | "Maximum" | "Sum";
}

/** A value that CloudWatch's metric math computes from metrics. */
export interface Calculated {
  /** Names the metrics by their keys. */
  readonly expression: string;
  readonly metrics: Readonly<Record<string, Metric>>;
}

/** Seconds that each value is about. */
const PERIOD = 300;

export interface AlarmsArgs {
  rules: readonly AlarmRule[];
  /** How the headings of the alarms' sections in docs/runbook.md begin, such as `ingest-alarm`. */
  runbook: string;
  /** Who is notified when an alarm is raised, and when it is over. Undefined: nobody. */
  topic: aws.sns.Topic | undefined;
  tags: Record<string, string>;
}

/** Makes an alarm for each rule. @param name of the component, which is their parent */
export function makeAlarms(name: string, { rules, runbook, topic, tags }: AlarmsArgs, parent: pulumi.Resource): void {
  const actions = topic === undefined ? [] : [topic.arn];
  for (const { name: suffix, description, section = suffix, watched, threshold } of rules) {
    new aws.cloudwatch.MetricAlarm(
      `${name}-${suffix}`,
      {
        ...("expression" in watched ? { metricQueries: queries(watched) } : { ...watched, period: PERIOD }),
        threshold,
        alarmDescription: `${description} What to do: ${runbookSection(`${runbook}-${section}`)}`,
        comparisonOperator: "GreaterThanThreshold",
        evaluationPeriods: 1,
        // As long as nothing happens, there is no data, which is fine.
        treatMissingData: "notBreaching",
        alarmActions: actions,
        okActions: actions,
        tags,
      },
      { parent },
    );
  }
}

function queries({ expression, metrics }: Calculated): aws.types.input.cloudwatch.MetricAlarmMetricQuery[] {
  const read = Object.entries(metrics).map(([id, { statistic: stat, ...metric }]) => ({
    id,
    metric: { ...metric, stat, period: PERIOD },
  }));
  return [...read, { id: "watched", expression, returnData: true }];
}

/** A topic that mails to an address. Undefined: the address is empty. @param name of the component, which is its parent */
export function mailTopic(
  name: string,
  endpoint: string,
  tags: Record<string, string>,
  parent: pulumi.Resource,
): aws.sns.Topic | undefined {
  if (endpoint === "") return undefined;
  const topic = new aws.sns.Topic(`${name}-topic`, { tags }, { parent });
  new aws.sns.TopicSubscription(`${name}-mail`, { topic: topic.arn, protocol: "email", endpoint }, { parent });
  return topic;
}
