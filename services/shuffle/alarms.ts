import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

export interface WorkflowAlarmsArgs {
  stateMachine: aws.sfn.StateMachine;
  functions: readonly aws.lambda.Function[];
  /** Group of the schedule that starts executions. Undefined: there is none. */
  scheduleGroup: aws.scheduler.ScheduleGroup | undefined;
  /** Who gets alarms: an address. Empty: nobody. */
  notify: string;
  tags: Record<string, string>;
}

/** What somebody should look at: executions that end badly, and functions without room. Retries make up for single errors. */
export class WorkflowAlarms extends pulumi.ComponentResource {
  constructor(
    name: string,
    { stateMachine, functions, scheduleGroup, notify, tags }: WorkflowAlarmsArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("sluice:shuffle:WorkflowAlarms", name, {}, options);
    const topic = notify === "" ? undefined : this.#mail(name, notify, tags);
    const actions = topic === undefined ? [] : [topic.arn];
    const alarm = (suffix: string, alarmDescription: string, metric: Metric) =>
      new aws.cloudwatch.MetricAlarm(
        `${name}-${suffix}`,
        {
          ...metric,
          alarmDescription,
          statistic: "Sum",
          threshold: 0,
          comparisonOperator: "GreaterThanThreshold",
          period: 300,
          evaluationPeriods: 1,
          // No executions and no invocations give no data, which is fine.
          treatMissingData: "notBreaching",
          alarmActions: actions,
          okActions: actions,
          tags,
        },
        { parent: this },
      );
    const dimensions = { StateMachineArn: stateMachine.arn };
    for (const [suffix, metricName, how] of ENDS) {
      alarm(suffix, `An execution ${how}; its job can be resumed.`, {
        namespace: "AWS/States",
        metricName,
        dimensions,
      });
    }
    functions.forEach((of, at) => {
      const metric = { namespace: "AWS/Lambda", metricName: "Throttles", dimensions: { FunctionName: of.name } };
      alarm(`throttles-${at}`, "Lambda had no room for a function of the workflow.", metric);
    });
    if (scheduleGroup !== undefined) {
      // Published once a start was given up: https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html
      const dropped = { namespace: "AWS/Scheduler", metricName: "InvocationDroppedCount" };
      const metric = { ...dropped, dimensions: { ScheduleGroup: scheduleGroup.name } };
      alarm("schedule", "The schedule could not start the state machine, so a job is missing.", metric);
    }
    this.registerOutputs({});
  }

  #mail(name: string, endpoint: string, tags: Record<string, string>): aws.sns.Topic {
    const topic = new aws.sns.Topic(`${name}-topic`, { tags }, { parent: this });
    new aws.sns.TopicSubscription(`${name}-mail`, { topic: topic.arn, protocol: "email", endpoint }, { parent: this });
    return topic;
  }
}

interface Metric {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Record<string, pulumi.Input<string>>;
}

const ENDS = [
  ["failed", "ExecutionsFailed", "failed"],
  ["timed-out", "ExecutionsTimedOut", "timed out"],
  ["aborted", "ExecutionsAborted", "was stopped"],
] as const;
