import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { SQSClient } from "@aws-sdk/client-sqs";
import * as v from "valibot";
import { intakeOutput } from "../intakeStack";
import type { Session } from "../session";

const name = v.pipe(v.string(), v.nonEmpty());

/** Of a stack's output `intake`, what its queues, metrics and log need. */
const IntakeOutput = v.object({
  region: name,
  queueUrl: name,
  queueArn: name,
  deadLetterQueueUrl: name,
  deadLetterQueueArn: name,
  logGroup: name,
  metrics: v.object({ namespace: name, service: name }),
});

/** The queue, its dead letters, and what the store function reports, with the operator's own credentials. */
export interface IntakeQueues extends v.InferOutput<typeof IntakeOutput> {
  readonly sqs: SQSClient;
  readonly cloudwatch: CloudWatchClient;
  readonly logs: CloudWatchLogsClient;
}

const CONNECT_MS = 5_000;
const ANSWER_MS = 30_000;

/**
 * Opens the queues of the session's stack for a piece of work, and closes them after it.
 * @throws SluiceError `INTAKE_OUTPUT_INVALID`, or what readStackOutput throws
 */
export async function withIntakeQueues<T>(session: Session, work: (queues: IntakeQueues) => Promise<T>): Promise<T> {
  const [{ value, endpoint, credentials }, stack] = await session.output("intake");
  const output = intakeOutput(IntakeOutput, value, stack);
  const { region } = output;
  const where = { region, ...(endpoint === undefined ? {} : { endpoint }), ...(credentials && { credentials }) };
  const requestHandler = { connectionTimeout: CONNECT_MS, requestTimeout: ANSWER_MS, throwOnRequestTimeout: true };
  const sqs = new SQSClient({ ...where, requestHandler });
  const cloudwatch = new CloudWatchClient({ ...where, requestHandler });
  const logs = new CloudWatchLogsClient({ ...where, requestHandler });
  try {
    return await work({ ...output, sqs, cloudwatch, logs });
  } finally {
    for (const client of [sqs, cloudwatch, logs]) client.destroy();
  }
}
