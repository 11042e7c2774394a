/** What the start function's handler passes on. Starting itself is replaced. */
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Context, SQSEvent } from "aws-lambda";
import type * as StartRequests from "../../../../services/jobs/startRequests";
import { retryTransient } from "../../../../shared/aws/transient";
import { systemClock } from "../../../../shared/clock";
import { clientContextOf } from "../../../../shared/jobs/startFunction";

jest.mock("../../../../services/jobs/startRequests", () => ({ answerStart: jest.fn(), startFromMessage: jest.fn() }));

const NOW = 1_800_000_000_000;
const STARTS = "https://starts";

let handler: typeof import("../../../../services/jobs/handlers/start").handler;
let start: jest.MockedObject<typeof StartRequests>;
beforeAll(async () => {
  Object.assign(process.env, {
    ...{ AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "key" },
    ...{ JOBS_TABLE: "jobs", READERS_QUEUE_URL: "https://units", START_QUEUE_URL: STARTS, EVENT_BUS: "lab" },
    ...{ RESULTS_BUCKET: "results" },
    ...{ EXPIRATION_DAYS: "90", TIMEOUT_SECONDS: "60" },
    ...{ READERS_MEMORY_MEGABYTES: "256", READERS_TIMEOUT_SECONDS: "90", READERS_MAXIMUM_CONCURRENCY: "8" },
    ...{ POWERTOOLS_LOG_LEVEL: "SILENT", POWERTOOLS_METRICS_DISABLED: "true", POWERTOOLS_SERVICE_NAME: "start" },
  });
  start = jest.mocked(await import("../../../../services/jobs/startRequests"));
  ({ handler } = await import("../../../../services/jobs/handlers/start"));
});

let sent: { name: string; input: object }[];
beforeEach(() => {
  sent = [];
  jest.spyOn(Date, "now").mockReturnValue(NOW);
  jest.spyOn(SQSClient.prototype, "send").mockImplementation((async (command: { input: object }) => {
    sent.push({ name: command.constructor.name, input: command.input });
    return {};
  }) as never);
  start.answerStart.mockReset().mockResolvedValue({ job: "a", state: "running", units: 1, limits: [] });
  start.startFromMessage.mockReset().mockResolvedValue();
});
afterEach(() => jest.restoreAllMocks());

const context = { awsRequestId: "request-1", getRemainingTimeInMillis: () => 60_000 } as Context;
const event = (...bodies: string[]) => {
  const Records = bodies.map((body, n) => ({
    ...{ messageId: `m-${n}`, receiptHandle: `r-${n}`, body, eventSource: "aws:sqs" },
    ...{
      eventSourceARN: "arn:aws:sqs:eu-central-1:111122223333:starts",
      attributes: { ApproximateReceiveCount: "1", SenderId: "AIDA:ops" },
    },
  }));
  return { Records } as unknown as SQSEvent;
};

const parts = {
  ...{ jobsTable: "jobs", resultsBucket: "results", startQueueUrl: STARTS, eventBus: "lab" },
  ...{ expirationDays: 90, timeoutSeconds: 60, clock: systemClock, retryTransient },
  readers: {
    queueUrl: "https://units",
    settings: { memoryMegabytes: 256, timeoutSeconds: 90, maximumConcurrency: 8 },
  },
  writers: undefined,
  changedTables: [],
};

test("an invocation is answered", async () => {
  const request = { table: "orders" };
  expect(await handler(request, context)).toEqual({ job: "a", state: "running", units: 1, limits: [] });
  const [given, initiator, handed, signal] = start.answerStart.mock.calls[0]!;
  expect(given).toBe(request);
  expect(initiator).toEqual({ caller: "unnamed" });
  expect(handed).toMatchObject(parts);
  expect(signal).toEqual(expect.any(AbortSignal));
  expect(handed.newId()).toMatch(/^[0-9a-f-]{36}$/);
  expect(handed.newId()).not.toBe(handed.newId());
  expect(sent).toEqual([]);
});

test.each([
  ["a caller", { caller: "arn:aws:iam::1:user/ops" }],
  ["a redrive", { caller: "ops", origin: { action: "redrive", job: "a" } }],
] as const)("an invocation may name %s in its client context", async (_, initiator) => {
  const clientContext = JSON.parse(Buffer.from(clientContextOf(initiator), "base64").toString());
  await handler({ resume: "a" }, { ...context, clientContext });
  expect(start.answerStart.mock.calls[0]![1]).toEqual(initiator);
});

test.each([
  [{}],
  [null],
  [{ custom: { caller: "" } }],
  [{ custom: { caller: "a", origin: { action: "x", job: "b" } } }],
])("client context %j names nobody", async (clientContext) => {
  await handler({ resume: "a" }, { ...context, clientContext } as never);
  expect(start.answerStart.mock.calls[0]![1]).toEqual({ caller: "unnamed" });
});

test.each([[null], ["text"], [5], [{ Records: "none" }]])("%j is an invocation", async (given) => {
  await handler(given, context);
  expect(start.answerStart).toHaveBeenCalledTimes(1);
  expect(start.startFromMessage).not.toHaveBeenCalled();
});

test("a message is hidden until after the invocation, and then handled", async () => {
  start.startFromMessage.mockImplementation(async () => {
    expect(sent).toHaveLength(1);
  });
  expect(await handler(event('{"table":"orders"}'), context)).toEqual({ batchItemFailures: [] });
  expect(sent).toEqual([
    {
      name: "ChangeMessageVisibilityCommand",
      input: { QueueUrl: STARTS, ReceiptHandle: "r-0", VisibilityTimeout: 65 },
    },
  ]);
  const [body, messageId, initiator, handed, signal] = start.startFromMessage.mock.calls[0]!;
  expect([body, messageId, initiator]).toEqual(['{"table":"orders"}', "m-0", { caller: "AIDA:ops" }]);
  expect(handed).toMatchObject(parts);
  expect(signal).toEqual(expect.any(AbortSignal));
  expect(start.answerStart).not.toHaveBeenCalled();
});

test("only a message that fails comes again, not the others in its batch", async () => {
  start.startFromMessage.mockRejectedValueOnce(new Error("no"));
  expect(await handler(event("a", "b"), context)).toEqual({ batchItemFailures: [{ itemIdentifier: "m-0" }] });
});

test("messages are handled one after the other", async () => {
  let [now, most] = [0, 0];
  start.startFromMessage.mockImplementation(async () => {
    most = Math.max(most, ++now);
    await new Promise(setImmediate);
    now--;
  });
  await handler(event("a", "b", "c"), context);
  expect(most).toBe(1);
});
