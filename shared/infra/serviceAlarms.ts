import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type AlarmRule, mailTopic, makeAlarms } from "./alarms";

export interface ServiceAlarmsArgs {
  queueName: pulumi.Input<string>;
  deadLetterQueueName: pulumi.Input<string>;
  functionName: pulumi.Input<string>;
  /** Texts of the alarms: the sentence about dead letters, and the function's name. */
  wording: { deadLetters: string; function: string };
  /** How the headings of its sections in docs/runbook.md begin. */
  runbook: string;
  /**
   * For a queue in which waiting is a sign of trouble: what waits, and the age that raises an alarm, in minutes. Default:
   * no alarm.
   */
  oldest?: { what: string; minutes: number };
  /** What else is watched. Default nothing. */
  more?: readonly AlarmRule[];
  /** Who gets alarms: an address, for which a topic is made, or an existing topic. Empty: nobody. */
  notify: string | aws.sns.Topic;
  /** Tags of alarms and topic. Default none. */
  tags?: Record<string, string>;
}

/** Alarms for what needs attention: dead letters, a queue that is not drained, failing or throttled functions. */
export class ServiceAlarms extends pulumi.ComponentResource {
  /** The topic to which alarms are published, if there is one. */
  readonly topic: aws.sns.Topic | undefined;

  constructor(name: string, args: ServiceAlarmsArgs, options?: pulumi.ComponentResourceOptions) {
    super("sluice:infra:ServiceAlarms", name, {}, options);
    const tags = args.tags ?? {};
    const { notify, runbook } = args;
    this.topic = typeof notify === "string" ? mailTopic(name, notify, tags, this) : notify;
    makeAlarms(name, { rules: rules(args), runbook, topic: this.topic, tags }, this);
    this.registerOutputs({});
  }
}

function rules(args: ServiceAlarmsArgs): AlarmRule[] {
  const { deadLetters, function: subject } = args.wording;
  const functions = {
    namespace: "AWS/Lambda",
    dimensions: { FunctionName: args.functionName },
    statistic: "Sum",
  } as const;
  return [
    {
      name: "dead-letters",
      description: deadLetters,
      watched: {
        namespace: "AWS/SQS",
        metricName: "ApproximateNumberOfMessagesVisible",
        dimensions: { QueueName: args.deadLetterQueueName },
        statistic: "Maximum",
      },
      threshold: 0,
    },
    ...(args.oldest === undefined ? [] : [oldestRule(args.queueName, args.oldest)]),
    {
      name: "errors",
      description: `The ${subject} crashed or timed out.`,
      watched: { ...functions, metricName: "Errors" },
      threshold: 0,
    },
    {
      name: "throttles",
      description: `Lambda throttled the ${subject}.`,
      watched: { ...functions, metricName: "Throttles" },
      threshold: 0,
    },
    ...(args.more ?? []),
  ];
}

function oldestRule(queueName: pulumi.Input<string>, { what, minutes }: { what: string; minutes: number }): AlarmRule {
  return {
    name: "oldest",
    description: `The oldest ${what} has waited for more than ${minutes} minutes.`,
    watched: {
      namespace: "AWS/SQS",
      metricName: "ApproximateAgeOfOldestMessage",
      dimensions: { QueueName: queueName },
      statistic: "Maximum",
    },
    threshold: minutes * 60,
  };
}
