import { GetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";

/** Messages of a queue that are not done: waiting, hidden or delayed. */
export async function messagesIn(sqs: SQSClient, QueueUrl: string): Promise<number> {
  const names = ["", "NotVisible", "Delayed"].map((state) => `ApproximateNumberOfMessages${state}` as const);
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: names as ["ApproximateNumberOfMessages"] });
  const { Attributes = {} } = await sqs.send(command);
  return names.reduce((sum, name) => sum + Number((Attributes as Record<string, string>)[name] ?? 0), 0);
}
