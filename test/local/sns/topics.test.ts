import { GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Mail } from "../../../local/sns/topics";
import { request, signed } from "../gateway/requests";
import { policy, SmallCloud } from "../smallCloud";

let cloud: SmallCloud;
let sqs: SQSClient;
let topic: string;
let queue: Record<string, string>;
beforeEach(async () => {
  cloud = await SmallCloud.start();
  sqs = new SQSClient(cloud.as());
  topic = String((await cloud.make("aws:sns/topic:Topic", "done", {})).arn);
  queue = await cloud.make("aws:sqs/queue:Queue", "inbox", {});
});
afterEach(async () => {
  sqs?.destroy();
  await cloud?.stop();
});

const subscribe = (protocol: string, endpoint: string, more: object = {}) =>
  cloud.make("aws:sns/topicSubscription:TopicSubscription", "sub", { topic, protocol, endpoint, ...more });

async function openQueue(): Promise<void> {
  const statement = {
    Effect: "Allow",
    Principal: { Service: "sns.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: queue.arn,
    Condition: { ArnEquals: { "aws:SourceArn": topic } },
  };
  await cloud.make("aws:sqs/queuePolicy:QueuePolicy", "open", { queueUrl: queue.url, policy: policy([statement]) });
}

/** A call of SNS by the query protocol, as the administrator or as a role. */
async function call(fields: Record<string, string>, roleArn?: string): Promise<{ status: number; body: string }> {
  const body = new URLSearchParams(fields).toString();
  const headers = { host: new URL(cloud.endpoint).host, "content-type": "application/x-www-form-urlencoded" };
  const asked = await signed(cloud.as(roleArn).credentials, "sns", request({ method: "POST", headers, body }));
  const response = await fetch(cloud.endpoint, {
    method: "POST",
    headers: asked.headers as Record<string, string>,
    body,
  });
  return { status: response.status, body: await response.text() };
}
const publish = (more: Record<string, string> = {}, roleArn?: string) =>
  call({ Action: "Publish", TopicArn: topic, Message: "hello", ...more }, roleArn);

async function received() {
  const command = new ReceiveMessageCommand({ QueueUrl: queue.url, MaxNumberOfMessages: 10 });
  const { Messages = [] } = await sqs.send(command);
  return Messages.map(({ Body = "" }) => Body);
}

test("a message is kept for an address, with its subject, and sent to a queue in SNS's envelope", async () => {
  await subscribe("email", "lab@example.org");
  await subscribe("sqs", String(queue.arn));
  await openQueue();
  expect((await publish({ Subject: "Done" })).status).toBe(200);
  const { mail } = await cloud.administer<{ mail: Mail[] }>("mail");
  expect(mail).toMatchObject([{ to: "lab@example.org", topicArn: topic, subject: "Done", message: "hello" }]);
  const [envelope] = await received();
  expect(JSON.parse(envelope ?? "")).toMatchObject({ Type: "Notification", TopicArn: topic, Message: "hello" });
});

test("a queue gets nothing until its policy lets SNS in", async () => {
  await subscribe("sqs", String(queue.arn));
  await publish();
  expect(await received()).toEqual([]);
  expect(cloud.errors).toEqual([expect.objectContaining({ code: "ACCESS_DENIED" })]);
  await openQueue();
  await publish();
  expect(await received()).toHaveLength(1);
});

test("a filter keeps messages from a queue", async () => {
  const filterPolicy = JSON.stringify({ state: ["failed"] });
  await subscribe("sqs", String(queue.arn), { filterPolicy, filterPolicyScope: "MessageBody" });
  await openQueue();
  await publish({ Message: '{"state":"done"}' });
  await publish({ Message: '{"state":"failed"}' });
  const attributes = new GetQueueAttributesCommand({
    QueueUrl: queue.url,
    AttributeNames: ["ApproximateNumberOfMessages"],
  });
  expect((await sqs.send(attributes)).Attributes).toEqual({ ApproximateNumberOfMessages: "1" });
});

test("a role can publish if its policy allows it", async () => {
  const role = await cloud.role("teller", [{ Effect: "Allow", Action: "sns:Publish", Resource: topic }]);
  expect((await publish({}, role)).status).toBe(200);
  const other = String((await cloud.make("aws:sns/topic:Topic", "other", {})).arn);
  const refused = await publish({ TopicArn: other }, role);
  expect([refused.status, refused.body]).toEqual([403, expect.stringContaining("<Code>AuthorizationError</Code>")]);
});

test.each<[string, Record<string, string>, number, string]>([
  ["a topic that is not there", { TopicArn: "arn:aws:sns:eu-west-1:000000000000:none" }, 404, "NotFound"],
  ["a message for each protocol", { MessageStructure: "json" }, 501, "NotImplemented"],
  ["a call that changes what the program made", { Action: "Subscribe" }, 501, "NotImplemented"],
  [
    "a call that changes a policy",
    { Action: "SetTopicAttributes", AttributeName: "Policy", AttributeValue: "{}" },
    501,
    "NotImplemented",
  ],
])("%s is refused", async (_, fields, status, code) => {
  const refused = await publish(fields);
  expect([refused.status, refused.body]).toEqual([status, expect.stringContaining(`<Code>${code}</Code>`)]);
});

test.each<[string, object]>([
  ["a protocol by which the local cloud can't deliver", { protocol: "sms", endpoint: "+15550100" }],
  ["a filter for an address", { protocol: "email", endpoint: "lab@example.org", filterPolicy: "{}" }],
  ["a dead-letter queue", { protocol: "sqs", endpoint: "arn", redrivePolicy: "{}" }],
])("a subscription with %s is refused", async (_, inputs) => {
  const { protocol, endpoint, ...more } = inputs as Record<string, string>;
  await expect(subscribe(String(protocol), String(endpoint), more)).rejects.toMatchObject({
    code: "INPUT_NOT_HONOURED",
  });
});
