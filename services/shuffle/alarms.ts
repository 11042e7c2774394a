import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type AlarmRule, mailTopic, makeAlarms } from "../../shared/infra/alarms";

export interface WorkflowAlarmsArgs {
  stateMachine: aws.sfn.StateMachine;
  functions: readonly aws.lambda.Function[];
  /** Group of the schedule that starts executions. Undefined: there is none. */
  scheduleGroup: aws.scheduler.ScheduleGroup | undefined;
  /** Who gets alarms: an address. Empty: nobody. */
  notify: string;
  tags: Record<string, string>;
}

/**
 * Alarms for what needs attention: executions that end badly, and functions that Lambda throttles. Retries take care of
 * single errors.
 */
export class WorkflowAlarms extends pulumi.ComponentResource {
  constructor(name: string, args: WorkflowAlarmsArgs, options?: pulumi.ComponentResourceOptions) {
    super("sluice:shuffle:WorkflowAlarms", name, {}, options);
    const { notify, tags } = args;
    const topic = mailTopic(name, notify, tags, this);
    makeAlarms(name, { rules: rules(args), runbook: "shuffle-alarm", topic, tags }, this);
    this.registerOutputs({});
  }
}

const ENDS = [
  ["failed", "ExecutionsFailed", "failed"],
  ["timed-out", "ExecutionsTimedOut", "timed out"],
  ["aborted", "ExecutionsAborted", "was stopped"],
] as const;

function rules({ stateMachine, functions, scheduleGroup }: WorkflowAlarmsArgs): AlarmRule[] {
  const sum = { statistic: "Sum" } as const;
  return [
    ...ENDS.map(([name, metricName, how]) => ({
      name,
      description: `An execution ${how}. If it had a job, that can be resumed.`,
      watched: {
        ...sum,
        namespace: "AWS/States",
        metricName,
        dimensions: { StateMachineArn: stateMachine.arn },
      },
      threshold: 0,
    })),
    ...functions.map((of, at) => ({
      name: `throttles-${at}`,
      section: "throttles",
      description: "Lambda throttled a function of the workflow.",
      watched: { ...sum, namespace: "AWS/Lambda", metricName: "Throttles", dimensions: { FunctionName: of.name } },
      threshold: 0,
    })),
    ...(scheduleGroup === undefined ? [] : [droppedStart(scheduleGroup)]),
  ];
}

/** Published once a start was given up: https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html */
function droppedStart({ name: group }: aws.scheduler.ScheduleGroup): AlarmRule {
  return {
    name: "schedule",
    description: "The schedule could not start the state machine, so a job is missing.",
    watched: {
      namespace: "AWS/Scheduler",
      metricName: "InvocationDroppedCount",
      dimensions: { ScheduleGroup: group },
      statistic: "Sum",
    },
    threshold: 0,
  };
}
