import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { scheduledCall } from "../../shared/infra/scheduledCall";
import type { Sweep } from "./sweep";

export interface EndSweepArgs {
  /** The function that handles the ends of runs. */
  invoked: aws.lambda.Function;
  /** Name of the Glue job whose runs it looks at. */
  glueJob: string;
  /** The only account whose schedules may assume the role, 12 digits. */
  accountId: pulumi.Input<string>;
  tags: Record<string, string>;
}

/** The longest time until somebody notices that a job's run died. */
const EVERY = "rate(15 minutes)";
/** If a sweep fails, the next one does its work. */
const RETRIED_SECONDS = 300;

/**
 * A schedule on which the function looks for ended runs whose events were lost, because Glue publishes events on a
 * best-effort basis.
 */
export class EndSweep extends pulumi.ComponentResource {
  constructor(
    name: string,
    { invoked, glueJob, accountId, tags }: EndSweepArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("sluice:glue:EndSweep", name, {}, options);
    const call = {
      description: "Looks for ends of Glue runs whose events were lost.",
      expression: EVERY,
      target: invoked.arn,
      permission: ["LookForEnds", "lambda:InvokeFunction"],
      input: JSON.stringify({ sweep: glueJob } satisfies Sweep),
      retriedSeconds: RETRIED_SECONDS,
    } as const;
    scheduledCall(name, { ...call, accountId, tags }, this);
    this.registerOutputs({});
  }
}
