import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { guardStatements, policyDocument } from "./policy";
import { protectedIf } from "./protection";

/** The largest message SQS carries: 1 MiB. The provider's own default is still 262,144 bytes. */
const MAX_MESSAGE_BYTES = 1_048_576;
const SECONDS_PER_DAY = 86_400;
/**
 * The longest SQS keeps a message. A dead letter keeps its age, so its queue must have a longer retention than the first
 * one.
 */
const DEAD_LETTER_DAYS = 14;

export interface QueueWithDeadLettersArgs {
  /** The AWS account that owns the queues, 12 digits. */
  accountId: pulumi.Input<string>;
  /** Seconds for which a received message stays hidden. 0 to 43,200. */
  visibilityTimeoutSeconds: number;
  /** Receives after which a message is a dead letter. 1 to 1,000. */
  maxReceiveCount: number;
  /** Days for which a message waits. 1 to 13. */
  retentionDays: number;
  /** True makes `pulumi destroy` stop at both queues and their policies; false lets it delete them with their messages. */
  deletionProtection: boolean;
  /** Tags of both queues. Default none. */
  tags?: Record<string, string>;
}

/** A standard queue and its dead-letter queue: encrypted, TLS only, closed to other accounts, 1 MiB messages. */
export class QueueWithDeadLetters extends pulumi.ComponentResource {
  readonly queue: aws.sqs.Queue;
  readonly deadLetters: aws.sqs.Queue;

  constructor(name: string, args: QueueWithDeadLettersArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("sluice:infra:QueueWithDeadLetters", name, {}, protectedIf(args.deletionProtection, options));
    const common = { maxMessageSize: MAX_MESSAGE_BYTES, sqsManagedSseEnabled: true, tags: args.tags ?? {} };
    this.deadLetters = new aws.sqs.Queue(
      `${name}-dead`,
      { ...common, messageRetentionSeconds: DEAD_LETTER_DAYS * SECONDS_PER_DAY },
      { parent: this },
    );
    this.queue = new aws.sqs.Queue(
      name,
      {
        ...common,
        messageRetentionSeconds: args.retentionDays * SECONDS_PER_DAY,
        visibilityTimeoutSeconds: args.visibilityTimeoutSeconds,
        // Long polling, for people who read by hand; Lambda's pollers have their own wait.
        receiveWaitTimeSeconds: 20,
        redrivePolicy: pulumi.jsonStringify({
          deadLetterTargetArn: this.deadLetters.arn,
          maxReceiveCount: args.maxReceiveCount,
        }),
      },
      { parent: this },
    );
    new aws.sqs.RedriveAllowPolicy(
      `${name}-dead-redrive`,
      {
        queueUrl: this.deadLetters.url,
        redriveAllowPolicy: pulumi.jsonStringify({
          redrivePermission: "byQueue",
          sourceQueueArns: [this.queue.arn],
        }),
      },
      { parent: this },
    );
    this.#guard(name, this.queue, args.accountId);
    this.#guard(`${name}-dead`, this.deadLetters, args.accountId);
    this.registerOutputs({ queueUrl: this.queue.url, deadLetterQueueUrl: this.deadLetters.url });
  }

  #guard(name: string, queue: aws.sqs.Queue, accountId: pulumi.Input<string>): void {
    const statements = guardStatements({ action: "sqs:*", resources: [queue.arn], accountId });
    new aws.sqs.QueuePolicy(
      `${name}-policy`,
      { queueUrl: queue.url, policy: policyDocument(statements) },
      { parent: this },
    );
  }
}
