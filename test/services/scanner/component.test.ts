import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import * as aws from "@pulumi/aws";
import { TableScanner, type TableScannerArgs } from "../../../services/scanner/component";
import { bundle } from "../../../shared/infra/bundle";
import type { TooManyPermissions } from "../../../shared/infra/rolePolicies";
import { type Deployment, type DeployOptions, deploy, statementsOf } from "../../shared/infra/deploy";

// Bundling has a test of its own; here it would only take time.
jest.mock("../../../shared/infra/bundle", () => ({
  ...jest.requireActual("../../../shared/infra/bundle"),
  bundle: jest.fn(async () => "export const handler = () => {};"),
}));

const account = { region: "us-east-1", accountId: "111122223333" };
const scanner = (args: Partial<TableScannerArgs> = {}, options?: DeployOptions) =>
  deploy(() => new TableScanner("scanner", { ...account, tables: ["orders"], ...args }), options);
const arnOf = (table: string) => `arn:aws:dynamodb:us-east-1:111122223333:table/${table}`;
const policyOf = (deployment: Deployment, name: string) =>
  statementsOf(deployment.ofType("iam/rolePolicy:RolePolicy")[`${name}-policy`].policy);

let standard: Deployment;
beforeAll(async () => {
  standard = await scanner();
});

describe("permissions", () => {
  const allow = (Action: string[], Resource: string | string[]) => ({ Effect: "Allow", Action, Resource });
  const take = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"];
  const keep = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query"];
  const bus = "arn:aws:events:us-east-1:111122223333:event-bus/default";

  test("the worker may do what its work needs, on its own resources and the tables named, and nothing else", () => {
    expect(policyOf(standard, "scanner-worker")).toEqual({
      TakeFromQueue: allow([...take, "sqs:SendMessage"], "arn:scanner-segments"),
      KeepCheckpoints: allow(keep, "arn:scanner-jobs"),
      ReadTables: allow(["dynamodb:Scan"], [arnOf("orders")]),
      ReadIndexes: allow(["dynamodb:Scan"], [`${arnOf("orders")}/index/*`]),
      KeepResults: allow(["s3:PutObject", "s3:GetObject", "s3:DeleteObject"], "arn:scanner-results/*"),
      TellEnds: allow(["events:PutEvents"], bus),
      WriteLog: allow(["logs:CreateLogStream", "logs:PutLogEvents"], "arn:scanner-worker-log:*"),
    });
  });

  test("the start function may hand out segments, and look at the tables named", () => {
    expect(policyOf(standard, "scanner-start")).toEqual({
      TakeFromStartQueue: allow(take, "arn:scanner-starts"),
      HandOutSegments: allow(["sqs:SendMessage"], "arn:scanner-segments"),
      KeepJobs: allow(keep, "arn:scanner-jobs"),
      TryTables: allow(["dynamodb:DescribeTable", "dynamodb:Scan"], [arnOf("orders")]),
      TryIndexes: allow(["dynamodb:Scan"], [`${arnOf("orders")}/index/*`]),
      TellRefusals: allow(["events:PutEvents"], bus),
      WriteLog: allow(["logs:CreateLogStream", "logs:PutLogEvents"], "arn:scanner-start-log:*"),
    });
  });

  test("tables are named or given as resources, another bus by its name", async () => {
    const made = await deploy(() => {
      const table = new aws.dynamodb.Table("customers", { hashKey: "id", attributes: [{ name: "id", type: "S" }] });
      new TableScanner("scanner", { ...account, tables: ["orders", table], eventBus: "lab" });
    });
    const tables = [arnOf("orders"), "arn:customers"];
    const indexes = tables.map((arn) => `${arn}/index/*`);
    const { ReadTables, ReadIndexes, TellEnds } = policyOf(made, "scanner-worker");
    expect([ReadTables?.Resource, ReadIndexes?.Resource]).toEqual([tables, indexes]);
    const { TryTables, TryIndexes } = policyOf(made, "scanner-start");
    expect([TryTables?.Resource, TryIndexes?.Resource]).toEqual([tables, indexes]);
    expect(TellEnds?.Resource).toBe("arn:aws:events:us-east-1:111122223333:event-bus/lab");
    const functions = Object.values(made.ofType("lambda/function:Function"));
    expect(functions.map(({ environment }) => environment.variables.EVENT_BUS)).toEqual(["lab", "lab"]);
  });

  test("own operations get what they are given, the start function does not", async () => {
    const Sid = "MarkOrders";
    const mark = { Sid, Effect: "Allow", Action: ["dynamodb:UpdateItem"], Resource: arnOf("orders") } as const;
    const made = await scanner({ operationPermissions: [{ ...mark, Action: [...mark.Action] }] });
    expect(policyOf(made, "scanner-worker")).toHaveProperty(Sid, allow(["dynamodb:UpdateItem"], arnOf("orders")));
    expect(policyOf(made, "scanner-start")).not.toHaveProperty(Sid);
  });

  test("without tables there is no statement about any", async () => {
    const made = await scanner({ tables: [] });
    const about = (name: string) => JSON.stringify(policyOf(made, name));
    for (const name of ["scanner-start", "scanner-worker"]) {
      expect(about(name)).not.toMatch(/dynamodb:Scan|DescribeTable|table\//);
      expect(Object.values(policyOf(made, name)).every(({ Resource }) => Resource.length > 0)).toBe(true);
    }
  });

  describe("on many tables", () => {
    const names = (count: number) => Array.from({ length: count }, (_, n) => `orders-of-the-year-${2_000 + n}`);
    /** The policies of a function's role: the inline one and those that are attached to it. */
    const policiesOf = (made: Deployment, name: string): string[] => {
      const inline = made.ofType("iam/rolePolicy:RolePolicy")[`${name}-policy`];
      const managed = made.ofType("iam/policy:Policy");
      const attached = Object.values(made.ofType("iam/rolePolicyAttachment:RolePolicyAttachment"))
        .filter(({ role }) => role === inline.role)
        .map(({ policyArn }) => managed[policyArn.replace("arn:", "")].policy as string);
      return [inline.policy, ...attached];
    };
    const resources = (policies: string[], sid: string): string[] =>
      policies.flatMap((policy) => statementsOf(policy)[sid]?.Resource ?? []);

    test.each([
      [1, 1],
      [50, 2],
      [100, 3],
      [400, 11],
    ])("%d of them may be read, in %d policies of each role that AWS would take", async (count, expected) => {
      const made = await scanner({ tables: names(count) });
      for (const [name, prefix] of Object.entries({ "scanner-start": "Try", "scanner-worker": "Read" })) {
        const policies = policiesOf(made, name);
        expect(policies.length).toBe(expected);
        policies.forEach((policy, at) => {
          expect(policy.length).toBeLessThanOrEqual(at === 0 ? 10_240 : 6_144);
        });
        expect(resources(policies, `${prefix}Tables`)).toEqual(names(count).map(arnOf));
        expect(resources(policies, `${prefix}Indexes`)).toEqual(names(count).map((table) => `${arnOf(table)}/index/*`));
      }
    });

    test("tables of the program with the longest names still fit", async () => {
      const made = await deploy(() => {
        const keys = { hashKey: "id", attributes: [{ name: "id", type: "S" }] };
        const tables = Array.from({ length: 60 }, (_, n) => new aws.dynamodb.Table(`${n}`.padStart(200, "t"), keys));
        new TableScanner("scanner", { ...account, tables });
      });
      const policies = policiesOf(made, "scanner-worker");
      expect(resources(policies, "ReadTables")).toHaveLength(60);
      expect(resources(policies, "ReadIndexes")).toHaveLength(60);
    });

    test("one more at the end leaves all policies but the last as they are", async () => {
      const before = policiesOf(await scanner({ tables: names(100) }), "scanner-worker");
      const after = policiesOf(await scanner({ tables: names(101) }), "scanner-worker");
      expect(after.slice(0, -1)).toEqual(before.slice(0, -1));
      expect(resources(after.slice(-1), "ReadTables").at(-1)).toBe(arnOf(names(101)[100]!));
    });

    test.each([true, false])("too many are refused with the number that fits, preview %s", async (preview) => {
      const attempt = async (count: number) => {
        let error: unknown;
        await deploy(
          () => {
            try {
              new TableScanner("scanner", { ...account, tables: names(count) });
            } catch (thrown) {
              error = thrown;
            }
          },
          { preview },
        );
        return error as TooManyPermissions | undefined;
      };
      const error = await attempt(1_000);
      expect(error).toMatchObject({ code: "TOO_MANY_PERMISSIONS", given: 1_000 });
      const { fit } = error!;
      expect(error?.message).toContain(`room for ${fit} tables, got 1000`);
      expect(fit).toBeGreaterThan(400);
      expect(await attempt(fit)).toBeUndefined();
    });
  });

  test("only Lambda takes on the roles", () => {
    const roles = standard.ofType("iam/role:Role");
    expect(Object.keys(roles).sort()).toEqual(["scanner-start-role", "scanner-worker-role"]);
    for (const { assumeRolePolicy } of Object.values(roles)) {
      expect(statementsOf(assumeRolePolicy)).toMatchObject({
        TakeOn: { Principal: { Service: "lambda.amazonaws.com" } },
      });
    }
  });
});

describe("queues", () => {
  test.each([10, 60, 900])("with a timeout of %d s a message is hidden for six of them", async (timeoutSeconds) => {
    const made = await scanner({ timeoutSeconds });
    expect(made.ofType("sqs/queue:Queue")["scanner-segments"].visibilityTimeoutSeconds).toBe(6 * timeoutSeconds);
    expect(made.ofType("lambda/function:Function")["scanner-worker"].timeout).toBe(timeoutSeconds);
    const { timeout } = made.ofType("lambda/function:Function")["scanner-start"];
    expect(made.ofType("sqs/queue:Queue")["scanner-starts"].visibilityTimeoutSeconds).toBeGreaterThanOrEqual(
      6 * timeout,
    );
  });

  test.each([
    ["scanner-segments", 100],
    ["scanner-starts", 20],
  ])("%s gives a message up after %d receives, to dead letters that outlast it", (name, maxReceiveCount) => {
    const queues = standard.ofType("sqs/queue:Queue");
    const deadLetterTargetArn = `arn:${name}-dead`;
    expect(JSON.parse(queues[name].redrivePolicy)).toEqual({ deadLetterTargetArn, maxReceiveCount });
    const retention = (queue: string) => queues[queue].messageRetentionSeconds;
    expect(retention(`${name}-dead`)).toBeGreaterThan(retention(name));
  });

  test("mappings answer message by message, and no more run at once than is set", async () => {
    const made = await scanner({ maximumConcurrency: 40, batchSize: 5 });
    const mappings = made.ofType("lambda/eventSourceMapping:EventSourceMapping");
    const functionResponseTypes = ["ReportBatchItemFailures"];
    expect(mappings).toEqual({
      "scanner-worker-source": {
        eventSourceArn: "arn:scanner-segments",
        functionName: "arn:scanner-worker",
        batchSize: 5,
        scalingConfig: { maximumConcurrency: 40 },
        functionResponseTypes,
      },
      "scanner-start-source": {
        eventSourceArn: "arn:scanner-starts",
        functionName: "arn:scanner-start",
        batchSize: 1,
        scalingConfig: { maximumConcurrency: 2 },
        functionResponseTypes,
      },
    });
  });
});

describe("functions", () => {
  test("they run the bundles of their handlers on Node 24 and arm64, within their settings", async () => {
    const made = await scanner({ memoryMegabytes: 2_048 });
    const runtime = { runtime: "nodejs24.x", architectures: ["arm64"], handler: "index.handler" };
    const functions = made.ofType("lambda/function:Function");
    expect(functions["scanner-worker"]).toMatchObject({ ...runtime, timeout: 60, memorySize: 2_048 });
    expect(functions["scanner-start"]).toMatchObject({ ...runtime, timeout: 60, memorySize: 512 });
    for (const handler of ["jobs/handlers/start", "scanner/handlers/work"]) {
      expect(bundle).toHaveBeenCalledWith(`services/${handler}.ts`, undefined);
    }
  });

  test("operations of a user's own go into both", async () => {
    jest.mocked(bundle).mockClear();
    await scanner({ operations: { histogram: "./test/fixtures/operations/histogram.ts" } });
    expect(bundle).toHaveBeenCalledTimes(2);
    for (const [, replaced] of jest.mocked(bundle).mock.calls) {
      expect(Object.keys(replaced ?? {})).toEqual(["shared/operations/user/userOperations.ts"]);
      expect(Object.values(replaced ?? {})[0]).toContain(resolve("test/fixtures/operations/histogram.ts"));
    }
  });

  const common = {
    JOBS_TABLE: "scanner-jobs-7f3a",
    SEGMENT_QUEUE_URL: "https://scanner-segments",
    EVENT_BUS: "default",
    POWERTOOLS_LOG_LEVEL: "DEBUG",
    POWERTOOLS_METRICS_NAMESPACE: "Sluice",
  };
  test.each<[string, string, Record<string, string>]>([
    ["jobs/handlers/start", "scanner-start", { ...common, START_QUEUE_URL: "https://scanner-starts" }],
    ["scanner/handlers/work", "scanner-worker", { ...common, RESULTS_BUCKET: "scanner-results-7f3a", BATCH_SIZE: "3" }],
  ])("the environment is the contract with the handler: %s", async (handler, name, expected) => {
    const made = await scanner({ batchSize: 3, logLevel: "DEBUG" });
    const { variables } = made.ofType("lambda/function:Function")[name].environment;
    expect(variables).toEqual({ ...expected, POWERTOOLS_SERVICE_NAME: name });
    const source = readFileSync(resolve(`services/${handler}.ts`), "utf8");
    const read = [...source.matchAll(/^ {4}([A-Z_]+): variable\./gm)].map(([, key]) => key);
    expect(
      Object.keys(variables)
        .filter((key) => !key.startsWith("POWERTOOLS_"))
        .sort(),
    ).toEqual(read.sort());
  });

  test("each writes to a log group of its own, kept for the days asked for", async () => {
    const made = await scanner({ logRetentionDays: 5 });
    const groups = made.ofType("cloudwatch/logGroup:LogGroup");
    expect(Object.keys(groups).sort()).toEqual(["scanner-start-log", "scanner-worker-log"]);
    for (const { retentionInDays } of Object.values(groups)) expect(retentionInDays).toBe(5);
  });
});

describe("what is kept", () => {
  test("the jobs table is paid for on demand, with its two keys", () => {
    expect(standard.ofType("dynamodb/table:Table")).toMatchObject({
      "scanner-jobs": {
        hashKey: "pk",
        rangeKey: "sk",
        billingMode: "PAY_PER_REQUEST",
        deletionProtectionEnabled: true,
      },
    });
  });

  test("one that is given is used, and none is made", async () => {
    const made = await deploy(() => {
      const jobsTable = new aws.dynamodb.Table("shared", { hashKey: "pk", attributes: [{ name: "pk", type: "S" }] });
      new TableScanner("scanner", { ...account, tables: ["orders"], jobsTable, completionEmail: "a@b.example" });
    });
    expect(Object.keys(made.ofType("dynamodb/table:Table"))).toEqual(["shared"]);
    for (const { environment } of Object.values(made.ofType("lambda/function:Function"))) {
      expect(environment.variables.JOBS_TABLE).toBe("shared-7f3a");
    }
    expect(policyOf(made, "scanner-worker").KeepCheckpoints?.Resource).toBe("arn:shared");
    expect(policyOf(made, "scanner-start").KeepJobs?.Resource).toBe("arn:shared");
    const { eventPattern } = made.ofType("cloudwatch/eventRule:EventRule")["scanner-mail-rule"];
    expect(JSON.parse(eventPattern).detail).toEqual({ jobsTable: ["shared-7f3a"] });
  });

  test("results are kept without versions, for the days asked for", async () => {
    const made = await scanner({ resultsExpirationDays: 30 });
    expect(made.ofType("s3/bucketVersioning:BucketVersioning")).toEqual({});
    const { rules } = made.ofType("s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")[
      "scanner-results-lifecycle"
    ];
    expect(rules.map(({ id }: { id: string }) => id)).toEqual(["drop-incomplete-uploads", "expire"]);
  });

  test.each([true, false])("with deletion protection %s", async (on) => {
    const made = await scanner({ deletionProtection: on, pointInTimeRecovery: on });
    expect(made.ofType("dynamodb/table:Table")["scanner-jobs"]).toMatchObject({
      deletionProtectionEnabled: on,
      pointInTimeRecovery: { enabled: on },
    });
    expect(made.ofType("s3/bucket:Bucket")["scanner-results"].forceDestroy).toBe(!on);
  });
});

describe("alarms", () => {
  test("dead letters, errors and throttles of either function raise one; a long queue is no trouble", () => {
    const alarms = standard.ofType("cloudwatch/metricAlarm:MetricAlarm");
    const rule = (metricName: string, dimensions: object, alarmDescription: string) =>
      expect.objectContaining({ metricName, dimensions, alarmDescription, alarmActions: [] });
    const worker = { FunctionName: "scanner-worker-7f3a" };
    const start = { FunctionName: "scanner-start-7f3a" };
    expect(alarms).toEqual({
      "scanner-alarm-dead-letters": rule(
        "ApproximateNumberOfMessagesVisible",
        { QueueName: "scanner-segments-dead-7f3a" },
        "Segments that no worker could get ahead with wait in the dead-letter queue; resume their job.",
      ),
      "scanner-alarm-errors": rule("Errors", worker, "The worker function crashed or timed out."),
      "scanner-alarm-throttles": rule("Throttles", worker, "Lambda had no room for the worker function."),
      "scanner-start-alarm-dead-letters": rule(
        "ApproximateNumberOfMessagesVisible",
        { QueueName: "scanner-starts-dead-7f3a" },
        "Start requests that could not be handled wait in the dead-letter queue.",
      ),
      "scanner-start-alarm-errors": rule("Errors", start, "The start function crashed or timed out."),
      "scanner-start-alarm-throttles": rule("Throttles", start, "Lambda had no room for the start function."),
    });
    expect(standard.ofType("sns/topic:Topic")).toEqual({});
  });

  test("an address gets them by mail; without alarms there are none", async () => {
    const made = await scanner({ alarmEmail: "team@lab.example" });
    for (const { alarmActions } of Object.values(made.ofType("cloudwatch/metricAlarm:MetricAlarm"))) {
      expect(alarmActions).toEqual(["arn:scanner-alarm-topic"]);
    }
    expect((await scanner({ alarms: false })).ofType("cloudwatch/metricAlarm:MetricAlarm")).toEqual({});
  });
});

describe("mail of a job's end", () => {
  test("nobody is told by default", () => {
    expect(standard.resources.filter(({ name }) => name.startsWith("scanner-mail"))).toEqual([]);
  });

  test("a rule for the jobs of this table leads to a topic that only the rule may publish to", async () => {
    const made = await scanner({ completionEmail: "lab@b.example", eventBus: "lab" });
    const { eventBusName, eventPattern } = made.ofType("cloudwatch/eventRule:EventRule")["scanner-mail-rule"];
    expect(eventBusName).toBe("lab");
    expect(JSON.parse(eventPattern)).toEqual({ source: ["sluice.jobs"], detail: { jobsTable: ["scanner-jobs-7f3a"] } });
    expect(made.ofType("cloudwatch/eventTarget:EventTarget")["scanner-mail-target"]).toMatchObject({
      rule: "scanner-mail-rule-7f3a",
      eventBusName: "lab",
      arn: "arn:scanner-mail-topic",
      inputTransformer: { inputPaths: { summary: "$.detail.summary" }, inputTemplate: '"<summary>"' },
    });
    const { arn, policy } = made.ofType("sns/topicPolicy:TopicPolicy")["scanner-mail-topic-policy"];
    expect(arn).toBe("arn:scanner-mail-topic");
    expect(statementsOf(policy)).toEqual({
      TellHowJobsEnd: {
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sns:Publish",
        Resource: "arn:scanner-mail-topic",
        Condition: { ArnEquals: { "aws:SourceArn": "arn:scanner-mail-rule" } },
      },
    });
    expect(made.ofType("sns/topicSubscription:TopicSubscription")).toEqual({
      "scanner-mail-subscription": { topic: "arn:scanner-mail-topic", protocol: "email", endpoint: "lab@b.example" },
    });
  });
});

describe("the parts of one scanner", () => {
  const all = { alarmEmail: "a@b.example", completionEmail: "a@b.example", tags: { lab: "sleep" } };

  test("each is named after it, and has no physical name of its own", async () => {
    const { resources } = await deploy(() => {
      for (const name of ["spring", "autumn"]) new TableScanner(name, { ...account, tables: ["orders"], ...all });
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

  test("all that can carry tags says where it belongs", async () => {
    const { resources } = await scanner(all);
    for (const { inputs } of resources.filter(({ inputs }) => inputs.tags)) {
      expect(inputs.tags).toEqual({ project: "sluice", stack: "test", service: "scanner", lab: "sleep" });
    }
    const untagged = resources
      .filter(({ custom, inputs }) => custom && !inputs.tags)
      .map(({ type }) => type.split(":").at(-1));
    expect([...new Set(untagged)].sort()).toEqual([
      ...["BucketLifecycleConfiguration", "BucketOwnershipControls", "BucketPolicy", "BucketPublicAccessBlock"],
      ...["BucketServerSideEncryptionConfiguration", "EventSourceMapping", "EventTarget", "QueuePolicy"],
      ...["RedriveAllowPolicy", "RolePolicy", "TopicPolicy", "TopicSubscription"],
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
    expect(planned.ofType("cloudwatch/eventRule:EventRule")["scanner-mail-rule"].eventPattern).toEqual(unknown);
  });
});

describe("args that cannot hold are refused before anything is made", () => {
  const refusal = async (name: string, args: Partial<TableScannerArgs>) => {
    let error: unknown;
    const { resources } = await deploy(() => {
      try {
        new TableScanner(name, { ...account, tables: [], ...args });
      } catch (thrown) {
        error = thrown;
      }
    });
    expect(resources).toEqual([]);
    return error;
  };

  test.each<[string, Partial<TableScannerArgs>, object[]]>([
    ["one invocation at once", { maximumConcurrency: 1 }, [{ option: "maximumConcurrency" }]],
    ["a batch of none is not the default", { batchSize: 0 }, [{ option: "batchSize" }]],
    ["a timeout without room for a page", { timeoutSeconds: 9 }, [{ option: "timeoutSeconds" }]],
    ["an address that is none", { completionEmail: "lab" }, [{ option: "completionEmail" }]],
    ["a table name with a blank", { tables: ["my table"] }, [{ code: "INVALID_TABLE_NAME", value: "my table" }]],
    ["an ARN for a name", { tables: [arnOf("orders")] }, [{ code: "INVALID_TABLE_NAME" }]],
    ["an operation named like one of ours", { operations: { count: "./index.ts" } }, [{ code: "INVALID_OPERATION" }]],
    ["a module that is not there", { operations: { mine: "./gone.ts" } }, [{ option: "operations.mine" }]],
    ["mail of alarms that are off", { alarms: false, alarmEmail: "a@b.example" }, [{ code: "EMAIL_WITHOUT_ALARMS" }]],
  ])("%s", async (_, args, problems) => {
    expect(await refusal("scanner", args)).toMatchObject({ code: "INVALID_SCANNER_ARGS", value: problems });
  });

  test("all of them are told together", async () => {
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

  test.each(["", "Scanner", "9lives", "a".repeat(41)])("the name %j", async (name) => {
    expect(await refusal(name, {})).toMatchObject({ code: "INVALID_SCANNER_ARGS", value: [{ option: "name" }] });
  });
});
