import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { allow, trustService } from "../../shared/infra/policy";
import { rolePolicies } from "../../shared/infra/rolePolicies";
import type { ScheduleSettings } from "./schedule";

export interface JobScheduleArgs extends ScheduleSettings {
  stateMachine: aws.sfn.StateMachine;
  /** The only account whose schedules may take on the role, 12 digits. */
  accountId: pulumi.Input<string>;
  tags: Record<string, string>;
}

/** A start is repeated for so long, seconds: shorter than any sensible interval, long enough for a service's bad hour. */
const RETRIED_SECONDS = 3_600;

/**
 * Starts the state machine with a start request, again and again.
 *
 * EventBridge Scheduler, and not a rule of EventBridge with a schedule, which AWS calls a legacy feature: a start that fails is
 * repeated and counted in a metric of its own group. Either needs a role. It starts at least once, so two jobs may run.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html
 */
export class JobSchedule extends pulumi.ComponentResource {
  /** Its metrics and tags are those of its group. */
  readonly group: aws.scheduler.ScheduleGroup;

  constructor(
    name: string,
    { stateMachine, schedule, scheduledRequest, accountId, tags }: JobScheduleArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("sluice:shuffle:JobSchedule", name, {}, options);
    const parent = { parent: this };
    this.group = new aws.scheduler.ScheduleGroup(`${name}-group`, { tags }, parent);
    // https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html: the group, not the schedule.
    const condition = { StringEquals: { "aws:SourceAccount": accountId, "aws:SourceArn": this.group.arn } };
    const assumeRolePolicy = trustService("scheduler.amazonaws.com", condition);
    const role = new aws.iam.Role(`${name}-role`, { assumeRolePolicy, tags }, parent);
    const statements = [allow("StartJobs", ["states:StartExecution"], stateMachine.arn)];
    const policies = rolePolicies(name, { role, statements, tags }, parent);
    new aws.scheduler.Schedule(
      name,
      {
        groupName: this.group.name,
        description: "Starts a bulk job.",
        scheduleExpression: schedule,
        scheduleExpressionTimezone: "UTC",
        flexibleTimeWindow: { mode: "OFF" },
        target: {
          arn: stateMachine.arn,
          roleArn: role.arn,
          input: scheduledRequest,
          retryPolicy: { maximumEventAgeInSeconds: RETRIED_SECONDS },
        },
      },
      { parent: this, dependsOn: policies },
    );
    this.registerOutputs({});
  }
}
