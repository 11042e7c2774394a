import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument } from "../../shared/infra/policy";

export interface JobMailArgs {
  /** The address that gets the mail. */
  email: string;
  /** Name of the bus on which the ends of jobs are published. */
  eventBus: string;
  /** The jobs table, because a bus may carry events of several stacks. */
  jobsTableName: pulumi.Input<string>;
  /** Tags of rule and topic. Default none. */
  tags?: Record<string, string>;
}

/** Mails the ends of jobs: a rule on the event bus, a topic, and a subscription that its owner has to confirm. */
export class JobMail extends pulumi.ComponentResource {
  readonly topic: aws.sns.Topic;

  constructor(name: string, args: JobMailArgs, options?: pulumi.ComponentResourceOptions) {
    super("sluice:infra:JobMail", name, {}, options);
    const parent = { parent: this };
    const tags = args.tags ?? {};
    this.topic = new aws.sns.Topic(`${name}-topic`, { tags }, parent);
    const rule = new aws.cloudwatch.EventRule(
      `${name}-rule`,
      {
        description: "Bulk jobs that end.",
        eventBusName: args.eventBus,
        eventPattern: pulumi.jsonStringify({
          source: ["sluice.jobs"],
          detail: { jobsTable: [args.jobsTableName] },
        }),
        tags,
      },
      parent,
    );
    new aws.sns.TopicPolicy(
      `${name}-topic-policy`,
      {
        arn: this.topic.arn,
        policy: policyDocument([
          {
            Sid: "PublishHowJobsEnd",
            Effect: "Allow",
            Principal: { Service: "events.amazonaws.com" },
            Action: "sns:Publish",
            Resource: this.topic.arn,
            Condition: { ArnEquals: { "aws:SourceArn": rule.arn } },
          },
        ]),
      },
      parent,
    );
    new aws.cloudwatch.EventTarget(
      `${name}-target`,
      {
        rule: rule.name,
        eventBusName: args.eventBus,
        arn: this.topic.arn,
        inputTransformer: {
          inputPaths: { summary: "$.detail.summary" },
          // EventBridge requires quotes around a template of text, and they stay in the mail.
          inputTemplate: '"<summary>"',
        },
      },
      parent,
    );
    new aws.sns.TopicSubscription(
      `${name}-subscription`,
      { topic: this.topic.arn, protocol: "email", endpoint: args.email },
      parent,
    );
    this.registerOutputs({ topicArn: this.topic.arn });
  }
}
