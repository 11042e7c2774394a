import { SurveyIngest, type SurveyIngestArgs } from "../../../services/ingest/component";
import { bundle } from "../../../shared/infra/bundle";
import { type Deployment, type DeployOptions, deploy, statementsOf } from "../../shared/infra/deploy";

// Bundling has a test of its own; here it would only take time.
jest.mock("../../../shared/infra/bundle", () => ({
  ...jest.requireActual("../../../shared/infra/bundle"),
  bundle: jest.fn(async () => "export const handler = () => {};"),
}));

const account = { region: "us-east-1", accountId: "111122223333" };
const ingest = (args: Partial<SurveyIngestArgs> = {}, options?: DeployOptions) =>
  deploy(() => new SurveyIngest("ingest", { ...account, ...args }), options);

let standard: Deployment;
beforeAll(async () => {
  standard = await ingest();
});

describe("permissions", () => {
  const allow = (action: string | string[], resource: string) => ({
    Effect: "Allow",
    Action: action,
    Resource: resource,
  });

  test("the store function may do what its work needs on its own resources, and nothing else", () => {
    const policies = standard.ofType("iam/rolePolicy:RolePolicy");
    expect(Object.keys(policies)).toEqual(["ingest-store-policy"]);
    expect(statementsOf(policies["ingest-store-policy"].policy)).toEqual({
      TakeFromQueue: allow(
        ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"],
        "arn:ingest-queue",
      ),
      KeepRaw: allow(["s3:PutObject", "s3:GetObject", "s3:DeleteObjectVersion"], "arn:ingest-raw/*"),
      Quarantine: allow(["s3:PutObject", "s3:GetObject", "s3:DeleteObjectVersion"], "arn:ingest-quarantine/*"),
      SeeMissing: { ...allow(["s3:ListBucket"], ""), Resource: ["arn:ingest-raw", "arn:ingest-quarantine"] },
      MarkSubmission: allow(["dynamodb:PutItem", "dynamodb:GetItem"], "arn:ingest-submissions"),
      UpdateResults: allow(["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:GetItem"], "arn:ingest-results"),
      WriteLog: allow(["logs:CreateLogStream", "logs:PutLogEvents"], "arn:ingest-store-log:*"),
    });
  });

  test("only Lambda can assume the store function's role, and the function runs with this role", () => {
    const role = standard.ofType("iam/role:Role")["ingest-store-role"];
    expect(statementsOf(role.assumeRolePolicy)).toEqual({
      TakeOn: { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
    });
    expect(standard.ofType("iam/rolePolicy:RolePolicy")["ingest-store-policy"].role).toBe("ingest-store-role-7f3a");
    expect(standard.ofType("lambda/function:Function")["ingest-store"].role).toBe("arn:ingest-store-role");
  });

  test("without guests there is no identity pool and no other role", () => {
    expect(Object.keys(standard.ofType("iam/role:Role"))).toEqual(["ingest-store-role"]);
    expect(standard.ofType("cognito/identityPool:IdentityPool")).toEqual({});
  });

  test("if tokens are required, the store function may read the study's secret, and nobody gets more permissions", async () => {
    const required = await ingest({ participantTokens: "required" });
    const { policy } = required.ofType("iam/rolePolicy:RolePolicy")["ingest-store-policy"];
    const { ReadStudySecrets, ...others } = statementsOf(policy);
    expect(ReadStudySecrets).toEqual(allow(["secretsmanager:GetSecretValue"], "arn:ingest-study-secret"));
    expect(others).toEqual(statementsOf(standard.ofType("iam/rolePolicy:RolePolicy")["ingest-store-policy"].policy));
  });

  test("guests of this one pool may send to this one queue", async () => {
    const guests = await ingest({ senderAccess: "cognito-guest" });
    expect(guests.ofType("cognito/identityPool:IdentityPool")["ingest-guest-pool"]).toMatchObject({
      allowUnauthenticatedIdentities: true,
      allowClassicFlow: true,
    });
    expect(guests.ofType("cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment")).toEqual({
      "ingest-guest-roles": {
        identityPoolId: "ingest-guest-pool-id",
        roles: { unauthenticated: "arn:ingest-guest-role" },
      },
    });
    expect(statementsOf(guests.ofType("iam/role:Role")["ingest-guest-role"].assumeRolePolicy)).toEqual({
      TakeOnAsGuest: {
        Effect: "Allow",
        Principal: { Federated: "cognito-identity.amazonaws.com" },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: { "cognito-identity.amazonaws.com:aud": "ingest-guest-pool-id" },
          "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "unauthenticated" },
        },
      },
    });
    expect(statementsOf(guests.ofType("iam/rolePolicy:RolePolicy")["ingest-guest-policy"].policy)).toEqual({
      Send: allow("sqs:SendMessage", "arn:ingest-queue"),
    });
  });

  test("guests who are shut out lose all permissions at once; pool and role stay, because apps hold their ids", async () => {
    const [open, closed] = [
      await ingest({ senderAccess: "cognito-guest" }),
      await ingest({ senderAccess: "cognito-closed" }),
    ];
    const named = ({ resources }: Deployment) => resources.map(({ type, name }) => `${type} ${name}`);
    expect(named(closed)).toEqual(named(open));
    const pool = closed.ofType("cognito/identityPool:IdentityPool")["ingest-guest-pool"];
    expect(pool).toMatchObject({ allowUnauthenticatedIdentities: false });
    expect(statementsOf(closed.ofType("iam/rolePolicy:RolePolicy")["ingest-guest-policy"].policy)).toEqual({
      Send: { ...allow("sqs:SendMessage", "arn:ingest-queue"), Effect: "Deny" },
    });
  });

  test("the pool has the same name in every stack; a pool with another name keeps its name", async () => {
    const [here, renamed] = [
      await ingest({ senderAccess: "cognito-guest" }),
      await ingest({ senderAccess: "cognito-guest" }, { stack: "renamed" }),
    ];
    for (const made of [here, renamed]) {
      const pool = made.ofType("cognito/identityPool:IdentityPool")["ingest-guest-pool"];
      expect(pool.identityPoolName).toBe("sluice-ingest-guest");
    }
    const pool = here.resources.find(({ name }) => name === "ingest-guest-pool");
    expect(pool?.ignoreChanges).toEqual(["identityPoolName"]);
  });
});

describe("resources that are closed to others", () => {
  const guarded = (action: string, resources: string[]) => {
    const denied = { Effect: "Deny", Principal: "*", Action: action, Resource: resources };
    return {
      TlsOnly: { ...denied, Condition: { Bool: { "aws:SecureTransport": "false" } } },
      OwnerOnly: { ...denied, Condition: { StringNotEquals: { "aws:PrincipalAccount": "111122223333" } } },
    };
  };

  test.each(["ingest-queue", "ingest-queue-dead"])("%s refuses plain HTTP and other accounts", (name) => {
    const { queueUrl, policy } = standard.ofType("sqs/queuePolicy:QueuePolicy")[`${name}-policy`];
    expect(queueUrl).toBe(`https://${name}`);
    expect(statementsOf(policy)).toEqual(guarded("sqs:*", [`arn:${name}`]));
  });

  test.each(["ingest-raw", "ingest-quarantine"])("%s refuses plain HTTP, other accounts and the public", (name) => {
    const { bucket, policy } = standard.ofType("s3/bucketPolicy:BucketPolicy")[`${name}-policy`];
    expect(bucket).toBe(`${name}-id`);
    expect(statementsOf(policy)).toEqual(guarded("s3:*", [`arn:${name}`, `arn:${name}/*`]));
    const block = standard.ofType("s3/bucketPublicAccessBlock:BucketPublicAccessBlock")[`${name}-public-access`];
    expect(block).toEqual({
      bucket: `${name}-id`,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    const ownership = standard.ofType("s3/bucketOwnershipControls:BucketOwnershipControls")[`${name}-ownership`];
    expect(ownership).toEqual({ bucket: `${name}-id`, rule: { objectOwnership: "BucketOwnerEnforced" } });
  });
});

describe("buckets", () => {
  test.each(["ingest-raw", "ingest-quarantine"])("%s is encrypted and versioned", (name) => {
    const type = "BucketServerSideEncryptionConfiguration";
    expect(standard.ofType(`s3/bucketServerSideEncryptionConfiguration:${type}`)[`${name}-encryption`]).toEqual({
      bucket: `${name}-id`,
      rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
    });
    expect(standard.ofType("s3/bucketVersioning:BucketVersioning")[`${name}-versioning`]).toEqual({
      bucket: `${name}-id`,
      versioningConfiguration: { status: "Enabled" },
    });
  });

  test("old versions and incomplete uploads expire; objects stay, unless the bucket has an expiration", async () => {
    const made = await ingest({ quarantineExpirationDays: 90, noncurrentVersionDays: 5 });
    const lifecycles = made.ofType("s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration");
    const everything = { status: "Enabled", filter: { prefix: "" } };
    const always = [
      { ...everything, id: "drop-incomplete-uploads", abortIncompleteMultipartUpload: { daysAfterInitiation: 7 } },
      {
        ...everything,
        id: "drop-old-versions",
        noncurrentVersionExpiration: { noncurrentDays: 5 },
        expiration: { expiredObjectDeleteMarker: true },
      },
    ];
    expect(lifecycles["ingest-raw-lifecycle"].rules).toEqual(always);
    expect(lifecycles["ingest-quarantine-lifecycle"].rules).toEqual([
      ...always,
      { ...everything, id: "expire", expiration: { days: 90 } },
    ]);
  });

  test.each([true, false])(
    "with deletion protection %s, destroy empties a bucket only when unprotected",
    async (on) => {
      const made = await ingest({ deletionProtection: on });
      const buckets = Object.values(made.ofType("s3/bucket:Bucket"));
      expect(buckets.map(({ forceDestroy }) => forceDestroy)).toEqual([!on, !on]);
    },
  );
});

describe("queue", () => {
  test("both queues are encrypted and carry 1 MiB; dead letters are kept for 14 days", () => {
    const queues = standard.ofType("sqs/queue:Queue");
    const common = { maxMessageSize: 1_048_576, sqsManagedSseEnabled: true };
    expect(queues["ingest-queue"]).toMatchObject({ ...common, messageRetentionSeconds: 4 * 86_400 });
    expect(queues["ingest-queue-dead"]).toMatchObject({ ...common, messageRetentionSeconds: 14 * 86_400 });
    expect(queues["ingest-queue-dead"]).not.toHaveProperty("redrivePolicy");
  });

  test.each([
    [{}, 180],
    [{ timeoutSeconds: 60, batchWindowSeconds: 20 }, 380],
    [{ timeoutSeconds: 900, batchWindowSeconds: 300, queueRetentionDays: 13 }, 5_700],
  ])("with %j a message is hidden for six function timeouts plus the batch window: %d s", async (args, seconds) => {
    const made = await ingest(args);
    expect(made.ofType("sqs/queue:Queue")["ingest-queue"].visibilityTimeoutSeconds).toBe(seconds);
  });

  // The shortest delays are 7.5 + 15 + 30 + 60 + 120 + 240 s, and then 450 s each. Five receives are spare.
  test.each([
    [1, 5 + 5],
    [60, 14 + 5],
    [240, 38 + 5],
  ])("an outage of %d minutes needs %d receives before a message is dead", async (surviveOutageMinutes, receives) => {
    const made = await ingest({ surviveOutageMinutes });
    expect(JSON.parse(made.ofType("sqs/queue:Queue")["ingest-queue"].redrivePolicy)).toEqual({
      deadLetterTargetArn: "arn:ingest-queue-dead",
      maxReceiveCount: receives,
    });
  });

  test("the dead-letter queue takes letters only from this queue", () => {
    const { queueUrl, redriveAllowPolicy } = standard.ofType("sqs/redriveAllowPolicy:RedriveAllowPolicy")[
      "ingest-queue-dead-redrive"
    ];
    expect(queueUrl).toBe("https://ingest-queue-dead");
    expect(JSON.parse(redriveAllowPolicy)).toEqual({
      redrivePermission: "byQueue",
      sourceQueueArns: ["arn:ingest-queue"],
    });
  });
});

describe("store function", () => {
  test("it runs the bundle on Node 24 and arm64, within its settings", () => {
    const store = standard.ofType("lambda/function:Function")["ingest-store"];
    expect(store).toMatchObject({
      runtime: "nodejs24.x",
      architectures: ["arm64"],
      handler: "index.handler",
      timeout: 30,
      memorySize: 512,
    });
  });

  test("it is built from the handler's file", async () => {
    const { code } = standard.ofType("lambda/function:Function")["ingest-store"];
    expect(Object.keys(await code.assets)).toEqual(["index.mjs"]);
    expect(bundle).toHaveBeenCalledWith("services/ingest/handlers/store.ts", undefined);
  });

  test("its environment is the contract with the handler", async () => {
    const policy = { minSeconds: 0, requireFreetext: false, answerMin: 0, answerMax: 10, minAnswers: 2 };
    const made = await ingest({ ...policy, recordConcurrency: 4, logLevel: "DEBUG" });
    expect(made.ofType("lambda/function:Function")["ingest-store"].environment.variables).toEqual({
      RAW_BUCKET: "ingest-raw-7f3a",
      QUARANTINE_BUCKET: "ingest-quarantine-7f3a",
      RESULTS_TABLE: "ingest-results-7f3a",
      SUBMISSIONS_TABLE: "ingest-submissions-7f3a",
      QUEUE_URL: "https://ingest-queue",
      MIN_SECONDS: "0",
      REQUIRE_FREETEXT: "false",
      ANSWER_MIN: "0",
      ANSWER_MAX: "10",
      MIN_ANSWERS: "2",
      RECORD_CONCURRENCY: "4",
      TIMEOUT_SECONDS: "30",
      POWERTOOLS_LOG_LEVEL: "DEBUG",
      POWERTOOLS_SERVICE_NAME: "ingest",
      POWERTOOLS_METRICS_NAMESPACE: "Sluice/test",
    });
  });

  test("with a write capacity limit all functions share a ledger, and fewer run at once", async () => {
    const made = await ingest({ writeCapacityLimit: 100 });
    expect(made.ofType("lambda/function:Function")["ingest-store"].environment.variables).toMatchObject({
      WRITE_CAPACITY_LIMIT: "100",
      LEDGER_TABLE: "ingest-ledger-7f3a",
    });
    expect(made.ofType("dynamodb/table:Table")["ingest-ledger"]).toMatchObject({
      hashKey: "ledger",
      billingMode: "PAY_PER_REQUEST",
      deletionProtectionEnabled: false,
    });
    const { ShareCapacity } = statementsOf(made.ofType("iam/rolePolicy:RolePolicy")["ingest-store-policy"].policy);
    const actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"];
    expect(ShareCapacity).toEqual({ Effect: "Allow", Action: actions, Resource: "arn:ingest-ledger" });
    const { scalingConfig } = made.ofType("lambda/eventSourceMapping:EventSourceMapping")["ingest-store-source"];
    expect(scalingConfig).toEqual({ maximumConcurrency: 2 });
  });

  test("it writes to a log group of its own, made before it and kept for the days asked for", () => {
    expect(standard.ofType("cloudwatch/logGroup:LogGroup")["ingest-store-log"].retentionInDays).toBe(30);
    const { loggingConfig } = standard.ofType("lambda/function:Function")["ingest-store"];
    expect(loggingConfig).toEqual({ logFormat: "Text", logGroup: "ingest-store-log-7f3a" });
  });

  test("the mapping answers record by record and keeps to the table's capacity", () => {
    expect(standard.ofType("lambda/eventSourceMapping:EventSourceMapping")["ingest-store-source"]).toMatchObject({
      eventSourceArn: "arn:ingest-queue",
      functionName: "arn:ingest-store",
      functionResponseTypes: ["ReportBatchItemFailures"],
      batchSize: 10,
      maximumBatchingWindowInSeconds: 0,
      scalingConfig: { maximumConcurrency: 10 },
    });
  });

  test.each([
    ["a value that is set replaces the default", { maximumConcurrency: 7 }, 7],
    [
      "provisioned capacity counts",
      { billing: "provisioned", readCapacity: 5, writeCapacity: 8_000, recordConcurrency: 5 },
      40,
    ],
    ["Lambda's least", { billing: "provisioned", readCapacity: 1, writeCapacity: 1 }, 2],
  ] as const)("maximum concurrency: %s", async (_, args, expected) => {
    const made = await ingest(args);
    const mapping = made.ofType("lambda/eventSourceMapping:EventSourceMapping")["ingest-store-source"];
    expect(mapping.scalingConfig.maximumConcurrency).toBe(expected);
  });
});

describe("tables", () => {
  test("they are paid for on demand, restorable and protected by default; markers never expire", () => {
    const tables = standard.ofType("dynamodb/table:Table");
    const byParticipant = { name: "byParticipant", hashKey: "user_id", rangeKey: "submission" };
    const index = { globalSecondaryIndexes: [{ ...byParticipant, projectionType: "KEYS_ONLY" }] };
    for (const [name, hashKey, keys, more] of [
      ["ingest-results", "user_id", ["user_id"], {}],
      ["ingest-submissions", "submission", ["submission", "user_id"], index],
    ] as const) {
      expect(tables[name]).toEqual({
        hashKey,
        ...more,
        attributes: keys.map((key) => ({ name: key, type: "S" })),
        billingMode: "PAY_PER_REQUEST",
        pointInTimeRecovery: { enabled: true },
        deletionProtectionEnabled: true,
        tags: { project: "sluice", stack: "test", service: "ingest" },
      });
    }
  });

  test("provisioned capacity, recovery and protection are as configured", async () => {
    const capacity = { billing: "provisioned", readCapacity: 5, writeCapacity: 20 } as const;
    const made = await ingest({ ...capacity, pointInTimeRecovery: false, deletionProtection: false });
    for (const table of Object.values(made.ofType("dynamodb/table:Table"))) {
      expect(table).toMatchObject({
        billingMode: "PROVISIONED",
        readCapacity: 5,
        writeCapacity: 20,
        pointInTimeRecovery: { enabled: false },
        deletionProtectionEnabled: false,
      });
    }
    const [index] = made.ofType("dynamodb/table:Table")["ingest-submissions"].globalSecondaryIndexes;
    expect(index).toMatchObject({ readCapacity: 5, writeCapacity: 20 });
  });
});

describe("alarms", () => {
  test("dead letters, a waiting queue, errors and throttles each raise one, and nobody is mailed by default", () => {
    const alarms = standard.ofType("cloudwatch/metricAlarm:MetricAlarm");
    const rule = (metricName: string, dimensions: object, threshold: number) =>
      expect.objectContaining({ metricName, dimensions, threshold, alarmActions: [] });
    expect(alarms).toEqual({
      "ingest-alarm-dead-letters": rule(
        "ApproximateNumberOfMessagesVisible",
        { QueueName: "ingest-queue-dead-7f3a" },
        0,
      ),
      "ingest-alarm-oldest": rule("ApproximateAgeOfOldestMessage", { QueueName: "ingest-queue-7f3a" }, 3_600),
      "ingest-alarm-errors": rule("Errors", { FunctionName: "ingest-store-7f3a" }, 0),
      "ingest-alarm-throttles": rule("Throttles", { FunctionName: "ingest-store-7f3a" }, 0),
      "ingest-alarm-quarantine": expect.objectContaining({ threshold: 20, alarmActions: [] }),
    });
    expect(standard.ofType("sns/topic:Topic")).toEqual({});
  });

  test("too large a share in quarantine raises one, from five bodies within five minutes", async () => {
    const made = await ingest({ alarmQuarantinePercent: 50 });
    const alarm = made.ofType("cloudwatch/metricAlarm:MetricAlarm")["ingest-alarm-quarantine"];
    const metric = {
      namespace: "Sluice/test",
      metricName: "Quarantined",
      dimensions: { service: "ingest" },
      period: 300,
    };
    expect(alarm).toMatchObject({
      comparisonOperator: "GreaterThanThreshold",
      threshold: 50,
      treatMissingData: "notBreaching",
      metricQueries: [
        { id: "quarantined", metric: { ...metric, stat: "Sum" } },
        { id: "share", metric: { ...metric, stat: "Average" } },
        { id: "watched", expression: "IF(quarantined >= 5, 100 * share, 0)", returnData: true },
      ],
    });
    expect(alarm).not.toHaveProperty("period");
    const { variables } = made.ofType("lambda/function:Function")["ingest-store"].environment;
    expect([variables.POWERTOOLS_METRICS_NAMESPACE, variables.POWERTOOLS_SERVICE_NAME]).toEqual([
      "Sluice/test",
      "ingest",
    ]);
  });

  test("a share of 0 % switches the alarm off", async () => {
    const alarms = (await ingest({ alarmQuarantinePercent: 0 })).ofType("cloudwatch/metricAlarm:MetricAlarm");
    expect(Object.keys(alarms)).toHaveLength(4);
  });

  test("an address gets them by mail", async () => {
    const made = await ingest({ alarmEmail: "team@lab.example" });
    const subscription = made.ofType("sns/topicSubscription:TopicSubscription")["ingest-alarm-mail"];
    expect(subscription).toEqual({ topic: "arn:ingest-alarm-topic", protocol: "email", endpoint: "team@lab.example" });
    for (const alarm of Object.values(made.ofType("cloudwatch/metricAlarm:MetricAlarm"))) {
      expect(alarm.alarmActions).toEqual(["arn:ingest-alarm-topic"]);
    }
  });

  test("without alarms nothing is watched", async () => {
    const made = await ingest({ alarms: false });
    expect(made.ofType("cloudwatch/metricAlarm:MetricAlarm")).toEqual({});
  });
});

describe("two instances in one account", () => {
  test("no resource has a fixed physical name, and each instance refers to its own parts", async () => {
    const two = await deploy(() => {
      new SurveyIngest("spring", { ...account, senderAccess: "cognito-guest", alarmEmail: "a@b.example" });
      new SurveyIngest("autumn", { ...account, senderAccess: "cognito-guest", alarmEmail: "a@b.example" });
    });
    for (const { type, name, custom, inputs } of two.resources.filter((resource) => resource.custom)) {
      expect({ type, name, custom, fixed: Object.keys(inputs).filter(isPhysicalName(type)) }).toMatchObject({
        fixed: [],
      });
    }
    const parts = (instance: string) => two.resources.filter(({ name }) => name.startsWith(instance));
    expect(parts("spring").map(({ name }) => name.slice(6))).toEqual(parts("autumn").map(({ name }) => name.slice(6)));
    expect(parts("spring").length + parts("autumn").length).toBe(two.resources.length);
    expect(JSON.stringify(parts("spring"))).not.toContain("autumn");
    expect(JSON.stringify(parts("autumn"))).not.toContain("spring");
  });

  // Inputs that would fix a physical name. Resources that belong to a bucket name that bucket.
  const isPhysicalName = (type: string) => (input: string) =>
    ["name", "namePrefix", "bucketPrefix"].includes(input) || (input === "bucket" && type === "aws:s3/bucket:Bucket");
});

test("everything that can carry tags has the tags of its project, stack and service", async () => {
  const options = { senderAccess: "cognito-guest", alarmEmail: "a@b.example", tags: { lab: "sleep" } } as const;
  const { resources } = await ingest(options);
  const untagged = resources.filter(({ custom, inputs }) => custom && !inputs.tags).map(({ type }) => type);
  for (const { inputs } of resources.filter(({ inputs }) => inputs.tags)) {
    expect(inputs.tags).toEqual({ project: "sluice", stack: "test", service: "ingest", lab: "sleep" });
  }
  expect([...new Set(untagged)].sort()).toEqual([
    "aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:sns/topicSubscription:TopicSubscription",
    "aws:sqs/queuePolicy:QueuePolicy",
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
  ]);
});

describe("preview, when ids, ARNs and URLs are unknown", () => {
  test("the same resources are planned, and values that depend on unknown ones stay unknown", async () => {
    const args = { senderAccess: "cognito-guest", alarmEmail: "a@b.example" } as const;
    const [planned, made] = [await ingest(args, { preview: true }), await ingest(args)];
    const unknown = expect.objectContaining({ __pulumiUnknown: true });
    const names = ({ resources }: Deployment) => resources.map(({ name }) => name).sort();
    expect(names(planned)).toEqual(names(made));
    for (const { inputs } of planned.resources) {
      expect(JSON.stringify(inputs)).not.toMatch(/undefined|toString|\[object/);
    }
    expect(planned.ofType("iam/rolePolicy:RolePolicy")["ingest-store-policy"].policy).toEqual(unknown);
    expect(planned.ofType("sqs/queue:Queue")["ingest-queue"].redrivePolicy).toEqual(unknown);
    expect(planned.ofType("sqs/queue:Queue")["ingest-queue"].visibilityTimeoutSeconds).toBe(180);
    const { variables } = planned.ofType("lambda/function:Function")["ingest-store"].environment;
    expect(variables.MIN_SECONDS).toBe("3");
  });
});

describe("args that cannot hold", () => {
  test.each<[string, Partial<SurveyIngestArgs>, string[]]>([
    ["a batch of more than ten without a window", { batchSize: 11 }, ["BATCH_NEEDS_WINDOW"]],
    ["a batch size of zero is not a default", { batchSize: 0 }, ["INVALID_VALUE"]],
    ["no answer is allowed", { answerMin: 6 }, ["EMPTY_ANSWER_RANGE"]],
    ["one invocation at once", { maximumConcurrency: 1 }, ["CONCURRENCY_TOO_LOW"]],
    ["provisioned without capacity", { billing: "provisioned" }, ["CAPACITY_MISSING", "CAPACITY_MISSING"]],
    ["capacity without provisioned", { writeCapacity: 5 }, ["CAPACITY_UNUSED"]],
    ["mail without alarms", { alarms: false, alarmEmail: "a@b.example" }, ["EMAIL_WITHOUT_ALARMS"]],
    [
      "retries that outlive the queue's retention",
      { queueRetentionDays: 1, surviveOutageMinutes: 1_440 },
      ["RETENTION_TOO_SHORT"],
    ],
    ["a sender nobody knows", { senderAccess: "cognito" as "iam" }, ["INVALID_VALUE"]],
    ["several at once", { timeoutSeconds: 901, logRetentionDays: 2 }, ["INVALID_VALUE", "INVALID_VALUE"]],
  ])("%s", async (_, args, codes) => {
    let refusal: unknown;
    const { resources } = await deploy(() => {
      try {
        new SurveyIngest("ingest", { ...account, ...args });
      } catch (error) {
        refusal = error;
      }
    });
    expect(refusal).toMatchObject({ code: "INVALID_INGEST_ARGS", value: codes.map((code) => ({ code })) });
    expect(resources).toEqual([]);
  });

  test.each(["", "Ingest", "9lives", "a".repeat(36)])("the name %j, which no bucket could have", async (name) => {
    await deploy(() => {
      expect(() => new SurveyIngest(name, account)).toThrow(expect.objectContaining({ code: "INVALID_INGEST_ARGS" }));
    });
  });
});

describe("participants' tokens", () => {
  const environmentOf = (deployment: Deployment) =>
    deployment.ofType("lambda/function:Function")["ingest-store"].environment.variables;

  test("that are off need no secret", () => {
    expect(standard.ofType("secretsmanager/secret:Secret")).toEqual({});
    expect(environmentOf(standard)).not.toHaveProperty("STUDY_SECRET");
  });

  test("that are required need a secret without a value, so that none is in the state", async () => {
    const required = await ingest({ participantTokens: "required" });
    expect(required.ofType("secretsmanager/secret:Secret")).toEqual({
      "ingest-study-secret": { description: expect.any(String), tags: expect.any(Object) },
    });
    expect(Object.keys(required.ofType("secretsmanager/secretVersion:SecretVersion"))).toEqual([]);
    expect(environmentOf(required)).toMatchObject({ STUDY_SECRET: "arn:ingest-study-secret" });
  });
});
