import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";

const sqs = new SQSClient({});

/** Puts a unit of work into the queue. */
export async function handler({ job }: { job: string }): Promise<{ started: string }> {
  await sqs.send(new SendMessageCommand({ QueueUrl: process.env.QUEUE_URL, MessageBody: job }));
  return { started: job };
}
