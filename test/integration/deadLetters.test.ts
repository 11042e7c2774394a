import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { RunningCloud } from "./runningCloud";
import { survey } from "./surveys";

let cloud: RunningCloud;
beforeAll(async () => {
  cloud = await RunningCloud.start({ ingestTimeoutSeconds: "5" });
});
afterAll(() => cloud?.stop());

test("what fails for too long becomes a dead letter, and a redrive counts it once", async () => {
  const sqs = new SQSClient(cloud.client);
  const { queueUrl: QueueUrl, deadLetterQueueUrl } = cloud.state.outputs;
  // The real limit takes hours of back-off to reach; one receive is enough to see the way.
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["RedrivePolicy"] }));
  const redrive = { ...JSON.parse(Attributes?.RedrivePolicy ?? "{}"), maxReceiveCount: 1 };
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy: JSON.stringify(redrive) } }));
  const broken = { kind: "error", code: "InternalServerError", status: 500 };
  await cloud.setFaults([{ service: "dynamodb", action: "TransactWriteItems", fault: broken }]);

  const body = JSON.stringify(survey({ user_id: "unlucky" }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
  await cloud.reader.drained(60_000);
  expect((await cloud.reader.state()).dead).toBe(1);

  await cloud.setFaults([]);
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: deadLetterQueueUrl }));
  expect(Messages.map(({ Body }) => Body)).toEqual([body]);
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
  const ReceiptHandle = Messages[0]?.ReceiptHandle;
  await sqs.send(new DeleteMessageCommand({ QueueUrl: deadLetterQueueUrl, ReceiptHandle }));
  await cloud.reader.drained(60_000);
  const { participants, dead } = await cloud.reader.state();
  expect(participants.unlucky).toMatchObject({ num_submission: 1 });
  expect(dead).toBe(0);
});
