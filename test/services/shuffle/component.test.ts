import * as aws from "@pulumi/aws";
import { JobRecords } from "../../../services/jobs/records";
import type { ShuffleWorkflowArgs } from "../../../services/shuffle/args";
import { ShuffleWorkflow, stateMachineArn } from "../../../services/shuffle/component";
import { placeVariables } from "../../../services/shuffle/placeNumbers";
import { bundle } from "../../../shared/infra/bundle";
import { workVariables } from "../../../shared/worker/functionParts";
import { generatorVariables } from "../../../shared/worker/numberGenerator";
import { type Deployment, type DeployOptions, deploy, statementsOf } from "../../shared/infra/deploy";
import { policiesOf } from "../../shared/infra/rolePolicies";

// Bundling has a test of its own; here it would only take time.
jest.mock("../../../shared/infra/bundle", () => ({
  ...jest.requireActual("../../../shared/infra/bundle"),
  bundle: jest.fn(async () => "export const handler = () => {};"),
}));

type Args = Partial<ShuffleWorkflowArgs>;

const account = { region: "us-east-1", accountId: "111122223333" };
const MACHINE = "arn:aws:states:us-east-1:111122223333:stateMachine:sluice-test-shuffle";
/** The control plane of jobs, with the start function. They are not part of what is tested here. */
function ground() {
  const records = new JobRecords("records", {
    accountId: account.accountId,
    eventBus: "default",
    resultsExpirationDays: 0,
    pointInTimeRecovery: false,
    deletionProtection: false,
    completionEmail: "",
    tags: {},
  });
  return { records, start: new aws.lambda.Function("start", { role: "start", timeout: 45 }) };
}
const workflowOf = (args: Args = {}, name = "shuffle") =>
  new ShuffleWorkflow(name, {
    ...account,
    tables: ["orders"],
    stateMachineArn: stateMachineArn(name, account),
    ...ground(),
    ...args,
  });
/** What is deployed, without the ground. */
async function made(build: () => unknown, options?: DeployOptions): Promise<Deployment> {
  const deployment = await deploy(build, options);
  const own = deployment.resources.filter(({ name }) => !/^(records|start)(-|$)/.test(name));
  deployment.resources.splice(0, Infinity, ...own);
  return deployment;
}
const workflow = (args: Args = {}, options?: DeployOptions) => made(() => workflowOf(args), options);
const arnOf = (table: string) => `arn:aws:dynamodb:us-east-1:111122223333:table/${table}`;
const indexesOf = (table: string) => `${arnOf(table)}/index/*`;
const functionsOf = (deployment: Deployment) => deployment.ofType("lambda/function:Function");
const permissionsOf = (deployment: Deployment, name: string) =>
  statementsOf(deployment.ofType("iam/rolePolicy:RolePolicy")[`${name}-policy`].policy);
const machineOf = (deployment: Deployment) => deployment.ofType("sfn/stateMachine:StateMachine").shuffle;

let reading: Deployment;
let writing: Deployment;
beforeAll(async () => {
  reading = await workflow();
  writing = await workflow({ tables: ["orders"], changedTables: ["archive"], alarmEmail: "team@lab.example" });
});

describe("permissions", () => {
  const allow = (Action: string[], Resource: string | string[]) => ({ Effect: "Allow", Action, Resource });
  const on = (service: string, ...actions: string[]) => actions.map((action) => `${service}:${action}`);
  const numbers = "arn:records-results/numbers/*";
  const publish = allow(["events:PutEvents"], "arn:aws:events:us-east-1:111122223333:event-bus/default");
  const work = (checkpoints: string[]) => ({
    KeepCheckpoints: allow(on("dynamodb", ...checkpoints), "arn:records-table"),
    KeepResults: allow(on("s3", "PutObject", "GetObject", "DeleteObject"), "arn:records-results/*"),
    SeeMissingResults: allow(["s3:ListBucket"], "arn:records-results"),
    PublishEnds: publish,
  });
  const reads = ["GetItem", "PutItem", "UpdateItem", "Query"];
  const writes = ["GetItem", "UpdateItem", "Query"];
  const change = ["PartiQLUpdate", "PartiQLDelete", "UpdateItem", "DeleteItem", "BatchWriteItem", "PutItem"];
  const log = (name: string) => ({
    WriteLog: allow(on("logs", "CreateLogStream", "PutLogEvents"), `arn:${name}-log:*`),
  });
  const tables = (...names: string[]) => ({
    ReadTables: allow(on("dynamodb", "DescribeTable", "Scan"), names.map(arnOf)),
    ReadIndexes: allow(["dynamodb:Scan"], names.map(indexesOf)),
  });

  test.each<[string, object]>([
    [
      "shuffle-generate",
      {
        ReadJobs: allow(["dynamodb:Query"], "arn:records-table"),
        PutNumbers: allow(["s3:PutObject"], numbers),
      },
    ],
    ["shuffle-process-reading", { ...work(reads), ...tables("orders") }],
    [
      "shuffle-process-writing",
      {
        ...work(writes),
        ...tables("orders", "archive"),
        ReadTables: allow(on("dynamodb", "DescribeTable", "Scan", "BatchGetItem"), ["orders", "archive"].map(arnOf)),
        ChangeTables: allow(on("dynamodb", ...change), [arnOf("archive")]),
      },
    ],
    [
      "shuffle-summarize",
      {
        KeepCheckpoints: allow(on("dynamodb", ...writes), "arn:records-table"),
        PutResults: allow(["s3:PutObject"], "arn:records-results/*"),
        PublishEnds: publish,
        DescribeTables: allow(["dynamodb:DescribeTable"], ["orders", "archive"].map(arnOf)),
      },
    ],
  ])("%s may do what its task needs, and nothing else", (name, expected) => {
    expect(permissionsOf(writing, name)).toEqual({ ...expected, ...log(name) });
  });

  test("the state machine invokes its tasks, reads lists, and begins and stops its children", () => {
    const executions = MACHINE.replace(":stateMachine:", ":execution:");
    const tasks = ["shuffle-generate", "shuffle-process-reading", "shuffle-summarize"];
    expect(permissionsOf(reading, "shuffle")).toEqual({
      InvokeTasks: allow(["lambda:InvokeFunction"], ["arn:start", ...tasks.map((name) => `arn:${name}`)]),
      ReadNumbers: allow(["s3:GetObject"], numbers),
      BeginChildren: allow(["states:StartExecution"], MACHINE),
      StopChildren: allow(on("states", "DescribeExecution", "StopExecution"), `${executions}:*`),
      DeliverLogs: allow(
        [
          ...on("logs", "CreateLogDelivery", "GetLogDelivery", "UpdateLogDelivery", "DeleteLogDelivery"),
          ...on("logs", "ListLogDeliveries", "PutResourcePolicy", "DescribeResourcePolicies", "DescribeLogGroups"),
        ],
        "*",
      ),
    });
    expect(policiesOf(reading, "shuffle")).toHaveLength(1);
    expect(permissionsOf(writing, "shuffle").InvokeTasks.Resource).toContain("arn:shuffle-process-writing");
  });

  test("the function that ends a user's operations has the permissions of their pages, and knows the tables that are only changed", async () => {
    const mark = { Sid: "MarkOrders", Effect: "Allow", Action: ["dynamodb:UpdateItem"], Resource: arnOf("orders") };
    const given = await workflow({
      operations: { histogram: "./examples/ownOperation/histogram.ts" },
      operationPermissions: [mark as never],
      changedTables: ["archive"],
    });
    const MarkOrders = allow(["dynamodb:UpdateItem"], arnOf("orders"));
    expect(permissionsOf(given, "shuffle-process-reading")).toMatchObject({ MarkOrders });
    expect(permissionsOf(given, "shuffle-summarize")).toEqual({
      ...work(reads),
      ...tables("orders"),
      KnowTables: allow(["dynamodb:DescribeTable"], [arnOf("archive")]),
      MarkOrders,
      ...log("shuffle-summarize"),
    });
    for (const name of ["generate", "process-writing"]) {
      expect(permissionsOf(given, `shuffle-${name}`)).not.toHaveProperty("MarkOrders");
    }
  });

  test("each role can be assumed only by its own service", () => {
    const trusted = Object.entries(reading.ofType("iam/role:Role")).map(([name, { assumeRolePolicy }]) => {
      return [name, statementsOf(assumeRolePolicy).TakeOn.Principal.Service];
    });
    expect(Object.fromEntries(trusted)).toEqual({
      "shuffle-generate-role": "lambda.amazonaws.com",
      "shuffle-process-reading-role": "lambda.amazonaws.com",
      "shuffle-summarize-role": "lambda.amazonaws.com",
      "shuffle-role": "states.amazonaws.com",
    });
  });
});

describe("functions", () => {
  const common = { JOBS_TABLE: "records-table-7f3a", RESULTS_BUCKET: "records-results-7f3a" };
  const powertools = (name: string) => ({
    POWERTOOLS_LOG_LEVEL: "DEBUG",
    POWERTOOLS_SERVICE_NAME: name,
    POWERTOOLS_METRICS_NAMESPACE: "Sluice/test",
  });

  test.each<[string, object, object]>([
    [
      "shuffle-generate",
      { ...generatorVariables, ...placeVariables },
      { MOST_WORKERS: "40", WORKER_TIMEOUT_SECONDS: "300" },
    ],
    ["shuffle-process-reading", workVariables, { EVENT_BUS: "lab" }],
    ["shuffle-process-writing", workVariables, { EVENT_BUS: "lab" }],
    ["shuffle-summarize", workVariables, { EVENT_BUS: "lab" }],
  ])("the environment of %s is what its handler reads", async (name, read, own) => {
    const settings = { maximumConcurrency: 40, timeoutSeconds: 300, logLevel: "DEBUG", eventBus: "lab" } as const;
    const { variables } = functionsOf(await workflow({ ...settings, changedTables: ["archive"] }))[name].environment;
    expect(variables).toEqual({ ...common, ...own, ...powertools(name) });
    expect(
      Object.keys(variables)
        .filter((key) => !key.startsWith("POWERTOOLS_"))
        .sort(),
    ).toEqual(Object.keys(read).sort());
  });

  test("workers have the memory and time from the config; the function that lists numbers has its own", async () => {
    const functions = functionsOf(await workflow({ timeoutSeconds: 900, memoryMegabytes: 2_048 }));
    const sizes = Object.entries(functions).map(([name, { timeout, memorySize }]) => [name, [timeout, memorySize]]);
    expect(Object.fromEntries(sizes)).toEqual({
      "shuffle-generate": [60, 512],
      "shuffle-process-reading": [900, 2_048],
      "shuffle-summarize": [900, 2_048],
    });
  });

  test("without tables to change, no function can change a table", () => {
    expect(Object.keys(functionsOf(reading))).not.toContain("shuffle-process-writing");
    expect(Object.keys(functionsOf(writing))).toContain("shuffle-process-writing");
    expect(JSON.stringify(reading.resources)).not.toMatch(/PartiQL|BatchWriteItem|process-writing/);
  });

  test("a user's own operations and updates go into the functions for their pages and for their end", async () => {
    jest.mocked(bundle).mockClear();
    const module = "./examples/ownOperation/histogram.ts";
    await workflow({ operations: { histogram: module }, updates: { tidy: module }, changedTables: ["archive"] });
    const calls = jest.mocked(bundle).mock.calls as unknown as [string, Record<string, string> | undefined][];
    const replaced = calls.map(([entry, files = {}]) => [entry.split("/").at(-1), Object.keys(files).length]);
    expect(Object.fromEntries(replaced)).toEqual({
      "generate.ts": 0,
      "processReading.ts": 1,
      "processWriting.ts": 1,
      "summarize.ts": 2,
    });
  });
});

describe("the state machine", () => {
  const tasksOf = (deployment: Deployment) => JSON.stringify(JSON.parse(machineOf(deployment).definition));

  test("is a standard state machine with the name in its ARN", () => {
    expect(machineOf(reading)).toMatchObject({
      name: "sluice-test-shuffle",
      type: "STANDARD",
      roleArn: "arn:shuffle-role",
    });
    expect(MACHINE.endsWith(machineOf(reading).name)).toBe(true);
  });

  test("calls the start function and its own functions, for longer than each may run", async () => {
    const definition = tasksOf(await workflow({ timeoutSeconds: 600 }));
    for (const name of ["start", "shuffle-generate", "shuffle-process-reading", "shuffle-summarize"]) {
      expect(definition).toContain(`arn:${name}`);
    }
    expect(definition).toContain(`"TimeoutSeconds":${600 + 30}`);
    expect(definition).toContain(`"TimeoutSeconds":${45 + 30}`);
    expect(definition).not.toContain("process-writing");
    expect(tasksOf(writing)).toContain("arn:shuffle-process-writing");
  });

  test("logs errors with their data to a separate log group", async () => {
    expect(machineOf(reading).loggingConfiguration).toEqual({
      level: "ERROR",
      includeExecutionData: true,
      logDestination: "arn:shuffle-log:*",
    });
    const logs = (await workflow({ logRetentionDays: 5 })).ofType("cloudwatch/logGroup:LogGroup");
    expect(logs["shuffle-log"]).toMatchObject({
      namePrefix: "/aws/vendedlogs/states/shuffle-",
      retentionInDays: 5,
    });
  });

  test.each([true, false])(
    "is traced only if the config says so, and may write traces only then: %s",
    async (tracing) => {
      const traced = await workflow({ tracing });
      expect(machineOf(traced).tracingConfiguration).toEqual({ enabled: tracing });
      const { Trace } = permissionsOf(traced, "shuffle");
      const actions = ["PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets"];
      expect(Trace?.Action).toEqual(tracing ? actions.map((action) => `xray:${action}`) : undefined);
    },
  );
});

test("executions that end badly are reported to Summarize, which lets the rule in", () => {
  const [rule] = Object.values(reading.ofType("cloudwatch/eventRule:EventRule"));
  expect(JSON.parse(rule.eventPattern)).toEqual({
    source: ["aws.states"],
    "detail-type": ["Step Functions Execution Status Change"],
    detail: { stateMachineArn: ["arn:shuffle"], status: ["FAILED", "TIMED_OUT", "ABORTED"] },
  });
  expect(reading.ofType("cloudwatch/eventTarget:EventTarget")).toEqual({
    "shuffle-ends-target": { rule: "shuffle-ends-rule-7f3a", arn: "arn:shuffle-summarize" },
  });
  expect(reading.ofType("lambda/permission:Permission")).toEqual({
    "shuffle-ends-permission": {
      action: "lambda:InvokeFunction",
      function: "shuffle-summarize-7f3a",
      principal: "events.amazonaws.com",
      sourceArn: "arn:shuffle-ends-rule",
    },
  });
});

describe("a schedule", () => {
  const scheduledRequest = '{"operation":"count","table":"orders","readRate":"50%"}';
  const nightly = { schedule: "cron(0 3 * * ? *)", scheduledRequest };

  test("starts the state machine with the request, with a role that may do only that", async () => {
    const scheduled = await workflow(nightly);
    expect(scheduled.ofType("scheduler/schedule:Schedule")).toEqual({
      "shuffle-schedule": {
        groupName: "shuffle-schedule-group-7f3a",
        description: expect.any(String),
        scheduleExpression: "cron(0 3 * * ? *)",
        scheduleExpressionTimezone: "UTC",
        flexibleTimeWindow: { mode: "OFF" },
        target: {
          arn: "arn:shuffle",
          roleArn: "arn:shuffle-schedule-role",
          input: scheduledRequest,
          retryPolicy: { maximumEventAgeInSeconds: 3_600 },
        },
      },
    });
    expect(permissionsOf(scheduled, "shuffle-schedule")).toEqual({
      StartJobs: { Effect: "Allow", Action: ["states:StartExecution"], Resource: "arn:shuffle" },
    });
    const { assumeRolePolicy } = scheduled.ofType("iam/role:Role")["shuffle-schedule-role"];
    expect(statementsOf(assumeRolePolicy).TakeOn).toEqual({
      Effect: "Allow",
      Principal: { Service: "scheduler.amazonaws.com" },
      Action: "sts:AssumeRole",
      Condition: {
        StringEquals: { "aws:SourceAccount": "111122223333", "aws:SourceArn": "arn:shuffle-schedule-group" },
      },
    });
  });

  test("that can't start the state machine raises an alarm", async () => {
    const alarms = (await workflow(nightly)).ofType("cloudwatch/metricAlarm:MetricAlarm");
    expect(alarms["shuffle-alarm-schedule"]).toMatchObject({
      namespace: "AWS/Scheduler",
      metricName: "InvocationDroppedCount",
      dimensions: { ScheduleGroup: "shuffle-schedule-group-7f3a" },
    });
  });

  test("exists only if the config has it", () => {
    expect(reading.resources.filter(({ type }) => /scheduler|Schedule/.test(type))).toEqual([]);
  });
});

describe("alarms", () => {
  test("executions that end badly and functions without room raise an alarm", () => {
    const alarms = reading.ofType("cloudwatch/metricAlarm:MetricAlarm");
    const machine = { StateMachineArn: "arn:shuffle" };
    const watched = Object.entries(alarms).map(([name, { metricName, dimensions }]) => [
      name,
      [metricName, dimensions],
    ]);
    expect(Object.fromEntries(watched)).toEqual({
      "shuffle-alarm-failed": ["ExecutionsFailed", machine],
      "shuffle-alarm-timed-out": ["ExecutionsTimedOut", machine],
      "shuffle-alarm-aborted": ["ExecutionsAborted", machine],
      "shuffle-alarm-throttles-0": ["Throttles", { FunctionName: "shuffle-generate-7f3a" }],
      "shuffle-alarm-throttles-1": ["Throttles", { FunctionName: "shuffle-process-reading-7f3a" }],
      "shuffle-alarm-throttles-2": ["Throttles", { FunctionName: "shuffle-summarize-7f3a" }],
    });
    expect(reading.ofType("sns/topic:Topic")).toEqual({});
  });

  test("an address gets alarms by mail; without alarms there is no mail", async () => {
    for (const { alarmActions } of Object.values(writing.ofType("cloudwatch/metricAlarm:MetricAlarm"))) {
      expect(alarmActions).toEqual(["arn:shuffle-alarm-topic"]);
    }
    expect((await workflow({ alarms: false })).ofType("cloudwatch/metricAlarm:MetricAlarm")).toEqual({});
  });
});

test.each([true, false])("deletion protection %s keeps the log groups, and nothing else", async (on) => {
  const { resources } = await workflow({ deletionProtection: on, changedTables: ["archive"] });
  const kept = resources.filter(({ protect }) => protect).map(({ name }) => name);
  const functions = ["generate", "process-reading", "process-writing", "summarize"];
  const logs = ["shuffle-log", ...functions.map((name) => `shuffle-${name}-log`)];
  expect(kept.sort()).toEqual(on ? logs.sort() : []);
});

test("deletion protection is on by default", () => {
  expect(reading.resources.find(({ name }) => name === "shuffle-log")?.protect).toBe(true);
});

test("all that can carry tags has the tags of its project, stack and service", async () => {
  const args = { alarmEmail: "a@b.example", tags: { lab: "sleep" }, schedule: "rate(1 day)" };
  const scheduledRequest = '{"operation":"count","table":"orders","readRate":5}';
  const { resources } = await workflow({ ...args, scheduledRequest });
  for (const { inputs } of resources.filter((resource) => resource.inputs.tags)) {
    expect(inputs.tags).toEqual({ project: "sluice", stack: "test", service: "shuffle", lab: "sleep" });
  }
  const untagged = resources.filter(({ custom, inputs }) => custom && !inputs.tags);
  expect([...new Set(untagged.map(({ type }) => type.split(":").at(-1)))].sort()).toEqual([
    ...["EventTarget", "Permission", "RolePolicy", "Schedule", "TopicSubscription"],
  ]);
});

test("preview plans the same, with unknown parts unknown", async () => {
  const names = ({ resources }: Deployment) => resources.map(({ name }) => name).sort();
  const planned = await workflow({}, { preview: true });
  expect(names(planned)).toEqual(names(reading));
  for (const { inputs } of planned.resources) expect(JSON.stringify(inputs)).not.toMatch(/undefined|toString|\[object/);
});

describe("invalid args are refused before anything is made", () => {
  const refusal = async (name: string, args: Args, options?: DeployOptions) => {
    let error: unknown;
    const { resources } = await made(() => {
      const parts = ground();
      try {
        new ShuffleWorkflow(name, { ...account, tables: [], stateMachineArn: MACHINE, ...parts, ...args });
      } catch (thrown) {
        error = thrown;
      }
    }, options);
    expect(resources).toEqual([]);
    return error;
  };

  test.each<[string, Args, object[]]>([
    ["no workers", { maximumConcurrency: 0 }, [{ code: "NO_WORKERS" }]],
    ["more workers than a Map may have", { maximumConcurrency: 10_001 }, [{ option: "maximumConcurrency" }]],
    ["a timeout without room for a page", { timeoutSeconds: 9 }, [{ option: "timeoutSeconds" }]],
    ["a table name with a blank", { tables: ["my table"] }, [{ code: "INVALID_TABLE_NAME", value: "my table" }]],
    ["an operation named like one of ours", { operations: { count: "./index.ts" } }, [{ code: "INVALID_OPERATION" }]],
    ["mail of alarms that are off", { alarms: false, alarmEmail: "a@b.example" }, [{ code: "EMAIL_WITHOUT_ALARMS" }]],
    ["a schedule without a request", { schedule: "rate(1 day)" }, [{ code: "INCOMPLETE_SCHEDULE" }]],
  ])("%s", async (_, args, problems) => {
    expect(await refusal("shuffle", args)).toMatchObject({ code: "INVALID_SHUFFLE_ARGS", value: problems });
  });

  test("the name of a stack that makes the state machine's name too long", async () => {
    const longest = await workflow({}, { stack: "s".repeat(65) });
    expect(machineOf(longest).name).toHaveLength(80);
    const value = `sluice-${"s".repeat(66)}-shuffle`;
    const error = await refusal("shuffle", {}, { stack: "s".repeat(66) });
    expect(error).toMatchObject({
      code: "INVALID_SHUFFLE_ARGS",
      value: [{ code: "LONG_NAME", option: "name", value }],
    });
  });

  test("all problems are reported together", async () => {
    const args = {
      memoryMegabytes: 1,
      logLevel: "LOUD" as "INFO",
      schedule: "daily",
      scheduledRequest: "{}",
      tables: ["?"],
      operations: { "my op": "./gone.ts" },
      updates: { mine: "./gone.ts" },
    };
    const error = (await refusal("Shuffle", args)) as { value: { option: string }[]; message: string };
    const options = [
      ...["memoryMegabytes", "schedule", "logLevel", "scheduledRequest", "scheduledRequest"],
      ...["operations.my op", "updates.mine", "name", "tables"],
    ];
    expect(error.value.map(({ option }) => option)).toEqual(options);
    for (const option of options) expect(error.message).toContain(`${option} must be`);
  });
});
