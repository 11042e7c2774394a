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

/** Answers by what it is asked for. */
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
/** What AWS documents as the least for a Distributed Map. */
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
