import {
  EventBridgeClient,
  ListRulesCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from "@aws-sdk/client-eventbridge";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { BusEvent } from "../../../local/events/event";
import type { RecordedEvent } from "../../../local/events/eventBuses";
import type { Mail } from "../../../local/sns/topics";
import { ACCOUNT, policy, REGION, SmallCloud } from "../smallCloud";

const DEFAULT_BUS = `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/default`;

let cloud: SmallCloud;
let client: EventBridgeClient;
let sqs: SQSClient;
let names = 0;
beforeAll(async () => {
  cloud = await SmallCloud.start();
  client = new EventBridgeClient(cloud.as());
  sqs = new SQSClient(cloud.as());
});
afterAll(async () => {
  client?.destroy();
  sqs?.destroy();
  await cloud?.stop();
});
afterEach(() => {
  expect(cloud.errors.splice(0)).toEqual([]);
});

const entry = (more: PutEventsRequestEntry = {}): PutEventsRequestEntry => ({
  Source: "sluice",
  DetailType: "Job completed",
  Detail: JSON.stringify({ job: "scan-1" }),
  ...more,
});
const put = (...Entries: PutEventsRequestEntry[]) => client.send(new PutEventsCommand({ Entries }));

/** A rule for events of a source, and the source. */
async function ruleFor(inputs: Record<string, unknown> = {}) {
  const source = `source-${names++}`;
  const eventPattern = JSON.stringify({ source: [source] });
  const rule = await cloud.make("aws:cloudwatch/eventRule:EventRule", source, { eventPattern, ...inputs });
  return { source, rule };
}

const allow = (Resource: string, Action: string, SourceArn: string, Service = "events.amazonaws.com") => ({
  Effect: "Allow",
  Principal: { Service },
  Action,
  Resource,
  Condition: { ArnEquals: { "aws:SourceArn": SourceArn } },
});

/** A queue with a policy of these statements, and its messages. */
async function queueWith(statements: (arn: string) => object[]) {
  const queue = await cloud.make("aws:sqs/queue:Queue", `queue-${names++}`, {});
  const inputs = { queueUrl: queue.url, policy: policy(statements(String(queue.arn))) };
  await cloud.make("aws:sqs/queuePolicy:QueuePolicy", "policy", inputs);
  const bodies = async () => {
    await cloud.parts.eventBuses.delivered();
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queue.url, MaxNumberOfMessages: 10 }),
    );
    return Messages.map(({ Body = "" }) => Body);
  };
  return { arn: String(queue.arn), bodies };
}

async function topicWith(statements: (arn: string) => object[]) {
  const topic = await cloud.make("aws:sns/topic:Topic", `topic-${names++}`, {});
  const inputs = { arn: topic.arn, policy: policy(statements(String(topic.arn))) };
  await cloud.make("aws:sns/topicPolicy:TopicPolicy", "policy", inputs);
  return String(topic.arn);
}

const target = (rule: Record<string, string>, arn: string, more: object = {}) =>
  cloud.make("aws:cloudwatch/eventTarget:EventTarget", `target-${names++}`, { rule: rule.name, arn, ...more });

async function lastEvent(): Promise<RecordedEvent | undefined> {
  await cloud.parts.eventBuses.delivered();
  return (await cloud.administer<{ events: RecordedEvent[] }>("events")).events.at(-1);
}

/** The lines on standard error, each once. */
const told = () => cloud.errors.splice(0).map((error) => (error as Error).message);

describe("events that are put", () => {
  test("are kept and can be looked at, rule or no rule", async () => {
    const { FailedEntryCount, Entries } = await put(
      entry({ Source: "nobody", Time: new Date("2026-01-01T10:00:00.500Z"), Resources: ["arn:job"] }),
    );
    expect([FailedEntryCount, Entries]).toEqual([0, [{ EventId: expect.stringMatching(/^[\da-f-]{36}$/) }]]);
    expect(await lastEvent()).toEqual({
      bus: "default",
      deliveries: [],
      event: {
        version: "0",
        id: Entries?.[0]?.EventId,
        "detail-type": "Job completed",
        source: "nobody",
        account: ACCOUNT,
        time: "2026-01-01T10:00:00Z",
        region: REGION,
        resources: ["arn:job"],
        detail: { job: "scan-1" },
      },
    });
  });

  test("are kept up to 1,000", async () => {
    for (let calls = 0; calls < 101; calls++) await put(...Array.from({ length: 10 }, () => entry()));
    const { events } = await cloud.administer<{ events: RecordedEvent[] }>("events");
    expect(events).toHaveLength(1_000);
  });

  test("fail one by one", async () => {
    const { FailedEntryCount, Entries } = await put(
      entry({ Source: undefined }),
      entry({ DetailType: "" }),
      entry({ Detail: undefined }),
      entry({ Detail: "{" }),
      entry({ Detail: "[]" }),
      entry({ Source: "aws.ec2" }),
      entry(),
    );
    expect(FailedEntryCount).toBe(6);
    expect(Entries?.map(({ ErrorCode, ErrorMessage }) => ErrorCode && [ErrorCode, ErrorMessage])).toEqual([
      ["InvalidArgument", "Parameter Source is not valid. Reason: Source is a required argument."],
      ["InvalidArgument", "Parameter DetailType is not valid. Reason: DetailType is a required argument."],
      ["InvalidArgument", "Parameter Detail is not valid. Reason: Detail is a required argument."],
      ["MalformedDetail", "Detail is malformed."],
      ["MalformedDetail", "Detail is malformed."],
      ["NotAuthorizedForSourceException", "Not authorized for the source."],
      undefined,
    ]);
  });

  test.each<[string, () => Promise<unknown>, string]>([
    ["there are more than ten", () => put(...Array.from({ length: 11 }, () => entry())), "ValidationException"],
    ["there is none", () => put(), "ValidationException"],
    [
      "they have more than 1 MB together",
      () => put(entry(), entry({ Detail: JSON.stringify({ text: "x".repeat(1_048_576) }) })),
      "ValidationException",
    ],
    ["it is another call", () => client.send(new ListRulesCommand({})), "NotImplemented"],
  ])("are refused all together where %s", async (_, call, name) => {
    await expect(call()).rejects.toMatchObject({ name });
  });

  test("for a missing bus go nowhere, as on AWS; the local cloud reports the loss", async () => {
    expect(await put(entry({ EventBusName: "missing" }))).toMatchObject({ FailedEntryCount: 0 });
    expect(told()).toEqual(["There is no event bus missing."]);
  });

  test("need the permission for their bus, and must meet its conditions", async () => {
    const role = await cloud.role("worker", [
      {
        Effect: "Allow",
        Action: "events:PutEvents",
        Resource: DEFAULT_BUS,
        Condition: {
          "ForAllValues:StringEquals": { "events:source": "sluice" },
          "ForAllValues:StringLike": { "events:detail-type": "Job *" },
        },
      },
    ]);
    const worker = new EventBridgeClient(cloud.as(role));
    expect(await worker.send(new PutEventsCommand({ Entries: [entry()] }))).toMatchObject({ FailedEntryCount: 0 });
    for (const refused of [
      entry({ EventBusName: "mine" }),
      entry({ Source: "other" }),
      entry({ DetailType: "Unit done" }),
    ]) {
      await expect(worker.send(new PutEventsCommand({ Entries: [refused] }))).rejects.toMatchObject({
        name: "AccessDeniedException",
        message: expect.stringContaining("is not authorized to perform: events:PutEvents on resource: arn:aws:events:"),
      });
    }
    expect(told()).toHaveLength(2);
  });

  test("of AWS's own services get lost by fault rules", async () => {
    const event = (state: string): BusEvent => ({
      ...{ version: "0", id: "1", source: "aws.glue", "detail-type": "Glue Job State Change", account: ACCOUNT },
      ...{ time: "2026-01-01T10:00:00Z", region: REGION, resources: [], detail: { state } },
    });
    const eventPattern = JSON.stringify({ source: ["aws.glue"] });
    const rule = await cloud.make("aws:cloudwatch/eventRule:EventRule", "ends", { eventPattern });
    const queue = await queueWith((arn) => [allow(arn, "sqs:SendMessage", String(rule.arn))]);
    await target(rule, queue.arn);
    const fault = { kind: "drop" };
    cloud.parts.faults.set({ rules: [{ service: "events", resource: "aws.glue Glue Job", count: 1, fault }] });
    for (const state of ["FAILED", "STOPPED"]) cloud.parts.eventBuses.publish(event(state));
    expect((await queue.bodies()).map((body) => JSON.parse(body).detail.state)).toEqual(["STOPPED"]);
  });

  test("fail by fault rules", async () => {
    const fault = { kind: "error", code: "InternalException", status: 500 };
    cloud.parts.faults.set({
      rules: [{ service: "events", resource: "default", caller: "everybody", count: 1, fault }],
    });
    await expect(put(entry())).rejects.toMatchObject({ name: "InternalException" });
    expect(await put(entry())).toMatchObject({ FailedEntryCount: 0 });
  });
});

describe("a queue", () => {
  test("gets the events that its rule matches", async () => {
    const { source, rule } = await ruleFor();
    const queue = await queueWith((arn) => [allow(arn, "sqs:SendMessage", String(rule.arn))]);
    await target(rule, queue.arn);
    await put(entry({ Source: source }), entry({ Source: "other" }));
    const bodies = await queue.bodies();
    expect(bodies.map((body) => JSON.parse(body))).toMatchObject([{ source, detail: { job: "scan-1" } }]);
  });

  test("gets what the target makes of an event", async () => {
    const { source, rule } = await ruleFor();
    const queue = await queueWith((arn) => [allow(arn, "sqs:SendMessage", String(rule.arn))]);
    const inputTransformer = { inputPaths: { job: "$.detail.job" }, inputTemplate: '"<job> is done"' };
    await target(rule, queue.arn, { inputTransformer });
    await put(entry({ Source: source }));
    expect(await queue.bodies()).toEqual(['"scan-1 is done"']);
  });

  test("gets events of a bus of its own", async () => {
    const bus = await cloud.make("aws:cloudwatch/eventBus:EventBus", "jobs", { name: "jobs" });
    const { source, rule } = await ruleFor({ eventBusName: bus.name });
    expect(rule.arn).toBe(`arn:aws:events:${REGION}:${ACCOUNT}:rule/jobs/${rule.name}`);
    const queue = await queueWith((arn) => [allow(arn, "sqs:SendMessage", String(rule.arn))]);
    await target(rule, queue.arn, { eventBusName: bus.name });
    await put(entry({ Source: source }), entry({ Source: source, EventBusName: String(bus.arn), Detail: "{}" }));
    expect((await queue.bodies()).map((body) => JSON.parse(body).detail)).toEqual([{}]);
  });

  test("gets nothing from a rule that is disabled", async () => {
    const { source, rule } = await ruleFor({ state: "DISABLED" });
    const queue = await queueWith((arn) => [allow(arn, "sqs:SendMessage", String(rule.arn))]);
    await target(rule, queue.arn);
    await put(entry({ Source: source }));
    expect(await queue.bodies()).toEqual([]);
  });

  test.each<[string, (arn: string, ruleArn: string) => object[]]>([
    [
      "does not mention EventBridge",
      () => [{ Effect: "Allow", Principal: { AWS: ACCOUNT }, Action: "sqs:*", Resource: "*" }],
    ],
    [
      "is for another rule",
      (arn) => [allow(arn, "sqs:SendMessage", "arn:aws:events:eu-west-1:000000000000:rule/other")],
    ],
    [
      "denies everybody without an account, as services are",
      (arn, ruleArn) => [
        allow(arn, "sqs:SendMessage", ruleArn),
        {
          Effect: "Deny",
          Principal: "*",
          Action: "sqs:*",
          Resource: arn,
          Condition: { StringNotEquals: { "aws:PrincipalAccount": ACCOUNT } },
        },
      ],
    ],
  ])("gets nothing if its policy %s, which is reported once", async (_, statements) => {
    const { source, rule } = await ruleFor();
    const queue = await queueWith((arn) => statements(arn, String(rule.arn)));
    await target(rule, queue.arn);
    await put(entry({ Source: source }), entry({ Source: source }));
    expect(await queue.bodies()).toEqual([]);
    expect(await lastEvent()).toMatchObject({
      deliveries: [{ rule: rule.name, target: queue.arn, outcome: "refused", reason: expect.any(String) }],
    });
    expect(told()).toEqual([expect.stringContaining(queue.arn)]);
    const refused = cloud.report().roles.find(({ role }) => role === "events.amazonaws.com")?.refused;
    expect(refused).toContainEqual(
      expect.objectContaining({ action: "sqs:SendMessage", resource: queue.arn, times: 2 }),
    );
  });
});

describe("a topic", () => {
  test("gets the events, and passes them on to addresses and to queues that let it in", async () => {
    const { source, rule } = await ruleFor();
    const topic = await topicWith((arn) => [allow(arn, "sns:Publish", String(rule.arn))]);
    const queue = await queueWith((arn) => [allow(arn, "sqs:SendMessage", topic, "sns.amazonaws.com")]);
    const subscribe = (protocol: string, endpoint: string, more: object = {}) =>
      cloud.make("aws:sns/topicSubscription:TopicSubscription", "sub", { topic, protocol, endpoint, ...more });
    await subscribe("email", "lab@example.org");
    await subscribe("sqs", queue.arn, { rawMessageDelivery: true });
    await target(rule, topic, { inputPath: "$.detail" });
    await put(entry({ Source: source }));
    expect(await queue.bodies()).toEqual(['{"job":"scan-1"}']);
    const { mail, subscriptions } = await cloud.administer<{ mail: Mail[]; subscriptions: object[] }>("mail");
    expect(subscriptions).toEqual([{ topicArn: topic, endpoint: "lab@example.org" }]);
    expect(mail).toEqual([
      { at: expect.any(String), to: "lab@example.org", topicArn: topic, message: '{"job":"scan-1"}' },
    ]);
  });

  test("without a policy of its own lets EventBridge do nothing", async () => {
    const { source, rule } = await ruleFor();
    const topic = await cloud.make("aws:sns/topic:Topic", "closed", {});
    await target(rule, String(topic.arn));
    await put(entry({ Source: source }));
    expect(await lastEvent()).toMatchObject({ deliveries: [{ outcome: "refused" }] });
    const [advice] = told();
    expect(advice).toContain('"Principal":{"Service":"events.amazonaws.com"},"Action":"sns:Publish"');
  });
});

describe("a resource is refused that", () => {
  test.each<[string, string, object, string]>([
    ["is a rule by the clock", "eventRule:EventRule", { scheduleExpression: "rate(1 minute)" }, "INPUT_NOT_HONOURED"],
    ["is a rule without a pattern", "eventRule:EventRule", {}, "INPUT_NOT_HONOURED"],
    ["is a rule with a wrong pattern", "eventRule:EventRule", { eventPattern: "{}" }, "INVALID_EVENT_PATTERN"],
    [
      "is a rule on a bus that is not there",
      "eventRule:EventRule",
      { eventPattern: '{"source":["a"]}', eventBusName: "missing" },
      "UNKNOWN_EVENT_BUS",
    ],
    [
      "is a target of a rule that is not there",
      "eventTarget:EventTarget",
      { rule: "missing", arn: "arn:aws:sqs:eu-west-1:000000000000:q" },
      "UNKNOWN_EVENT_RULE",
    ],
    [
      "is a target to which the local cloud can't deliver",
      "eventTarget:EventTarget",
      { rule: "missing", arn: "arn:aws:logs:eu-west-1:000000000000:log-group:l" },
      "UNKNOWN_EVENT_TARGET",
    ],
    ["is a target with a role", "eventTarget:EventTarget", { rule: "r", arn: "a", roleArn: "r" }, "INPUT_NOT_HONOURED"],
  ])("%s", async (_, type, inputs, code) => {
    await expect(cloud.make(`aws:cloudwatch/${type}`, "wrong", { ...inputs })).rejects.toMatchObject({ code });
  });
});
