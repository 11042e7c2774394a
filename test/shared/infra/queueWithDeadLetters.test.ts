import { QueueWithDeadLetters } from "../../../shared/infra/queueWithDeadLetters";
import { type Deployment, deploy, statementsOf } from "./deploy";

const args = {
  accountId: "111122223333",
  visibilityTimeoutSeconds: 390,
  maxReceiveCount: 7,
  retentionDays: 4,
  deletionProtection: false,
  tags: { study: "one" },
};
let made: Deployment;
beforeAll(async () => {
  made = await deploy(() => new QueueWithDeadLetters("work", args));
});

test("both queues carry 1 MiB and are encrypted; the first uses long polling, and its dead letters are kept for longer", () => {
  const common = { maxMessageSize: 1_048_576, sqsManagedSseEnabled: true, tags: { study: "one" } };
  expect(made.ofType("sqs/queue:Queue")).toEqual({
    work: {
      ...common,
      messageRetentionSeconds: 345_600,
      visibilityTimeoutSeconds: 390,
      receiveWaitTimeSeconds: 20,
      redrivePolicy: expect.any(String),
    },
    "work-dead": { ...common, messageRetentionSeconds: 1_209_600 },
  });
});

test("a message that fails too often goes to the dead letters, and can come back only to this queue", () => {
  expect(JSON.parse(made.ofType("sqs/queue:Queue").work.redrivePolicy)).toEqual({
    deadLetterTargetArn: "arn:work-dead",
    maxReceiveCount: 7,
  });
  const { queueUrl, redriveAllowPolicy } = made.ofType("sqs/redriveAllowPolicy:RedriveAllowPolicy")[
    "work-dead-redrive"
  ];
  expect(queueUrl).toBe("https://work-dead");
  expect(JSON.parse(redriveAllowPolicy)).toEqual({ redrivePermission: "byQueue", sourceQueueArns: ["arn:work"] });
});

test.each(["work", "work-dead"])("%s is closed to other accounts and to calls without TLS", (name) => {
  const { queueUrl, policy } = made.ofType("sqs/queuePolicy:QueuePolicy")[`${name}-policy`];
  expect(queueUrl).toBe(`https://${name}`);
  const statements = Object.values(statementsOf(policy));
  expect(statements.length).toBeGreaterThan(0);
  for (const statement of statements) {
    expect(statement).toMatchObject({ Effect: "Deny", Action: "sqs:*", Resource: [`arn:${name}`] });
  }
  expect(JSON.stringify(statements)).toContain("111122223333");
});

test("without given tags the queues have none", async () => {
  const { tags, ...rest } = args;
  const plain = await deploy(() => new QueueWithDeadLetters("work", rest));
  expect(plain.ofType("sqs/queue:Queue").work.tags).toEqual({});
});
