import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  ListMapRunsCommand,
  RedriveExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  UpdateMapRunCommand,
} from "@aws-sdk/client-sfn";
import type { RecordedEvent } from "../../../local/events/eventBuses";
import { SmallCloud, until } from "../smallCloud";

let cloud: SmallCloud;
let client: SFNClient;
let s3: S3Client;
let worker: { name: string; arn: string };
let names = 0;

/** A function that answers as its event demands. */
const WORKER = `
let calls = 0;
export const handler = async (event) => {
  calls++;
  if (event?.fail) { const error = new Error("as told"); error.name = event.fail; throw error; }
  if (event?.exit) process.exit(1);
  if (event?.ms) await new Promise((resolve) => setTimeout(resolve, event.ms));
  if (event?.bytes) return "x".repeat(event.bytes - 2);
  return event;
};`;

beforeAll(async () => {
  cloud = await SmallCloud.start();
  client = new SFNClient(cloud.as());
  s3 = new S3Client({ ...cloud.as(), forcePathStyle: true });
  worker = await cloud.function("worker", WORKER, { timeout: 30 });
});
afterAll(async () => {
  client?.destroy();
  s3?.destroy();
  await cloud?.stop();
});
afterEach(() => {
  cloud.parts.faults.set({ rules: [] });
  expect(cloud.errors.splice(0)).toEqual([]);
});

const allow = (Action: string | string[], Resource: string | string[] = "*") => ({ Effect: "Allow", Action, Resource });
const invoke = () => allow("lambda:InvokeFunction", worker.arn);
/** The least permissions for a Distributed Map, by AWS's documentation. */
const distribute = (name: string) => [
  allow("states:StartExecution", `arn:aws:states:eu-west-1:000000000000:stateMachine:${name}`),
  allow(
    ["states:DescribeExecution", "states:StopExecution"],
    `arn:aws:states:eu-west-1:000000000000:execution:${name}:*`,
  ),
];

/** A state machine of these states, from the first. */
async function machine(
  States: Record<string, object>,
  { statements = [invoke()], ...inputs }: { statements?: object[]; [input: string]: unknown } = {},
): Promise<string> {
  const name = String(inputs.name ?? `machine-${names++}`);
  const roleArn = await cloud.role(`${name}-role`, statements, "states");
  const definition = JSON.stringify({ StartAt: Object.keys(States)[0], States, ...(inputs.top as object) });
  const { top: _, ...rest } = inputs;
  const made = await cloud.make("aws:sfn/stateMachine:StateMachine", name, { name, roleArn, definition, ...rest });
  return made.arn as string;
}

const task = (more: object = {}) => ({ Type: "Task", Resource: worker.arn, End: true, ...more });
const start = async (stateMachineArn: string, input: unknown = {}, name?: string): Promise<string> => {
  const command = new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input), name });
  return (await client.send(command)).executionArn as string;
};
const describeExecution = (executionArn: string) => client.send(new DescribeExecutionCommand({ executionArn }));
async function ended(executionArn: string) {
  await until(async () => (await describeExecution(executionArn)).status !== "RUNNING");
  return describeExecution(executionArn);
}
const run = async (stateMachineArn: string, input?: unknown) => ended(await start(stateMachineArn, input));
async function historyOf(executionArn: string): Promise<HistoryEvent[]> {
  const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1_000 }));
  return events;
}
const types = (events: HistoryEvent[]) => events.map(({ type }) => type);
const mapRunOf = async (executionArn: string) => {
  const { mapRuns = [] } = await client.send(new ListMapRunsCommand({ executionArn }));
  const mapRunArn = String(mapRuns[0]?.mapRunArn);
  return client.send(new DescribeMapRunCommand({ mapRunArn }));
};

describe("an execution", () => {
  test("invokes a function and can be described, with its history", async () => {
    const arn = await machine({ Work: task() });
    const { executionArn, ...described } = await run(arn, { a: 1 });
    expect(described).toMatchObject({
      stateMachineArn: arn,
      status: "SUCCEEDED",
      input: '{"a":1}',
      output: '{"a":1}',
      startDate: expect.any(Date),
      stopDate: expect.any(Date),
    });
    const events = await historyOf(String(executionArn));
    expect(types(events)).toEqual([
      "ExecutionStarted",
      "TaskStateEntered",
      "LambdaFunctionScheduled",
      "LambdaFunctionStarted",
      "LambdaFunctionSucceeded",
      "TaskStateExited",
      "ExecutionSucceeded",
    ]);
    expect(events.map(({ previousEventId }) => previousEventId)).toEqual([0, 0, 2, 3, 4, 5, 6]);
    expect(events[2]?.lambdaFunctionScheduledEventDetails).toMatchObject({ resource: worker.arn, input: '{"a":1}' });
    expect(events[5]?.stateExitedEventDetails).toMatchObject({ name: "Work", output: '{"a":1}' });
  });

  test("wraps the answer of lambda:invoke", async () => {
    const Parameters = { FunctionName: worker.name, "Payload.$": "$.unit" };
    const arn = await machine({ Work: task({ Resource: "arn:aws:states:::lambda:invoke", Parameters }) });
    const { output, executionArn } = await run(arn, { unit: { number: 7 } });
    expect(JSON.parse(String(output))).toMatchObject({
      ExecutedVersion: "$LATEST",
      Payload: { number: 7 },
      StatusCode: 200,
    });
    const events = await historyOf(String(executionArn));
    expect(types(events).slice(1, 6)).toEqual([
      "TaskStateEntered",
      "TaskScheduled",
      "TaskStarted",
      "TaskSucceeded",
      "TaskStateExited",
    ]);
    expect(events[2]?.taskScheduledEventDetails).toMatchObject({ resourceType: "lambda", resource: "invoke" });
  });
});

describe("starting", () => {
  const wait = { Wait: { Type: "Wait", Seconds: 60, End: true } };

  test("again with the same name and input is the same execution while it runs; otherwise it is refused", async () => {
    const arn = await machine(wait);
    const first = await start(arn, { a: 1 }, "job-1");
    expect(await start(arn, { a: 1 }, "job-1")).toBe(first);
    await expect(start(arn, { a: 2 }, "job-1")).rejects.toMatchObject({ name: "ExecutionAlreadyExists" });
    await client.send(new StopExecutionCommand({ executionArn: first }));
    await expect(start(arn, { a: 1 }, "job-1")).rejects.toMatchObject({ name: "ExecutionAlreadyExists" });
    const { executions } = await client.send(new ListExecutionsCommand({ stateMachineArn: arn }));
    expect(executions).toMatchObject([{ executionArn: first, name: "job-1", status: "ABORTED" }]);
  });

  test.each<[string, object, string]>([
    ["a name of 81 characters", { name: "x".repeat(81) }, "ValidationException"],
    ["a name with a slash", { name: "a/b" }, "InvalidName"],
    ["input that is no JSON", { input: "{" }, "InvalidExecutionInput"],
    ["input of 262,145 bytes", { input: `"${"x".repeat(262_143)}"` }, "ValidationException"],
    [
      "a state machine that is not there",
      { stateMachineArn: "arn:aws:states:eu-west-1:000000000000:stateMachine:no" },
      "StateMachineDoesNotExist",
    ],
    ["a malformed ARN", { stateMachineArn: "nobody" }, "InvalidArn"],
    ["a header that the local cloud does not support", { traceHeader: "Root=1" }, "NotImplemented"],
  ])("is refused with %s", async (_, more, name) => {
    const stateMachineArn = await machine(wait);
    const command = new StartExecutionCommand({ stateMachineArn, ...more });
    await expect(client.send(command)).rejects.toMatchObject({ name });
  });

  test("takes a name of 80 characters and input of 262,144 bytes", async () => {
    const arn = await machine({ Done: { Type: "Succeed" } });
    const input = "x".repeat(262_142);
    const executionArn = await start(arn, input, "n".repeat(80));
    expect(await ended(executionArn)).toMatchObject({ status: "SUCCEEDED", output: JSON.stringify(input) });
  });

  test("is closed to roles without the permission, and so are the other calls", async () => {
    const stateMachineArn = await machine(wait);
    const executionArn = await start(stateMachineArn);
    const caller = new SFNClient(cloud.as(await cloud.role(`caller-${names++}`, [])));
    const refused = {
      name: "AccessDeniedException",
      message: expect.stringContaining("no identity-based policy allows"),
    };
    for (const command of [
      new StartExecutionCommand({ stateMachineArn }),
      new StopExecutionCommand({ executionArn }),
      new DescribeExecutionCommand({ executionArn }),
      new GetExecutionHistoryCommand({ executionArn }),
    ]) {
      await expect(caller.send(command as StartExecutionCommand)).rejects.toMatchObject(refused);
    }
    caller.destroy();
    expect(cloud.errors.splice(0)).toHaveLength(4);
    expect((await describeExecution(executionArn)).status).toBe("RUNNING");
  });

  test("is open to roles with the permission", async () => {
    const stateMachineArn = await machine({ Done: { Type: "Succeed" } });
    const role = await cloud.role(`caller-${names++}`, [allow("states:StartExecution", stateMachineArn)]);
    const caller = new SFNClient(cloud.as(role));
    const { executionArn } = await caller.send(new StartExecutionCommand({ stateMachineArn }));
    caller.destroy();
    expect((await ended(String(executionArn))).status).toBe("SUCCEEDED");
  });

  test("with a lost answer has started the execution, and the same call again finds it", async () => {
    const stateMachineArn = await machine(wait);
    const role = await cloud.role(`caller-${names++}`, [allow("states:StartExecution", stateMachineArn)]);
    const caller = new SFNClient(cloud.as(role));
    cloud.parts.faults.set({
      rules: [
        { service: "states", action: "StartExecution", resource: stateMachineArn, count: 1, fault: { kind: "lost" } },
      ],
    });
    const command = new StartExecutionCommand({ stateMachineArn, name: "job-1", input: "{}" });
    await expect(caller.send(command)).rejects.toThrow(/socket hang up|ECONNRESET/);
    const { executionArn } = await caller.send(command);
    caller.destroy();
    const { executions } = await client.send(new ListExecutionsCommand({ stateMachineArn }));
    expect(executions).toMatchObject([{ executionArn, status: "RUNNING" }]);
  });

  test("again from the failed state is refused in plain words", async () => {
    const executionArn = await start(await machine(wait));
    await expect(client.send(new RedriveExecutionCommand({ executionArn }))).rejects.toMatchObject({
      name: "NotImplemented",
      message: "The local cloud does not answer RedriveExecution of Step Functions.",
    });
  });
});

describe("an execution ends", () => {
  test("at once when it is stopped, with the reason", async () => {
    const executionArn = await start(await machine({ Work: task() }), { ms: 5_000 });
    await until(async () => (await historyOf(executionArn)).length === 4);
    await client.send(new StopExecutionCommand({ executionArn, error: "Paused", cause: "by an operator" }));
    expect(await describeExecution(executionArn)).toMatchObject({
      status: "ABORTED",
      error: "Paused",
      cause: "by an operator",
    });
    const events = await historyOf(executionArn);
    expect(events.at(-1)).toMatchObject({
      type: "ExecutionAborted",
      executionAbortedEventDetails: { error: "Paused", cause: "by an operator" },
    });
  });

  test("when its time is up", async () => {
    const arn = await machine({ Wait: { Type: "Wait", Seconds: 60, End: true } }, { top: { TimeoutSeconds: 1 } });
    const { status, executionArn } = await run(arn);
    expect(status).toBe("TIMED_OUT");
    expect(types(await historyOf(String(executionArn))).at(-1)).toBe("ExecutionTimedOut");
  });

  test("with an event on the default bus, which a rule can see", async () => {
    const arn = await machine({ Fail: { Type: "Fail", Error: "Broken", Cause: "beyond repair" } });
    const rule = await cloud.make("aws:cloudwatch/eventRule:EventRule", `rule-${names++}`, {
      eventPattern: JSON.stringify({
        source: ["aws.states"],
        detail: { stateMachineArn: [arn], status: ["FAILED", "TIMED_OUT", "ABORTED"] },
      }),
    });
    const queue = await cloud.make("aws:sqs/queue:Queue", `queue-${names++}`, {});
    const policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "events.amazonaws.com" },
          Action: "sqs:SendMessage",
          Resource: queue.arn,
        },
      ],
    });
    await cloud.make("aws:sqs/queuePolicy:QueuePolicy", "policy", { queueUrl: queue.url, policy });
    await cloud.make("aws:cloudwatch/eventTarget:EventTarget", "target", { rule: rule.name, arn: queue.arn });
    const { executionArn } = await run(arn, { job: 1 });
    await cloud.parts.eventBuses.delivered();
    const { events } = await cloud.administer<{ events: RecordedEvent[] }>("events");
    expect(events.at(-1)).toMatchObject({
      bus: "default",
      deliveries: [{ outcome: "delivered" }],
      event: {
        "detail-type": "Step Functions Execution Status Change",
        source: "aws.states",
        resources: [executionArn],
        detail: {
          executionArn,
          stateMachineArn: arn,
          status: "FAILED",
          startDate: expect.any(Number),
          stopDate: expect.any(Number),
          input: '{"job":1}',
          output: null,
          error: "Broken",
          cause: "beyond repair",
        },
      },
    });
  });
});

describe("a task fails", () => {
  test.each<[string, object, string]>([
    ["with the name of the error that the function throws", { fail: "TooBig" }, "TooBig"],
    ["when the function's process ends", { exit: true }, "Runtime.ExitError"],
    ["with too large an answer", { bytes: 262_145 }, "States.DataLimitExceeded"],
  ])("%s", async (_, input, error) => {
    const result = await run(await machine({ Work: task() }), input);
    expect(result).toMatchObject({ status: "FAILED", error });
    expect(types(await historyOf(String(result.executionArn))).slice(-2)).toEqual([
      "LambdaFunctionFailed",
      "ExecutionFailed",
    ]);
  });

  test("not with an answer that is just small enough", async () => {
    const { status, output } = await run(await machine({ Work: task() }), { bytes: 262_144 });
    expect([status, output?.length]).toEqual(["SUCCEEDED", 262_144]);
  });

  test("when the role may not invoke the function, with AWS's sentence", async () => {
    const result = await run(await machine({ Work: task() }, { statements: [] }));
    expect(result).toMatchObject({
      status: "FAILED",
      error: "Lambda.AWSLambdaException",
      cause: expect.stringMatching(/not authorized to perform: lambda:InvokeFunction on resource: .*:function:worker/),
    });
    expect(cloud.errors.splice(0)).toHaveLength(1);
  });

  test("when it takes longer than it may", async () => {
    const result = await run(await machine({ Work: task({ TimeoutSeconds: 1 }) }), { ms: 5_000 });
    expect(result).toMatchObject({ status: "FAILED", error: "States.Timeout" });
    expect(types(await historyOf(String(result.executionArn))).slice(-2)).toEqual([
      "LambdaFunctionTimedOut",
      "ExecutionFailed",
    ]);
  });

  test.each<[string, object, string]>([
    [
      "throttled",
      { service: "lambda", fault: { kind: "error", code: "TooManyRequestsException", status: 429 } },
      "Lambda.TooManyRequestsException",
    ],
    ["broken", { service: "lambda", fault: { kind: "error", code: "ServiceException" } }, "Lambda.ServiceException"],
    ["lost", { service: "lambda", fault: { kind: "lost" } }, "Lambda.SdkClientException"],
    ["killed", { service: "lambda", fault: { kind: "kill", ms: { fixed: 0 } } }, "Runtime.ExitError"],
  ])("by a fault rule, %s, and is retried", async (_, rule, error) => {
    const Retry = [{ ErrorEquals: [error], IntervalSeconds: 1, MaxAttempts: 1 }];
    const arn = await machine({ Work: task({ Retry }) });
    cloud.parts.faults.set({ rules: [{ ...rule, count: 1 }] });
    const { status, executionArn } = await run(arn, { ms: 20 });
    expect(status).toBe("SUCCEEDED");
    const events = await historyOf(String(executionArn));
    expect(types(events).slice(2, -2)).toEqual([
      ...["LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionFailed"],
      ...["LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionSucceeded"],
    ]);
    expect(events[4]?.lambdaFunctionFailedEventDetails?.error).toBe(error);
  });

  test("when the function's reserved concurrency is used up", async () => {
    const inputs = { timeout: 30, reservedConcurrentExecutions: 1 };
    const { arn } = await cloud.function(`reserved-${names++}`, WORKER, inputs);
    const stateMachine = await machine(
      { Work: task({ Resource: arn }) },
      { statements: [allow("lambda:InvokeFunction", arn)] },
    );
    const first = await start(stateMachine, { ms: 1_000 });
    await until(async () => (await historyOf(first)).length === 4);
    expect(await run(stateMachine)).toMatchObject({ status: "FAILED", error: "Lambda.TooManyRequestsException" });
    expect((await ended(first)).status).toBe("SUCCEEDED");
  });

  test("when a fault rule lets the function hang until its time-out", async () => {
    const { arn } = await cloud.function(`short-${names++}`, "export const handler = async () => 1;", { timeout: 1 });
    const stateMachine = await machine(
      { Work: task({ Resource: arn }) },
      { statements: [allow("lambda:InvokeFunction", arn)] },
    );
    cloud.parts.faults.set({ rules: [{ service: "lambda", fault: { kind: "hang" } }] });
    expect(await run(stateMachine)).toMatchObject({ status: "FAILED", error: "Sandbox.Timedout" });
  });
});

test("a fault rule delivers a task twice, and the state machine learns of one answer", async () => {
  const meter = cloud.parts.metering.start();
  const arn = await machine({ Work: task() });
  cloud.parts.faults.set({
    rules: [{ service: "states", resource: "worker", fault: { kind: "duplicate" }, count: 1 }],
  });
  expect((await run(arn)).status).toBe("SUCCEEDED");
  await until(() => meter.read().invocations.length === 2);
  meter.stop();
});

describe("an inline Map", () => {
  test("writes the events of its iterations, and keeps the order of its results", async () => {
    const ItemProcessor = { StartAt: "Work", States: { Work: task() } };
    const ItemSelector = {
      "number.$": "$$.Map.Item.Value",
      "index.$": "$$.Map.Item.Index",
      "ms.$": "$$.Map.Item.Value",
    };
    const arn = await machine({ Units: { Type: "Map", ItemProcessor, ItemSelector, MaxConcurrency: 2, End: true } });
    const { output, executionArn } = await run(arn, [30, 0, 5]);
    expect(JSON.parse(String(output))).toEqual([
      { number: 30, index: 0, ms: 30 },
      { number: 0, index: 1, ms: 0 },
      { number: 5, index: 2, ms: 5 },
    ]);
    const count = (type: string) => histories.filter((each) => each === type).length;
    const histories = types(await historyOf(String(executionArn)));
    expect(histories.slice(0, 5)).toEqual([
      "ExecutionStarted",
      "MapStateEntered",
      "MapStateStarted",
      "MapIterationStarted",
      "MapIterationStarted",
    ]);
    expect([count("MapIterationStarted"), count("MapIterationSucceeded"), count("TaskStateExited")]).toEqual([3, 3, 3]);
    expect(histories.slice(-3)).toEqual(["MapStateSucceeded", "MapStateExited", "ExecutionSucceeded"]);
    expect(histories).toHaveLength(3 + 3 * 7 + 3);
  });
});

describe("a Distributed Map", () => {
  const Bucket = "units";
  beforeAll(() => cloud.make("aws:s3/bucket:Bucket", Bucket, { bucket: Bucket }));

  const put = (Key: string, items: unknown) =>
    s3.send(new PutObjectCommand({ Bucket, Key, Body: JSON.stringify(items) }));
  const readUnits = allow("s3:GetObject", `arn:aws:s3:::${Bucket}/*`);

  /** A Map state over a list in S3. */
  const units = (Key: string, States: Record<string, object>, more: object = {}) => ({
    Type: "Map",
    ItemReader: {
      Resource: "arn:aws:states:::s3:getObject",
      ReaderConfig: { InputType: "JSON" },
      Parameters: { Bucket, Key },
    },
    ItemProcessor: {
      ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
      StartAt: Object.keys(States)[0],
      States,
    },
    Label: "units",
    ResultPath: null,
    End: true,
    ...more,
  });
  const distributed = (state: object, more: { statements?: object[] } = {}) => {
    const name = `distributed-${names++}`;
    const statements = more.statements ?? [invoke(), readUnits, ...distribute(name)];
    return machine({ Units: state }, { name, statements });
  };

  test("runs 10,000 units that it reads from S3, with a history of eight events", async () => {
    await put(
      "many.json",
      Array.from({ length: 10_000 }, (_, unit) => unit),
    );
    const arn = await distributed(
      units("many.json", { Work: { Type: "Pass", Result: {}, End: true } }, { MaxConcurrency: 300 }),
    );
    const { status, executionArn } = await run(arn);
    expect(status).toBe("SUCCEEDED");
    expect(types(await historyOf(String(executionArn)))).toEqual([
      ...["ExecutionStarted", "MapStateEntered", "MapStateStarted", "MapRunStarted", "MapRunSucceeded"],
      ...["MapStateSucceeded", "MapStateExited", "ExecutionSucceeded"],
    ]);
    const mapRun = await mapRunOf(String(executionArn));
    expect(mapRun).toMatchObject({
      status: "SUCCEEDED",
      maxConcurrency: 300,
      itemCounts: { total: 10_000, succeeded: 10_000, failed: 0, running: 0, pending: 0 },
    });
    const command = new ListExecutionsCommand({ mapRunArn: mapRun.mapRunArn, maxResults: 1_000 });
    expect((await client.send(command)).executions).toHaveLength(1_000);
    // Their status changes are events that no rule asked for.
    const kept = cloud.parts.eventBuses.recent().map(({ event }) => String(event.detail.stateMachineArn));
    expect(kept.filter((stateMachineArn) => stateMachineArn.endsWith("/units"))).toEqual([]);
  });

  test("invokes a function for each unit, and its concurrency changes while it runs", async () => {
    await put(
      "slow.json",
      Array.from({ length: 80 }, () => ({ ms: 100 })),
    );
    const arn = await distributed(units("slow.json", { Work: task({ ResultSelector: {} }) }, { MaxConcurrency: 1 }));
    const executionArn = await start(arn);
    const mapRun = () => mapRunOf(executionArn);
    await until(async () => ((await mapRun().catch(() => undefined))?.itemCounts?.running ?? 0) > 0);
    expect((await mapRun()).itemCounts?.running).toBeLessThanOrEqual(1);
    const { mapRunArn } = await mapRun();
    await client.send(new UpdateMapRunCommand({ mapRunArn, maxConcurrency: 40 }));
    await until(async () => (await mapRun()).itemCounts?.running === 40);
    expect((await ended(executionArn)).status).toBe("SUCCEEDED");
    expect(await mapRun()).toMatchObject({ maxConcurrency: 40, itemCounts: { succeeded: 80 } });
  });

  test("fails when more units fail than it tolerates, and a child has the reason", async () => {
    await put("failing.json", [{}, { fail: "Odd" }, {}, { fail: "Odd" }]);
    const state = (share: number) => units("failing.json", { Work: task() }, { ToleratedFailurePercentage: share });
    const tolerant = await run(await distributed(state(50)));
    expect(tolerant.status).toBe("SUCCEEDED");
    expect((await mapRunOf(String(tolerant.executionArn))).itemCounts).toMatchObject({ succeeded: 2, failed: 2 });
    const strict = await run(await distributed(state(49)));
    expect(strict).toMatchObject({ status: "FAILED", error: "States.ExceedToleratedFailureThreshold" });
    expect(types(await historyOf(String(strict.executionArn))).slice(-3)).toEqual([
      "MapRunFailed",
      "MapStateFailed",
      "ExecutionFailed",
    ]);
    const { mapRunArn } = await mapRunOf(String(strict.executionArn));
    const failed = new ListExecutionsCommand({ mapRunArn, statusFilter: "FAILED" });
    const [child] = (await client.send(failed)).executions ?? [];
    expect(await describeExecution(String(child?.executionArn))).toMatchObject({ error: "Odd", mapRunArn });
  });

  test("ends its children when it is stopped", async () => {
    await put("long.json", [1, 2, 3]);
    const arn = await distributed(units("long.json", { Wait: { Type: "Wait", Seconds: 60, End: true } }));
    const executionArn = await start(arn);
    await until(async () => ((await mapRunOf(executionArn).catch(() => undefined))?.itemCounts?.running ?? 0) === 3);
    await client.send(new StopExecutionCommand({ executionArn }));
    expect(await mapRunOf(executionArn)).toMatchObject({ status: "ABORTED", itemCounts: { aborted: 3, running: 0 } });
  });

  test.each<[string, (name: string) => object[], string, RegExp]>([
    [
      "start its children",
      () => [readUnits],
      "States.Permissions",
      /states:StartExecution on resource: .*:stateMachine:/,
    ],
    ["read the list", (name) => distribute(name), "States.ItemReaderFailed", /s3:GetObject/],
  ])("fails if its role may not %s", async (_, statements, error, cause) => {
    await put("few.json", [1]);
    const name = `refused-${names++}`;
    const state = units("few.json", { Done: { Type: "Succeed" } });
    const arn = await machine({ Units: state }, { name, statements: statements(name) });
    expect(await run(arn)).toMatchObject({ status: "FAILED", error, cause: expect.stringMatching(cause) });
    expect(cloud.errors.splice(0).length).toBeGreaterThan(0);
  });

  test.each<[string, unknown]>([
    ["is no list", { a: 1 }],
    ["is no JSON", undefined],
  ])("fails if the object %s", async (what, items) => {
    const Key = `${what.replaceAll(" ", "-")}.json`;
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: items === undefined ? "[1," : JSON.stringify(items) }));
    const result = await run(await distributed(units(Key, { Done: { Type: "Succeed" } })));
    expect(result).toMatchObject({ status: "FAILED", error: "States.ItemReaderFailed" });
  });
});

describe("a state machine", () => {
  const Done = { Done: { Type: "Succeed" } };

  test("can be described in AWS's form", async () => {
    const stateMachineArn = await machine(Done, { tracingConfiguration: { enabled: true } });
    const described = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
    expect(described).toMatchObject({
      stateMachineArn,
      status: "ACTIVE",
      type: "STANDARD",
      definition: JSON.stringify({ StartAt: "Done", States: Done }),
      loggingConfiguration: { level: "OFF", includeExecutionData: false },
      tracingConfiguration: { enabled: true },
    });
  });

  test("logs the events of its level to its log group", async () => {
    const logDestination = "arn:aws:logs:eu-west-1:000000000000:log-group:jobs:*";
    const loggingConfiguration = { level: "ERROR", includeExecutionData: false, logDestination };
    const Fail = { Start: { Type: "Pass", Next: "Fail" }, Fail: { Type: "Fail", Error: "Broken" } };
    const arn = await machine(Fail, { loggingConfiguration, statements: [allow("logs:*")] });
    cloud.logs = "";
    await run(arn, { secret: 1 });
    expect(
      cloud.logs
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toMatchObject([{ type: "ExecutionFailed", details: { error: "Broken" } }]);
    expect(cloud.parts.logGroups.find("jobs")?.events).toMatchObject([
      { stream: "states", message: cloud.logs.trim() },
    ]);
  });

  test.each<[string, object, string]>([
    ["of type EXPRESS", { type: "EXPRESS" }, "INPUT_NOT_HONOURED"],
    ["with a name of 81 characters", { name: "m".repeat(81) }, "LIMIT_EXCEEDED"],
    ["with a name with a space", { name: "my jobs" }, "INVALID_NAME"],
    ["with an input that would be lost", { publish: true }, "INPUT_NOT_HONOURED"],
    ["that logs to no log group", { loggingConfiguration: { level: "ALL" } }, "INVALID_LOGGING_CONFIGURATION"],
  ])("is refused %s", async (_, inputs, code) => {
    await expect(machine(Done, { ...inputs })).rejects.toMatchObject({ code });
  });

  test("is refused with a role that does not trust Step Functions", async () => {
    const roleArn = await cloud.role(`stranger-${names++}`, []);
    const definition = JSON.stringify({ StartAt: "Done", States: Done });
    const made = cloud.make("aws:sfn/stateMachine:StateMachine", "stranger", { roleArn, definition });
    await expect(made).rejects.toMatchObject({ code: "ROLE_NOT_ASSUMABLE" });
  });

  test("is refused with a role that may not set up its logging", async () => {
    const logDestination = "arn:aws:logs:eu-west-1:000000000000:log-group:jobs:*";
    const made = machine(Done, { loggingConfiguration: { level: "ERROR", logDestination } });
    await expect(made).rejects.toMatchObject({ code: "ACCESS_DENIED" });
    expect(cloud.errors.splice(0).length).toBeGreaterThan(0);
  });
});

test("when the local cloud stops, all executions stop, and those that start later", async () => {
  const waiting = await machine({ Wait: { Type: "Wait", Seconds: 3_600, End: true } });
  const executionArn = await start(waiting);
  await cloud.parts.stateMachines.stop();
  expect((await describeExecution(executionArn)).status).toBe("ABORTED");
  expect((await describeExecution(await start(waiting))).status).toBe("ABORTED");
});
