import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { SQSClient } from "@aws-sdk/client-sqs";
import * as v from "valibot";
import { checkedOutput, clientOf } from "../outputClients";
import type { Session } from "../session";

const name = v.pipe(v.string(), v.nonEmpty());

/** The part of a stack's output `intake` about queues, metrics and log. */
const IntakeOutput = v.object({
  region: name,
  queueUrl: name,
  queueArn: name,
  deadLetterQueueUrl: name,
  deadLetterQueueArn: name,
  logGroup: name,
  metrics: v.object({ namespace: name, service: name }),
});

/** Access to the queue, its dead letters, and the store function's reports, with the operator's own credentials. */
export interface IntakeQueues extends v.InferOutput<typeof IntakeOutput> {
  readonly sqs: SQSClient;
  readonly cloudwatch: CloudWatchClient;
  readonly logs: CloudWatchLogsClient;
}

/**
 * Opens the queues of the session's stack for a piece of work, and closes them after it.
 * @throws SluiceError `INTAKE_OUTPUT_INVALID`, or the errors of readStackOutput
 */
export async function withIntakeQueues<T>(session: Session, work: (queues: IntakeQueues) => Promise<T>): Promise<T> {
  const [output, stack] = await session.output("intake");
  const checked = checkedOutput(IntakeOutput, output.value, { name: "intake", stack });
  const sqs = clientOf(SQSClient, output, checked.region);
  const cloudwatch = clientOf(CloudWatchClient, output, checked.region);
  const logs = clientOf(CloudWatchLogsClient, output, checked.region);
  try {
    return await work({ ...checked, sqs, cloudwatch, logs });
  } finally {
    for (const client of [sqs, cloudwatch, logs]) client.destroy();
  }
}
