import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

export interface ExecutionWatchArgs {
  stateMachine: aws.sfn.StateMachine;
  /** The function that stops the job of an execution that ended badly. */
  summarize: aws.lambda.Function;
  /** Tags of the rule. */
  tags: Record<string, string>;
}

/**
 * Tells the Summarize function of executions that failed, timed out or were stopped, from outside too. Step Functions sends its events to
 * the account's own bus only.
 */
export class ExecutionWatch extends pulumi.ComponentResource {
  constructor(
    name: string,
    { stateMachine, summarize, tags }: ExecutionWatchArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("sluice:shuffle:ExecutionWatch", name, {}, options);
    const parent = { parent: this };
    const rule = new aws.cloudwatch.EventRule(
      `${name}-rule`,
      {
        description: "Executions of bulk jobs that end badly.",
        eventPattern: pulumi.jsonStringify({
          source: ["aws.states"],
          "detail-type": ["Step Functions Execution Status Change"],
          detail: { stateMachineArn: [stateMachine.arn], status: ["FAILED", "TIMED_OUT", "ABORTED"] },
        }),
        tags,
      },
      parent,
    );
    const permission = new aws.lambda.Permission(
      `${name}-permission`,
      {
        action: "lambda:InvokeFunction",
        function: summarize.name,
        principal: "events.amazonaws.com",
        sourceArn: rule.arn,
      },
      parent,
    );
    new aws.cloudwatch.EventTarget(
      `${name}-target`,
      { rule: rule.name, arn: summarize.arn },
      { parent: this, dependsOn: permission },
    );
    this.registerOutputs({});
  }
}
