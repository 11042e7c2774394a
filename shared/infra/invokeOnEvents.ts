import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

export interface InvokeOnEventsArgs {
  description: string;
  /** EventBridge's pattern for events of the account's own bus. */
  pattern: Record<string, unknown>;
  /** The function that receives the events, unchanged. */
  invoked: aws.lambda.Function;
  /** Tags of the rule. */
  tags: Record<string, string>;
}

/** Invokes a function on events of AWS's services, which go to the account's own bus only. @param name of the component, which is their parent */
export function invokeOnEvents(
  name: string,
  { description, pattern, invoked, tags }: InvokeOnEventsArgs,
  parent: pulumi.Resource,
): void {
  const eventPattern = pulumi.jsonStringify(pattern);
  const rule = new aws.cloudwatch.EventRule(`${name}-rule`, { description, eventPattern, tags }, { parent });
  const permission = new aws.lambda.Permission(
    `${name}-permission`,
    {
      action: "lambda:InvokeFunction",
      function: invoked.name,
      principal: "events.amazonaws.com",
      sourceArn: rule.arn,
    },
    { parent },
  );
  new aws.cloudwatch.EventTarget(
    `${name}-target`,
    { rule: rule.name, arn: invoked.arn },
    { parent, dependsOn: permission },
  );
}
