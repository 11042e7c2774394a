import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument } from "../../shared/infra/policy";

const SECONDS_PER_DAY = 86_400;

export interface JobEndsArgs {
  /** The jobs table, because an event bus may carry events of several stacks. */
  jobsTableName: pulumi.Input<string>;
  /** Days for which a message waits, 1 to 14. Default 4. */
  retentionDays?: number;
}

/**
 * A queue that gets a message when a job completes or fails: the event `Job completed` or `Job failed`, with the result
 * unless that is larger than 100 kB. A program of yours can wait for it instead of asking again and again.
 */
export class JobEnds extends pulumi.ComponentResource {
  readonly queue: aws.sqs.Queue;

  /** @throws RangeError if `retentionDays` is out of bounds, before anything is made. */
  constructor(name: string, args: JobEndsArgs, options?: pulumi.ComponentResourceOptions) {
    const { jobsTableName, retentionDays = 4 } = args;
    if (!(retentionDays >= 1 && retentionDays <= 14)) {
      throw new RangeError(`retentionDays must be 1 to 14, got ${retentionDays}.`);
    }
    super("examples:ownComponent:JobEnds", name, {}, options);
    const parent = { parent: this };
    this.queue = new aws.sqs.Queue(
      `${name}-queue`,
      { messageRetentionSeconds: retentionDays * SECONDS_PER_DAY, sqsManagedSseEnabled: true },
      parent,
    );
    const rule = new aws.cloudwatch.EventRule(
      `${name}-rule`,
      {
        description: "Bulk jobs that end.",
        eventPattern: pulumi.jsonStringify({
          source: ["sluice.jobs"],
          "detail-type": ["Job completed", "Job failed"],
          detail: { jobsTable: [jobsTableName] },
        }),
      },
      parent,
    );
    const policy = new aws.sqs.QueuePolicy(
      `${name}-policy`,
      {
        queueUrl: this.queue.url,
        policy: policyDocument([
          {
            Sid: "SendHowJobsEnd",
            Effect: "Allow",
            Principal: { Service: "events.amazonaws.com" },
            Action: "sqs:SendMessage",
            Resource: this.queue.arn,
            Condition: { ArnEquals: { "aws:SourceArn": rule.arn } },
          },
        ]),
      },
      parent,
    );
    // Without the policy EventBridge drops the event.
    new aws.cloudwatch.EventTarget(
      `${name}-target`,
      { rule: rule.name, arn: this.queue.arn },
      { ...parent, dependsOn: policy },
    );
    this.registerOutputs({ queueUrl: this.queue.url });
  }
}
