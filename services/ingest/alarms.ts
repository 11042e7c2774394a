import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

export interface IngestAlarmsArgs {
  queueName: pulumi.Input<string>;
  deadLetterQueueName: pulumi.Input<string>;
  functionName: pulumi.Input<string>;
  /** Who is told. Empty tells nobody. */
  email: string;
  /** Age of the oldest waiting submission that raises an alarm, in minutes. */
  oldestMinutes: number;
  /** Tags of alarms and topic. Default none. */
  tags?: Record<string, string>;
}

interface Rule {
  name: string;
  description: string;
  namespace: "AWS/SQS" | "AWS/Lambda";
  metricName: string;
  dimensions: Record<string, pulumi.Input<string>>;
  statistic: "Maximum" | "Sum";
  /** The alarm is raised above this. */
  threshold: number;
}

/** What somebody should look at: dead letters, a queue that is not drained, failing or throttled functions. */
export class IngestAlarms extends pulumi.ComponentResource {
  constructor(name: string, args: IngestAlarmsArgs, options?: pulumi.ComponentResourceOptions) {
    super("sluice:ingest:IngestAlarms", name, {}, options);
    const tags = args.tags ?? {};
    const actions = args.email === "" ? [] : [this.#mail(name, args.email, tags).arn];
    for (const rule of rules(args)) {
      const { name: suffix, description, ...metric } = rule;
      new aws.cloudwatch.MetricAlarm(
        `${name}-${suffix}`,
        {
          ...metric,
          alarmDescription: description,
          comparisonOperator: "GreaterThanThreshold",
          period: 300,
          evaluationPeriods: 1,
          // No messages and no invocations give no data, which is fine.
          treatMissingData: "notBreaching",
          alarmActions: actions,
          okActions: actions,
          tags,
        },
        { parent: this },
      );
    }
    this.registerOutputs({});
  }

  #mail(name: string, endpoint: string, tags: Record<string, string>): aws.sns.Topic {
    const topic = new aws.sns.Topic(`${name}-topic`, { tags }, { parent: this });
    new aws.sns.TopicSubscription(`${name}-mail`, { topic: topic.arn, protocol: "email", endpoint }, { parent: this });
    return topic;
  }
}

function rules(args: IngestAlarmsArgs): Rule[] {
  const functions = {
    namespace: "AWS/Lambda",
    dimensions: { FunctionName: args.functionName },
    statistic: "Sum",
    threshold: 0,
  } as const;
  return [
    {
      name: "dead-letters",
      description: "Submissions that could not be stored wait in the dead-letter queue.",
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: args.deadLetterQueueName },
      statistic: "Maximum",
      threshold: 0,
    },
    {
      name: "oldest",
      description: `The oldest submission has waited for more than ${args.oldestMinutes} minutes.`,
      namespace: "AWS/SQS",
      metricName: "ApproximateAgeOfOldestMessage",
      dimensions: { QueueName: args.queueName },
      statistic: "Maximum",
      threshold: args.oldestMinutes * 60,
    },
    { ...functions, name: "errors", description: "The store function crashed or timed out.", metricName: "Errors" },
    {
      ...functions,
      name: "throttles",
      description: "Lambda had no room for the store function.",
      metricName: "Throttles",
    },
  ];
}
