import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { scheduledCall } from "../../shared/infra/scheduledCall";
import type { ScheduleSettings } from "./schedule";

export interface JobScheduleArgs extends ScheduleSettings {
  stateMachine: aws.sfn.StateMachine;
  /** The only account whose schedules may assume the role, 12 digits. */
  accountId: pulumi.Input<string>;
  tags: Record<string, string>;
}

/**
 * How long a failed start is repeated, seconds: shorter than any sensible interval, long enough for a service's bad hour.
 */
const RETRIED_SECONDS = 3_600;

/** Starts the state machine with a start request, again and again: at least once each time, so two jobs may run. */
export class JobSchedule extends pulumi.ComponentResource {
  /** Its metrics and tags are those of its group. */
  readonly group: aws.scheduler.ScheduleGroup;

  constructor(
    name: string,
    { stateMachine, schedule, scheduledRequest, accountId, tags }: JobScheduleArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("sluice:shuffle:JobSchedule", name, {}, options);
    const call = {
      description: "Starts a bulk job.",
      expression: schedule,
      target: stateMachine.arn,
      permission: ["StartJobs", "states:StartExecution"],
      input: scheduledRequest,
      retriedSeconds: RETRIED_SECONDS,
    } as const;
    this.group = scheduledCall(name, { ...call, accountId, tags }, this);
    this.registerOutputs({});
  }
}
