import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { allow, trustService } from "./policy";
import { rolePolicies } from "./rolePolicies";

export interface ScheduledCallArgs {
  description: string;
  /** `rate(…)` or `cron(…)` of EventBridge Scheduler, in UTC. */
  expression: pulumi.Input<string>;
  /** ARN of the state machine or function that it calls. */
  target: pulumi.Input<string>;
  /** Name of the permission's statement, and the action: what the schedule's role may do with the target. */
  permission: readonly [sid: string, action: string];
  /** JSON that the target gets. */
  input: pulumi.Input<string>;
  /** How long a call that the target refuses is repeated, seconds, 60 or more. */
  retriedSeconds: number;
  /** The only account whose schedules may assume the role, 12 digits. */
  accountId: pulumi.Input<string>;
  tags: Record<string, string>;
}

/**
 * Calls a state machine or a function again and again.
 *
 * EventBridge Scheduler, and not a rule of EventBridge with a schedule, which AWS calls a legacy feature: a call that fails is repeated and
 * counted in a metric of its own group. It calls at least once, so perhaps twice.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html
 * @param name of the component, which is the parent of all.
 * @returns the schedule's group, which has its metrics and tags.
 */
export function scheduledCall(
  name: string,
  { description, expression, target, permission, input, retriedSeconds, accountId, tags }: ScheduledCallArgs,
  component: pulumi.Resource,
): aws.scheduler.ScheduleGroup {
  const parent = { parent: component };
  const group = new aws.scheduler.ScheduleGroup(`${name}-group`, { tags }, parent);
  // https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html: the group, not the schedule.
  const condition = { StringEquals: { "aws:SourceAccount": accountId, "aws:SourceArn": group.arn } };
  const assumeRolePolicy = trustService("scheduler.amazonaws.com", condition);
  const role = new aws.iam.Role(`${name}-role`, { assumeRolePolicy, tags }, parent);
  const [sid, action] = permission;
  const policies = rolePolicies(name, { role, statements: [allow(sid, [action], target)], tags }, parent);
  new aws.scheduler.Schedule(
    name,
    {
      groupName: group.name,
      description,
      scheduleExpression: expression,
      scheduleExpressionTimezone: "UTC",
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: target,
        roleArn: role.arn,
        input,
        retryPolicy: { maximumEventAgeInSeconds: retriedSeconds },
      },
    },
    { ...parent, dependsOn: policies },
  );
  return group;
}
