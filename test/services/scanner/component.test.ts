import { resolve } from "node:path";
import * as aws from "@pulumi/aws";
import { JobRecords } from "../../../services/jobs/records";
import { TableScanner, type TableScannerArgs } from "../../../services/scanner/component";
import { bundle } from "../../../shared/infra/bundle";
import { queueVariables } from "../../../shared/worker/queueWorker";
import { type Deployment, type DeployOptions, deploy, statementsOf } from "../../shared/infra/deploy";
import { policiesOf, refusalOfTooMany, resourcesOf } from "../../shared/infra/rolePolicies";

// Bundling has a test of its own; here it would only take time.
jest.mock("../../../shared/infra/bundle", () => ({
  ...jest.requireActual("../../../shared/infra/bundle"),
  bundle: jest.fn(async () => "export const handler = () => {};"),
}));

type Args = Partial<TableScannerArgs>;

const account = { region: "us-east-1", accountId: "111122223333" };
/** The control plane of jobs. It is not part of what is tested here. */
const recordsOf = () =>
  new JobRecords("records", {
    accountId: account.accountId,
    eventBus: "default",
    resultsExpirationDays: 0,
    pointInTimeRecovery: false,
    deletionProtection: false,
    completionEmail: "",
    tags: {},
  });
const scannerOf = (args: Args = {}, name = "scanner") =>
  new TableScanner(name, { ...account, tables: ["orders"], records: recordsOf(), ...args });
/** What is deployed, without the records. */
async function scannerOnly(build: () => unknown, options?: DeployOptions): Promise<Deployment> {
  const made = await deploy(build, options);
  made.resources.splice(0, Infinity, ...made.resources.filter(({ name }) => !/^records(-|$)/.test(name)));
  return made;
}
const scanner = (args: Args = {}, options?: DeployOptions) => scannerOnly(() => scannerOf(args), options);
const arnOf = (table: string) => `arn:aws:dynamodb:us-east-1:111122223333:table/${table}`;
const policyOf = (deployment: Deployment) =>
  statementsOf(deployment.ofType("iam/rolePolicy:RolePolicy")["scanner-worker-policy"].policy);
const workerOf = (made: Deployment) => made.ofType("lambda/function:Function")["scanner-worker"];

let standard: Deployment;
beforeAll(async () => {
  standard = await scanner();
});

describe("permissions of the worker", () => {
  const allow = (Action: string[], Resource: string | string[]) => ({ Effect: "Allow", Action, Resource });
  const take = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"];
  const keep = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query"];

  test("it may do its work on its own resources and the named tables, and nothing else", () => {
    expect(policyOf(standard)).toEqual({
      TakeFromQueue: allow([...take, "sqs:SendMessage"], "arn:scanner-units"),
      KeepCheckpoints: allow(keep, "arn:records-table"),
      ReadTables: allow(["dynamodb:DescribeTable", "dynamodb:Scan"], [arnOf("orders")]),
      ReadIndexes: allow(["dynamodb:Scan"], [`${arnOf("orders")}/index/*`]),
      KeepResults: allow(["s3:PutObject", "s3:GetObject", "s3:DeleteObject"], "arn:records-results/*"),
      SeeMissingResults: allow(["s3:ListBucket"], "arn:records-results"),
      PublishEnds: allow(["events:PutEvents"], "arn:aws:events:us-east-1:111122223333:event-bus/default"),
      WriteLog: allow(["logs:CreateLogStream", "logs:PutLogEvents"], "arn:scanner-worker-log:*"),
    });
  });

  test("tables are given by name or as resources, another bus by its name", async () => {
    const made = await deploy(() => {
      const table = new aws.dynamodb.Table("customers", { hashKey: "id", attributes: [{ name: "id", type: "S" }] });
      scannerOf({ tables: ["orders", table], eventBus: "lab" });
    });
    const tables = [arnOf("orders"), "arn:customers"];
    const { ReadTables, ReadIndexes, PublishEnds } = policyOf(made);
    expect([ReadTables?.Resource, ReadIndexes?.Resource]).toEqual([tables, tables.map((arn) => `${arn}/index/*`)]);
    expect(PublishEnds?.Resource).toBe("arn:aws:events:us-east-1:111122223333:event-bus/lab");
    expect(workerOf(made).environment.variables.EVENT_BUS).toBe("lab");
  });

  test("a user's own operations get the permissions that they need", async () => {
    const Sid = "MarkOrders";
    const mark = { Sid, Effect: "Allow", Action: ["dynamodb:UpdateItem"], Resource: arnOf("orders") } as const;
    const made = await scanner({ operationPermissions: [{ ...mark, Action: [...mark.Action] }] });
    expect(policyOf(made)).toHaveProperty(Sid, allow(["dynamodb:UpdateItem"], arnOf("orders")));
  });

  test("without tables there is no statement about tables", async () => {
    const made = await scanner({ tables: [] });
    expect(JSON.stringify(policyOf(made))).not.toMatch(/dynamodb:Scan|DescribeTable|table\//);
    expect(Object.values(policyOf(made)).every(({ Resource }) => Resource.length > 0)).toBe(true);
  });

  describe("on many tables", () => {
    const names = (count: number) => Array.from({ length: count }, (_, n) => `orders-of-the-year-${2_000 + n}`);

    test.each([
      [1, 1],
      [50, 2],
      [100, 3],
      [400, 11],
    ])("%d of them may be read, with %d policies that AWS would accept", async (count, expected) => {
      const policies = policiesOf(await scanner({ tables: names(count) }), "scanner-worker");
      expect(policies.length).toBe(expected);
      policies.forEach((policy, at) => {
        expect(policy.length).toBeLessThanOrEqual(at === 0 ? 10_240 : 6_144);
      });
      expect(resourcesOf(policies, "ReadTables")).toEqual(names(count).map(arnOf));
      expect(resourcesOf(policies, "ReadIndexes")).toEqual(names(count).map((table) => `${arnOf(table)}/index/*`));
    });

    test("tables of the program with the longest names still fit", async () => {
      const made = await deploy(() => {
        const keys = { hashKey: "id", attributes: [{ name: "id", type: "S" }] };
        const tables = Array.from({ length: 60 }, (_, n) => new aws.dynamodb.Table(`${n}`.padStart(200, "t"), keys));
        scannerOf({ tables });
      });
      const policies = policiesOf(made, "scanner-worker");
      expect(resourcesOf(policies, "ReadTables")).toHaveLength(60);
      expect(resourcesOf(policies, "ReadIndexes")).toHaveLength(60);
    });

    test("a further table at the end changes no policy but the last", async () => {
      const before = policiesOf(await scanner({ tables: names(100) }), "scanner-worker");
      const after = policiesOf(await scanner({ tables: names(101) }), "scanner-worker");
      expect(after.slice(0, -1)).toEqual(before.slice(0, -1));
      expect(resourcesOf(after.slice(-1), "ReadTables").at(-1)).toBe(arnOf(names(101)[100]!));
    });

    test.each([true, false])("too many are refused with the number that fits, preview %s", async (preview) => {
      const attempt = (count: number) => refusalOfTooMany(() => scannerOf({ tables: names(count) }), { preview });
      const error = await attempt(1_000);
      expect(error).toMatchObject({ code: "TOO_MANY_PERMISSIONS", given: 1_000 });
      const { fit } = error!;
      expect(error?.message).toContain(`scanner-worker: its role has room for ${fit} tables, got 1000`);
      expect(fit).toBeGreaterThan(400);
      expect(await attempt(fit)).toBeUndefined();
    });
  });

  test("only Lambda can assume its role", () => {
    const roles = standard.ofType("iam/role:Role");
    expect(Object.keys(roles)).toEqual(["scanner-worker-role"]);
    expect(statementsOf(roles["scanner-worker-role"].assumeRolePolicy)).toMatchObject({
      TakeOn: { Principal: { Service: "lambda.amazonaws.com" } },
    });
  });
});

describe("the unit queue", () => {
  test.each([10, 60, 900])("with a timeout of %d s a message is hidden for six of them", async (timeoutSeconds) => {
    const made = await scanner({ timeoutSeconds });
    expect(made.ofType("sqs/queue:Queue")["scanner-units"].visibilityTimeoutSeconds).toBe(6 * timeoutSeconds);
    expect(workerOf(made).timeout).toBe(timeoutSeconds);
  });

  test("after 100 receives a message becomes a dead letter, and dead letters are kept for longer than messages", () => {
    const queues = standard.ofType("sqs/queue:Queue");
    const redrive = { deadLetterTargetArn: "arn:scanner-units-dead", maxReceiveCount: 100 };
    expect(JSON.parse(queues["scanner-units"].redrivePolicy)).toEqual(redrive);
    const retention = (queue: string) => queues[queue].messageRetentionSeconds;
    expect(retention("scanner-units-dead")).toBeGreaterThan(retention("scanner-units"));
  });

  test("its mapping answers message by message, and no more workers run at once than is set", async () => {
    const made = await scanner({ maximumConcurrency: 40, batchSize: 5 });
    expect(made.ofType("lambda/eventSourceMapping:EventSourceMapping")).toEqual({
      "scanner-worker-source": {
        eventSourceArn: "arn:scanner-units",
        functionName: "arn:scanner-worker",
        batchSize: 5,
        scalingConfig: { maximumConcurrency: 40 },
        functionResponseTypes: ["ReportBatchItemFailures"],
        tags: { project: "sluice", stack: "test", service: "scanner" },
      },
    });
  });
});

describe("the worker function", () => {
  test("it runs the bundle of its handler on Node 24 and arm64, within its settings", async () => {
    const made = await scanner({ memoryMegabytes: 2_048 });
    const runtime = { runtime: "nodejs24.x", architectures: ["arm64"], handler: "index.handler" };
    expect(workerOf(made)).toMatchObject({ ...runtime, timeout: 60, memorySize: 2_048 });
    expect(bundle).toHaveBeenCalledWith("services/scanner/handlers/work.ts", undefined);
  });

  test("a user's own operations go into the bundle", async () => {
    jest.mocked(bundle).mockClear();
    await scanner({ operations: { histogram: "./examples/ownOperation/histogram.ts" } });
    expect(bundle).toHaveBeenCalledTimes(1);
    const [[, replaced]] = jest.mocked(bundle).mock.calls as [[string, Record<string, string>]];
    expect(Object.keys(replaced)).toEqual(["shared/operations/user/userOperations.ts"]);
    expect(Object.values(replaced)[0]).toContain(resolve("examples/ownOperation/histogram.ts"));
  });

  test("the environment is the contract with the handler", async () => {
    const { variables } = workerOf(await scanner({ batchSize: 3, logLevel: "DEBUG" })).environment;
    expect(variables).toEqual({
      JOBS_TABLE: "records-table-7f3a",
      MOST_WORKERS: "48",
      UNIT_QUEUE_URL: "https://scanner-units",
      EVENT_BUS: "default",
      RESULTS_BUCKET: "records-results-7f3a",
      BATCH_SIZE: "3",
      POWERTOOLS_LOG_LEVEL: "DEBUG",
      POWERTOOLS_SERVICE_NAME: "scanner-worker",
      POWERTOOLS_METRICS_NAMESPACE: "Sluice/test",
    });
    const read = Object.keys(queueVariables);
    const given = Object.keys(variables).filter((key) => !key.startsWith("POWERTOOLS_"));
    expect(given.sort()).toEqual(read.sort());
  });

  test("it writes to a log group of its own, kept for the days asked for", async () => {
    const made = await scanner({ logRetentionDays: 5 });
    const tags = { project: "sluice", stack: "test", service: "scanner" };
    expect(made.ofType("cloudwatch/logGroup:LogGroup")).toEqual({ "scanner-worker-log": { retentionInDays: 5, tags } });
  });
});

test.each([true, false])("deletion protection %s keeps queues and log group, and nothing else", async (on) => {
  const made = await scanner({ deletionProtection: on });
  const kept = made.resources.filter(({ protect }) => protect).map(({ name }) => name);
  const queue = ["", "-dead", "-dead-policy", "-dead-redrive", "-policy"].map((part) => `scanner-units${part}`);
  expect([...new Set(kept)].sort()).toEqual(on ? [...queue, "scanner-worker-log"] : []);
});

test("deletion protection is on by default", () => {
  expect(standard.resources.find(({ name }) => name === "scanner-worker-log")?.protect).toBe(true);
});

describe("alarms", () => {
  test("dead letters, errors and throttles of the worker raise an alarm; a long queue doesn't", () => {
    const rule = (metricName: string, dimensions: object, what: string) => {
      const alarmDescription = expect.stringMatching(`^${what} What to do: docs/runbook.md#scanner-alarm-[a-z-]+$`);
      return expect.objectContaining({ metricName, dimensions, alarmDescription, alarmActions: [] });
    };
    const worker = { FunctionName: "scanner-worker-7f3a" };
    expect(standard.ofType("cloudwatch/metricAlarm:MetricAlarm")).toEqual({
      "scanner-alarm-dead-letters": rule(
        "ApproximateNumberOfMessagesVisible",
        { QueueName: "scanner-units-dead-7f3a" },
        "Chains without progress wait in the dead-letter queue. Fix the cause, then resume their jobs.",
      ),
      "scanner-alarm-errors": rule("Errors", worker, "The reading worker function crashed or timed out."),
      "scanner-alarm-throttles": rule("Throttles", worker, "Lambda throttled the reading worker function."),
    });
    expect(standard.ofType("sns/topic:Topic")).toEqual({});
  });

  test("an address gets alarms by mail; without alarms there is no mail", async () => {
    const made = await scanner({ alarmEmail: "team@lab.example" });
    for (const { alarmActions } of Object.values(made.ofType("cloudwatch/metricAlarm:MetricAlarm"))) {
      expect(alarmActions).toEqual(["arn:scanner-alarm-topic"]);
    }
    expect((await scanner({ alarms: false })).ofType("cloudwatch/metricAlarm:MetricAlarm")).toEqual({});
  });
});

describe("the parts of one scanner", () => {
  const all = { alarmEmail: "a@b.example", tags: { lab: "sleep" } };

  test("each part is named after the scanner, and has no fixed physical name", async () => {
    const { resources } = await scannerOnly(() => {
      const records = recordsOf();
      for (const name of ["spring", "autumn"]) scannerOf({ ...all, records }, name);
    });
    const parts = (instance: string) =>
      resources.filter(({ name }) => name === instance || name.startsWith(`${instance}-`));
    expect(parts("spring").length + parts("autumn").length).toBe(resources.length);
    expect(parts("spring").map(({ name }) => name.slice(6))).toEqual(parts("autumn").map(({ name }) => name.slice(6)));
    expect(JSON.stringify(parts("spring"))).not.toContain("autumn");
    for (const { type, name, custom, inputs } of resources) {
      const fixed = custom && ("name" in inputs || (type === "aws:s3/bucket:Bucket" && "bucket" in inputs));
      expect({ type, name, fixed }).toEqual({ type, name, fixed: false });
    }
  });

  test("all that can carry tags has the tags of its project, stack and service", async () => {
    const tables = Array.from({ length: 50 }, (_, n) => `orders-of-the-year-${2_000 + n}`);
    const { resources } = await scanner({ ...all, tables });
    const tagged = resources.filter(({ inputs }) => inputs.tags);
    for (const { inputs } of tagged) {
      expect(inputs.tags).toEqual({ project: "sluice", stack: "test", service: "scanner", lab: "sleep" });
    }
    expect(tagged.map(({ type }) => type)).toContain("aws:iam/policy:Policy");
    const untagged = resources
      .filter(({ custom, inputs }) => custom && !inputs.tags)
      .map(({ type }) => type.split(":").at(-1));
    expect([...new Set(untagged)].sort()).toEqual([
      ...["QueuePolicy", "RedriveAllowPolicy", "RolePolicy", "RolePolicyAttachment", "TopicSubscription"],
    ]);
  });

  test("preview plans the same, with unknown parts unknown", async () => {
    const names = ({ resources }: Deployment) => resources.map(({ name }) => name).sort();
    const planned = await scanner(all, { preview: true });
    expect(names(planned)).toEqual(names(await scanner(all)));
    for (const { inputs } of planned.resources)
      expect(JSON.stringify(inputs)).not.toMatch(/undefined|toString|\[object/);
    const unknown = expect.objectContaining({ __pulumiUnknown: true });
    expect(planned.ofType("iam/rolePolicy:RolePolicy")["scanner-worker-policy"].policy).toEqual(unknown);
  });
});

describe("invalid args are refused before anything is made", () => {
  const refusal = async (name: string, args: Args) => {
    let error: unknown;
    const { resources } = await scannerOnly(() => {
      const records = recordsOf();
      try {
        new TableScanner(name, { ...account, tables: [], records, ...args });
      } catch (thrown) {
        error = thrown;
      }
    });
    expect(resources).toEqual([]);
    return error;
  };

  test.each<[string, Args, object[]]>([
    ["one invocation at once", { maximumConcurrency: 1 }, [{ option: "maximumConcurrency" }]],
    ["a batch size of zero is not the default", { batchSize: 0 }, [{ option: "batchSize" }]],
    ["a timeout without room for a page", { timeoutSeconds: 9 }, [{ option: "timeoutSeconds" }]],
    ["a malformed address", { alarmEmail: "lab" }, [{ option: "alarmEmail" }]],
    ["a table name with a blank", { tables: ["my table"] }, [{ code: "INVALID_TABLE_NAME", value: "my table" }]],
    ["an ARN for a name", { tables: [arnOf("orders")] }, [{ code: "INVALID_TABLE_NAME" }]],
    ["an operation named like one of ours", { operations: { count: "./index.ts" } }, [{ code: "INVALID_OPERATION" }]],
    ["a module that is not there", { operations: { mine: "./gone.ts" } }, [{ option: "operations.mine" }]],
    ["mail of alarms that are off", { alarms: false, alarmEmail: "a@b.example" }, [{ code: "EMAIL_WITHOUT_ALARMS" }]],
  ])("%s", async (_, args, problems) => {
    expect(await refusal("scanner", args)).toMatchObject({ code: "INVALID_SCANNER_ARGS", value: problems });
  });

  test("all problems are reported together", async () => {
    const args = {
      memoryMegabytes: 1,
      logLevel: "LOUD" as "INFO",
      tables: ["?"],
      operations: { "my op": "./gone.ts" },
    };
    const error = (await refusal("Scanner", args)) as { value: { option: string }[]; message: string };
    const options = ["memoryMegabytes", "logLevel", "operations.my op", "name", "tables"];
    expect(error.value.map(({ option }) => option)).toEqual(options);
    for (const option of options) expect(error.message).toContain(`${option} must be`);
  });

  test.each(["", "Scanner", "9lives", "a".repeat(36)])("the name %j", async (name) => {
    expect(await refusal(name, {})).toMatchObject({ code: "INVALID_SCANNER_ARGS", value: [{ option: "name" }] });
  });
});
