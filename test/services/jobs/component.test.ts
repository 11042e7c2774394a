import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { BulkJobs, type BulkJobsArgs, type UnitDriver } from "../../../services/jobs/component";
import { JobRecords } from "../../../services/jobs/records";
import { bundle } from "../../../shared/infra/bundle";
import { type Deployment, type DeployOptions, deploy, statementsOf } from "../../shared/infra/deploy";
import { policiesOf, refusalOfTooMany, resourcesOf } from "../../shared/infra/rolePolicies";

// Bundling has a test of its own; here it would only take time.
jest.mock("../../../shared/infra/bundle", () => ({
  ...jest.requireActual("../../../shared/infra/bundle"),
  bundle: jest.fn(async () => "export const handler = () => {};"),
}));

type Args = Partial<BulkJobsArgs<UnitDriver, UnitDriver>>;

const account = { region: "us-east-1", accountId: "111122223333" };
/** A driver that is only a queue. It is not part of what is tested here. */
const workerSettings = { memoryMegabytes: 256, timeoutSeconds: 90, maximumConcurrency: 8 };
const driver = () => ({ queue: new aws.sqs.Queue("units"), workerSettings });
const jobsOf = (args: Args = {}) => new BulkJobs("jobs", { ...account, tables: ["orders"], driver, ...args });
const jobs = (args: Args = {}, options?: DeployOptions) => deploy(() => jobsOf(args), options);
const arnOf = (table: string) => `arn:aws:dynamodb:us-east-1:111122223333:table/${table}`;
const policyOf = (deployment: Deployment) =>
  statementsOf(deployment.ofType("iam/rolePolicy:RolePolicy")["jobs-start-policy"].policy);

/** The values of outputs. */
async function known(operator: object): Promise<Record<string, unknown>> {
  const values = Object.entries(operator).map(async ([name, value]) => {
    return [name, await new Promise((done) => pulumi.output(value).apply(done))];
  });
  return Object.fromEntries(await Promise.all(values));
}

let standard: Deployment;
beforeAll(async () => {
  standard = await jobs();
});

describe("permissions of the start function", () => {
  const allow = (Action: string[], Resource: string | string[]) => ({ Effect: "Allow", Action, Resource });
  const take = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"];
  const keep = ["GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"];

  test("it may keep jobs, dispatch chains, send itself messages, and look at the named tables, and nothing else", () => {
    expect(policyOf(standard)).toEqual({
      TakeFromStartQueue: allow([...take, "sqs:SendMessage"], "arn:jobs-starts"),
      DispatchUnits: allow(["sqs:SendMessage"], "arn:units"),
      KeepJobs: allow(
        keep.map((action) => `dynamodb:${action}`),
        "arn:jobs-records-table",
      ),
      TryTables: allow(["dynamodb:DescribeTable", "dynamodb:Scan"], [arnOf("orders")]),
      TryIndexes: allow(["dynamodb:Scan"], [`${arnOf("orders")}/index/*`]),
      ReadResults: allow(["s3:GetObject"], "arn:jobs-records-results/*"),
      SeeMissingSources: allow(["s3:ListBucket"], "arn:jobs-records-results"),
      PublishRefusals: allow(["events:PutEvents"], "arn:aws:events:us-east-1:111122223333:event-bus/default"),
      WriteLog: allow(["logs:CreateLogStream", "logs:PutLogEvents"], "arn:jobs-start-log:*"),
    });
  });

  test("tables are given by name or as resources, another bus by its name", async () => {
    const made = await deploy(() => {
      const table = new aws.dynamodb.Table("customers", { hashKey: "id", attributes: [{ name: "id", type: "S" }] });
      jobsOf({ tables: ["orders", table], eventBus: "lab" });
    });
    const tables = [arnOf("orders"), "arn:customers"];
    const { TryTables, TryIndexes, PublishRefusals } = policyOf(made);
    expect([TryTables?.Resource, TryIndexes?.Resource]).toEqual([tables, tables.map((arn) => `${arn}/index/*`)]);
    expect(PublishRefusals?.Resource).toBe("arn:aws:events:us-east-1:111122223333:event-bus/lab");
    expect(made.ofType("lambda/function:Function")["jobs-start"].environment.variables.EVENT_BUS).toBe("lab");
  });

  test("it may look at the tables that may be changed, and ask whether they can be restored", async () => {
    const made = await jobs({ tables: ["orders"], changedTables: ["customers", "orders"] });
    const { TryTables, KnowProtection } = policyOf(made);
    expect(TryTables?.Resource).toEqual([arnOf("orders"), arnOf("customers")]);
    expect(KnowProtection).toEqual(
      allow(["dynamodb:DescribeContinuousBackups"], [arnOf("customers"), arnOf("orders")]),
    );
  });

  test("it reads exports and lists of keys in the buckets named", async () => {
    const made = await jobs({ sourceBuckets: "archive,lists" });
    const { ReadSources, ListSources } = policyOf(made);
    expect(ReadSources).toEqual(allow(["s3:GetObject"], ["arn:aws:s3:::archive/*", "arn:aws:s3:::lists/*"]));
    expect(ListSources).toEqual(allow(["s3:ListBucket"], ["arn:aws:s3:::archive", "arn:aws:s3:::lists"]));
  });

  test("without tables there is no statement about tables", async () => {
    const made = await jobs({ tables: [] });
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
    ])("%d of them may be tried, with %d policies that AWS would accept", async (count, expected) => {
      const policies = policiesOf(await jobs({ tables: names(count) }), "jobs-start");
      expect(policies.length).toBe(expected);
      policies.forEach((policy, at) => {
        expect(policy.length).toBeLessThanOrEqual(at === 0 ? 10_240 : 6_144);
      });
      expect(resourcesOf(policies, "TryTables")).toEqual(names(count).map(arnOf));
      expect(resourcesOf(policies, "TryIndexes")).toEqual(names(count).map((table) => `${arnOf(table)}/index/*`));
    });

    test.each([true, false])("too many are refused with the number that fits, preview %s", async (preview) => {
      const attempt = (count: number) => refusalOfTooMany(() => jobsOf({ tables: names(count) }), { preview });
      const error = await attempt(1_000);
      expect(error).toMatchObject({ code: "TOO_MANY_PERMISSIONS", given: 1_000 });
      const { fit } = error!;
      expect(error?.message).toContain(`jobs-start: its role has room for ${fit} tables, got 1000`);
      expect(fit).toBeGreaterThan(400);
      expect(await attempt(fit)).toBeUndefined();
    });
  });

  test("only Lambda can assume its role", () => {
    const roles = standard.ofType("iam/role:Role");
    expect(Object.keys(roles)).toEqual(["jobs-start-role"]);
    expect(statementsOf(roles["jobs-start-role"].assumeRolePolicy)).toMatchObject({
      TakeOn: { Principal: { Service: "lambda.amazonaws.com" } },
    });
  });
});

describe("the start queue", () => {
  test("it hides a message for six times the function's time-out", () => {
    const { timeout } = standard.ofType("lambda/function:Function")["jobs-start"];
    expect(timeout).toBe(60);
    expect(standard.ofType("sqs/queue:Queue")["jobs-starts"].visibilityTimeoutSeconds).toBe(6 * timeout);
  });

  test("after 20 receives a message becomes a dead letter, and dead letters are kept for longer than messages", () => {
    const queues = standard.ofType("sqs/queue:Queue");
    const redrive = { deadLetterTargetArn: "arn:jobs-starts-dead", maxReceiveCount: 20 };
    expect(JSON.parse(queues["jobs-starts"].redrivePolicy)).toEqual(redrive);
    const retention = (queue: string) => queues[queue].messageRetentionSeconds;
    expect(retention("jobs-starts-dead")).toBeGreaterThan(retention("jobs-starts"));
  });

  test("its mapping answers message by message, two at once", () => {
    expect(standard.ofType("lambda/eventSourceMapping:EventSourceMapping")).toEqual({
      "jobs-start-source": {
        eventSourceArn: "arn:jobs-starts",
        functionName: "arn:jobs-start",
        batchSize: 1,
        scalingConfig: { maximumConcurrency: 2 },
        functionResponseTypes: ["ReportBatchItemFailures"],
        tags: { project: "sluice", stack: "test", service: "jobs" },
      },
    });
  });
});

describe("the start function", () => {
  const startOf = (made: Deployment) => made.ofType("lambda/function:Function")["jobs-start"];

  test("it runs the bundle of its handler on Node 24 and arm64", () => {
    const runtime = { runtime: "nodejs24.x", architectures: ["arm64"], handler: "index.handler" };
    expect(startOf(standard)).toMatchObject({ ...runtime, timeout: 60, memorySize: 512 });
    expect(bundle).toHaveBeenCalledWith("services/jobs/handlers/start.ts", undefined);
  });

  test("a user's own operations go into the bundle, and the operator's output names them", async () => {
    jest.mocked(bundle).mockClear();
    let made: BulkJobs<UnitDriver> | undefined;
    await deploy(() => {
      made = jobsOf({ operations: { histogram: "./examples/ownOperation/histogram.ts" } });
    });
    expect(made!.operator.operations).toEqual(["histogram"]);
    expect(bundle).toHaveBeenCalledTimes(1);
    const [[, replaced]] = jest.mocked(bundle).mock.calls as [[string, Record<string, string>]];
    expect(Object.keys(replaced)).toEqual(["shared/operations/user/userOperations.ts"]);
    expect(Object.values(replaced)[0]).toContain(resolve("examples/ownOperation/histogram.ts"));
  });

  test("the environment is the contract with the handler", async () => {
    const { variables } = startOf(await jobs({ logLevel: "DEBUG", expirationDays: 90 })).environment;
    expect(variables).toEqual({
      JOBS_TABLE: "jobs-records-table-7f3a",
      READERS_QUEUE_URL: "https://units",
      RESULTS_BUCKET: "jobs-records-results-7f3a",
      START_QUEUE_URL: "https://jobs-starts",
      EVENT_BUS: "default",
      EXPIRATION_DAYS: "90",
      TIMEOUT_SECONDS: "60",
      READERS_MEMORY_MEGABYTES: "256",
      READERS_TIMEOUT_SECONDS: "90",
      READERS_MAXIMUM_CONCURRENCY: "8",
      POWERTOOLS_LOG_LEVEL: "DEBUG",
      POWERTOOLS_SERVICE_NAME: "jobs-start",
      POWERTOOLS_METRICS_NAMESPACE: "Sluice/test",
    });
    const source = readFileSync(resolve("services/jobs/handlers/start.ts"), "utf8");
    const read = [...source.matchAll(/^ {4}([A-Z_]+): variable\.(?!optional)/gm)].map(([, key]) => key);
    const given = Object.keys(variables).filter((key) => !key.startsWith("POWERTOOLS_"));
    expect(given.sort()).toEqual(read.sort());
  });

  test("it writes to a log group of its own, kept for the days asked for", async () => {
    const made = await jobs({ logRetentionDays: 5 });
    const tags = { project: "sluice", stack: "test", service: "jobs" };
    expect(made.ofType("cloudwatch/logGroup:LogGroup")).toEqual({ "jobs-start-log": { retentionInDays: 5, tags } });
  });
});

describe("the records", () => {
  test("the driver gets them, and chains are dispatched to its queue", async () => {
    let given: unknown;
    let made: BulkJobs<UnitDriver & { mine: string }> | undefined;
    await deploy(() => {
      made = new BulkJobs("jobs", {
        ...account,
        tables: [],
        driver: (records) => {
          given = records;
          return { ...driver(), mine: "yes" };
        },
      });
    });
    expect(given).toBeInstanceOf(JobRecords);
    expect(made?.records).toBe(given);
    expect(made?.driver.mine).toBe("yes");
  });

  test("the jobs table is paid for on demand, with its two keys and its items' expiry", () => {
    expect(standard.ofType("dynamodb/table:Table")).toEqual({
      "jobs-records-table": {
        hashKey: "pk",
        rangeKey: "sk",
        attributes: [
          { name: "pk", type: "S" },
          { name: "sk", type: "S" },
        ],
        billingMode: "PAY_PER_REQUEST",
        ttl: { attributeName: "expiresAt", enabled: true },
        pointInTimeRecovery: { enabled: false },
        deletionProtectionEnabled: true,
        tags: { project: "sluice", stack: "test", service: "jobs" },
      },
    });
  });

  test("results are kept without versions, for the days asked for", async () => {
    const made = await jobs({ resultsExpirationDays: 30 });
    expect(made.ofType("s3/bucketVersioning:BucketVersioning")).toEqual({});
    const lifecycles = made.ofType("s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration");
    const { rules } = lifecycles["jobs-records-results-lifecycle"];
    expect(rules).toMatchObject([{ id: "drop-incomplete-uploads" }, { id: "expire", expiration: { days: 30 } }]);
  });

  test.each([true, false])("with deletion protection %s", async (on) => {
    const made = await jobs({ deletionProtection: on, pointInTimeRecovery: on });
    expect(made.ofType("dynamodb/table:Table")["jobs-records-table"]).toMatchObject({
      deletionProtectionEnabled: on,
      pointInTimeRecovery: { enabled: on },
    });
    expect(made.ofType("s3/bucket:Bucket")["jobs-records-results"].forceDestroy).toBe(!on);
    const log = made.resources.find(({ name }) => name === "jobs-start-log");
    expect(log?.protect).toBe(on);
  });

  test("an operator of a stack with a workflow learns how many units its jobs work on at once", async () => {
    let made: BulkJobs<UnitDriver> | undefined;
    await deploy(() => {
      made = jobsOf({
        workflow: { stateMachineArn: "arn:aws:states:us-east-1:0:stateMachine:s", maximumConcurrency: 5 },
      });
    });
    expect(await known(made!.operator)).toMatchObject({ shuffleMaximumConcurrency: 5 });
  });

  test("an operator needs to know the region, the table, the start function and the bucket", async () => {
    let made: BulkJobs<UnitDriver> | undefined;
    await deploy(() => {
      made = jobsOf();
    });
    expect(await known(made!.operator)).toEqual({
      region: "us-east-1",
      jobsTable: "jobs-records-table-7f3a",
      startFunction: "jobs-start-7f3a",
      resultsBucket: "jobs-records-results-7f3a",
      tables: { read: ["orders"], write: [] },
      operations: [],
    });
  });
});

describe("alarms", () => {
  test("dead letters, errors and throttles of the start function raise an alarm; a long queue doesn't", () => {
    const rule = (metricName: string, dimensions: object, what: string) => {
      const alarmDescription = expect.stringMatching(`^${what} What to do: docs/runbook.md#jobs-start-alarm-[a-z-]+$`);
      return expect.objectContaining({ metricName, dimensions, alarmDescription, alarmActions: [] });
    };
    const start = { FunctionName: "jobs-start-7f3a" };
    expect(standard.ofType("cloudwatch/metricAlarm:MetricAlarm")).toEqual({
      "jobs-start-alarm-dead-letters": rule(
        "ApproximateNumberOfMessagesVisible",
        { QueueName: "jobs-starts-dead-7f3a" },
        "Start requests that could not be handled wait in the dead-letter queue.",
      ),
      "jobs-start-alarm-errors": rule("Errors", start, "The start function crashed or timed out."),
      "jobs-start-alarm-throttles": rule("Throttles", start, "Lambda throttled the start function."),
    });
    expect(standard.ofType("sns/topic:Topic")).toEqual({});
  });

  test("an address gets alarms by mail; without alarms there is no mail", async () => {
    const made = await jobs({ alarmEmail: "team@lab.example" });
    for (const { alarmActions } of Object.values(made.ofType("cloudwatch/metricAlarm:MetricAlarm"))) {
      expect(alarmActions).toEqual(["arn:jobs-start-alarm-topic"]);
    }
    expect((await jobs({ alarms: false })).ofType("cloudwatch/metricAlarm:MetricAlarm")).toEqual({});
  });
});

describe("mail of a job's end", () => {
  test("nobody gets one by default", () => {
    expect(standard.resources.filter(({ name }) => name.startsWith("jobs-records-mail"))).toEqual([]);
  });

  test("a rule for the jobs of this table leads to a topic that only the rule may publish to", async () => {
    const made = await jobs({ completionEmail: "lab@b.example", eventBus: "lab" });
    const { eventBusName, eventPattern } = made.ofType("cloudwatch/eventRule:EventRule")["jobs-records-mail-rule"];
    expect(eventBusName).toBe("lab");
    expect(JSON.parse(eventPattern)).toEqual({
      source: ["sluice.jobs"],
      detail: { jobsTable: ["jobs-records-table-7f3a"] },
    });
    expect(made.ofType("cloudwatch/eventTarget:EventTarget")["jobs-records-mail-target"]).toMatchObject({
      rule: "jobs-records-mail-rule-7f3a",
      eventBusName: "lab",
      arn: "arn:jobs-records-mail-topic",
      inputTransformer: { inputPaths: { summary: "$.detail.summary" }, inputTemplate: '"<summary>"' },
    });
    const { arn, policy } = made.ofType("sns/topicPolicy:TopicPolicy")["jobs-records-mail-topic-policy"];
    expect(arn).toBe("arn:jobs-records-mail-topic");
    expect(statementsOf(policy)).toEqual({
      PublishHowJobsEnd: {
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sns:Publish",
        Resource: "arn:jobs-records-mail-topic",
        Condition: { ArnEquals: { "aws:SourceArn": "arn:jobs-records-mail-rule" } },
      },
    });
    expect(made.ofType("sns/topicSubscription:TopicSubscription")).toEqual({
      "jobs-records-mail-subscription": {
        topic: "arn:jobs-records-mail-topic",
        protocol: "email",
        endpoint: "lab@b.example",
      },
    });
  });
});

describe("the parts of one control plane", () => {
  const all = { alarmEmail: "a@b.example", completionEmail: "a@b.example", tags: { lab: "sleep" } };

  test("each part is named after the control plane, and has no fixed physical name", async () => {
    const own = (name: string) => ({ queue: new aws.sqs.Queue(`${name}-units`), workerSettings });
    const { resources } = await deploy(() => {
      for (const name of ["spring", "autumn"]) {
        new BulkJobs(name, { ...account, tables: ["orders"], ...all, driver: () => own(name) });
      }
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
    const { resources } = await jobs({ ...all, tables });
    const ours = resources.filter(({ name }) => name !== "units");
    const tagged = ours.filter(({ inputs }) => inputs.tags);
    for (const { inputs } of tagged) {
      expect(inputs.tags).toEqual({ project: "sluice", stack: "test", service: "jobs", lab: "sleep" });
    }
    expect(tagged.map(({ type }) => type)).toContain("aws:iam/policy:Policy");
    const untagged = ours
      .filter(({ custom, inputs }) => custom && !inputs.tags)
      .map(({ type }) => type.split(":").at(-1));
    expect([...new Set(untagged)].sort()).toEqual([
      ...["BucketLifecycleConfiguration", "BucketOwnershipControls", "BucketPolicy", "BucketPublicAccessBlock"],
      ...["BucketServerSideEncryptionConfiguration", "EventTarget", "QueuePolicy", "RedriveAllowPolicy", "RolePolicy"],
      ...["RolePolicyAttachment", "TopicPolicy", "TopicSubscription"],
    ]);
  });

  test("preview plans the same, with unknown parts unknown", async () => {
    const names = ({ resources }: Deployment) => resources.map(({ name }) => name).sort();
    const planned = await jobs(all, { preview: true });
    expect(names(planned)).toEqual(names(await jobs(all)));
    for (const { inputs } of planned.resources)
      expect(JSON.stringify(inputs)).not.toMatch(/undefined|toString|\[object/);
    const unknown = expect.objectContaining({ __pulumiUnknown: true });
    expect(planned.ofType("iam/rolePolicy:RolePolicy")["jobs-start-policy"].policy).toEqual(unknown);
    expect(planned.ofType("cloudwatch/eventRule:EventRule")["jobs-records-mail-rule"].eventPattern).toEqual(unknown);
  });
});

describe("invalid args are refused before anything is made", () => {
  const refusal = async (name: string, args: Args) => {
    let error: unknown;
    const { resources } = await deploy(() => {
      try {
        new BulkJobs(name, { ...account, tables: [], driver, ...args });
      } catch (thrown) {
        error = thrown;
      }
    });
    expect(resources).toEqual([]);
    return error;
  };

  test.each<[string, Args, object[]]>([
    ["a malformed address", { completionEmail: "lab" }, [{ option: "completionEmail" }]],
    [
      "records that may expire before their job ends",
      { expirationDays: 29 },
      [{ code: "EXPIRES_TOO_SOON", value: 29 }],
    ],
    ["a negative expiry", { resultsExpirationDays: -1 }, [{ option: "resultsExpirationDays" }]],
    ["a table name with a blank", { tables: ["my table"] }, [{ code: "INVALID_TABLE_NAME", value: "my table" }]],
    ["an ARN for a name", { tables: [arnOf("orders")] }, [{ code: "INVALID_TABLE_NAME" }]],
    ["an operation named like one of ours", { operations: { count: "./index.ts" } }, [{ code: "INVALID_OPERATION" }]],
    ["a module that is not there", { operations: { mine: "./gone.ts" } }, [{ option: "operations.mine" }]],
    ["mail of alarms that are off", { alarms: false, alarmEmail: "a@b.example" }, [{ code: "EMAIL_WITHOUT_ALARMS" }]],
  ])("%s", async (_, args, problems) => {
    expect(await refusal("jobs", args)).toMatchObject({ code: "INVALID_JOBS_ARGS", value: problems });
  });

  test("all problems are reported together", async () => {
    const args = {
      logLevel: "LOUD" as "INFO",
      logRetentionDays: 2,
      tables: ["?"],
      operations: { "my op": "./gone.ts" },
    };
    const error = (await refusal("Jobs", args)) as { value: { option: string }[]; message: string };
    const options = ["logRetentionDays", "logLevel", "operations.my op", "name", "tables"];
    expect(error.value.map(({ option }) => option)).toEqual(options);
    for (const option of options) expect(error.message).toContain(`${option} must be`);
  });

  test.each([0, 30, 3_650])("records may expire after %d days", async (expirationDays) => {
    const made = await jobs({ expirationDays });
    const { variables } = made.ofType("lambda/function:Function")["jobs-start"].environment;
    expect(variables.EXPIRATION_DAYS).toBe(String(expirationDays));
  });

  test.each(["", "Jobs", "9lives", "a".repeat(36)])("the name %j", async (name) => {
    expect(await refusal(name, {})).toMatchObject({ code: "INVALID_JOBS_ARGS", value: [{ option: "name" }] });
  });
});
