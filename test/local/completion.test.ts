import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { RecordedEvent } from "../../local/events/eventBuses";
import type { Mail } from "../../local/sns/topics";
import { bundle } from "../../shared/infra/bundle";
import { ACCOUNT, policy, REGION, SmallCloud, until } from "./smallCloud";

let cloud: SmallCloud;
beforeAll(async () => {
  cloud = await SmallCloud.start();
});
afterAll(() => cloud?.stop());

test("an operator starts a job, and its end comes as a mail; each step uses a role with just the permissions for it", async () => {
  const allow = (Action: string | string[], Resource: unknown) => ({ Effect: "Allow", Action, Resource });
  const queue = await cloud.make("aws:sqs/queue:Queue", "work", { visibilityTimeoutSeconds: 30 });
  const start = await cloud.function("start", await bundle("test/local/handlers/start.ts"), {
    statements: [allow("sqs:SendMessage", queue.arn)],
    environment: { variables: { QUEUE_URL: queue.url } },
  });
  const work = await cloud.function("work", await bundle("test/local/handlers/work.ts"), {
    statements: [
      allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], queue.arn),
      allow("events:PutEvents", `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/default`),
    ],
  });
  await cloud.make("aws:lambda/eventSourceMapping:EventSourceMapping", "source", {
    eventSourceArn: queue.arn,
    functionName: work.arn,
    batchSize: 1,
    functionResponseTypes: ["ReportBatchItemFailures"],
    scalingConfig: { maximumConcurrency: 16 },
  });
  const rule = await cloud.make("aws:cloudwatch/eventRule:EventRule", "completed", {
    eventPattern: JSON.stringify({ source: ["sluice"], "detail-type": [{ prefix: "Job " }] }),
  });
  const topic = await cloud.make("aws:sns/topic:Topic", "completed", {});
  const letIn = {
    ...allow("sns:Publish", topic.arn),
    Principal: { Service: "events.amazonaws.com" },
    Condition: { ArnEquals: { "aws:SourceArn": rule.arn } },
  };
  await cloud.make("aws:sns/topicPolicy:TopicPolicy", "completed", { arn: topic.arn, policy: policy([letIn]) });
  const mail = { topic: topic.arn, protocol: "email", endpoint: "lab@example.org" };
  await cloud.make("aws:sns/topicSubscription:TopicSubscription", "mail", mail);
  const inputTransformer = { inputPaths: { job: "$.detail.job" }, inputTemplate: '"Job <job> is completed."' };
  const target = { rule: rule.name, arn: topic.arn, inputTransformer };
  await cloud.make("aws:cloudwatch/eventTarget:EventTarget", "mail", target);
  for (const mapping of cloud.parts.eventSourceMappings) mapping.start();

  const operator = await cloud.role("operator", [allow("lambda:InvokeFunction", start.arn)]);
  const lambda = new LambdaClient(cloud.as(operator));
  const Payload = JSON.stringify({ job: "scan-1" });
  const answer = await lambda.send(new InvokeCommand({ FunctionName: start.name, Payload }));
  expect(JSON.parse(answer.Payload?.transformToString() ?? "")).toEqual({ started: "scan-1" });

  const sent = async () => (await cloud.administer<{ mail: Mail[] }>("mail")).mail;
  await until(async () => (await sent()).length > 0);
  expect(await sent()).toMatchObject([{ to: "lab@example.org", message: '"Job scan-1 is completed."' }]);
  const { events } = await cloud.administer<{ events: RecordedEvent[] }>("events");
  expect(events).toMatchObject([{ event: { detail: { job: "scan-1" } }, deliveries: [{ outcome: "delivered" }] }]);
  expect(cloud.errors).toEqual([]);
  const { roles } = cloud.report();
  expect(roles.flatMap(({ refused }) => refused)).toEqual([]);
});
