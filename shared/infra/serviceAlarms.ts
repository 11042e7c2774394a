import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

export interface ServiceAlarmsArgs {
  queueName: pulumi.Input<string>;
  deadLetterQueueName: pulumi.Input<string>;
  functionName: pulumi.Input<string>;
  /** What alarms say: of messages in the dead-letter queue, and what the function is called. */
  wording: { deadLetters: string; function: string };
  /** Where waiting is a sign of trouble: what waits, and the age that raises an alarm, in minutes. Default: no alarm. */
  oldest?: { what: string; minutes: number };
  /** Who gets alarms: an address, for which a topic is made, or an existing topic. Empty: nobody. */
  notify: string | aws.sns.Topic;
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
export class ServiceAlarms extends pulumi.ComponentResource {
  /** Where alarms are published, if anywhere. */
  readonly topic: aws.sns.Topic | undefined;

  constructor(name: string, args: ServiceAlarmsArgs, options?: pulumi.ComponentResourceOptions) {
    super("sluice:infra:ServiceAlarms", name, {}, options);
    const tags = args.tags ?? {};
    this.topic = typeof args.notify === "string" ? this.#mail(name, args.notify, tags) : args.notify;
    const actions = this.topic === undefined ? [] : [this.topic.arn];
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

  #mail(name: string, endpoint: string, tags: Record<string, string>): aws.sns.Topic | undefined {
    if (endpoint === "") return undefined;
    const topic = new aws.sns.Topic(`${name}-topic`, { tags }, { parent: this });
    new aws.sns.TopicSubscription(`${name}-mail`, { topic: topic.arn, protocol: "email", endpoint }, { parent: this });
    return topic;
  }
}

function rules(args: ServiceAlarmsArgs): Rule[] {
  const { deadLetters, function: subject } = args.wording;
  const functions = {
    namespace: "AWS/Lambda",
    dimensions: { FunctionName: args.functionName },
    statistic: "Sum",
    threshold: 0,
  } as const;
  return [
    {
      name: "dead-letters",
      description: deadLetters,
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: args.deadLetterQueueName },
      statistic: "Maximum",
      threshold: 0,
    },
    ...(args.oldest === undefined ? [] : [oldestRule(args.queueName, args.oldest)]),
    { ...functions, name: "errors", description: `The ${subject} crashed or timed out.`, metricName: "Errors" },
    {
      ...functions,
      name: "throttles",
      description: `Lambda had no room for the ${subject}.`,
      metricName: "Throttles",
    },
  ];
}

function oldestRule(queueName: pulumi.Input<string>, { what, minutes }: { what: string; minutes: number }): Rule {
  return {
    name: "oldest",
    description: `The oldest ${what} has waited for more than ${minutes} minutes.`,
    namespace: "AWS/SQS",
    metricName: "ApproximateAgeOfOldestMessage",
    dimensions: { QueueName: queueName },
    statistic: "Maximum",
    threshold: minutes * 60,
  };
}
