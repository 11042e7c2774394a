import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { invokeOnEvents } from "../../shared/infra/invokeOnEvents";

export interface ExecutionWatchArgs {
  stateMachine: aws.sfn.StateMachine;
  /** The function that stops the job of a failed execution. */
  summarize: aws.lambda.Function;
  /** Tags of the rule. */
  tags: Record<string, string>;
}

/**
 * Invokes the Summarize function for executions that failed, timed out or were stopped, even from outside. Step Functions sends its
 * events only to the account's own bus.
 */
export class ExecutionWatch extends pulumi.ComponentResource {
  constructor(
    name: string,
    { stateMachine, summarize, tags }: ExecutionWatchArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("sluice:shuffle:ExecutionWatch", name, {}, options);
    const pattern = {
      source: ["aws.states"],
      "detail-type": ["Step Functions Execution Status Change"],
      detail: { stateMachineArn: [stateMachine.arn], status: ["FAILED", "TIMED_OUT", "ABORTED"] },
    };
    const description = "Executions of bulk jobs that end badly.";
    invokeOnEvents(name, { description, pattern, invoked: summarize, tags }, this);
    this.registerOutputs({});
  }
}
