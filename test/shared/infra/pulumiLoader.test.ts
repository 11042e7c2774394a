import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type ProgramRun, runProgram } from "./pulumiHost";

// Each run starts a process that loads the whole program. On a busy machine this takes long.
jest.setTimeout(240_000);

/** The machine's own Node, with which the CLI runs programs. npm scripts put the pinned one before it in PATH. */
const machineNode =
  (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !folder.includes("node_modules"))
    .map((folder) => join(folder, "node"))
    .find(existsSync) ?? process.execPath;

const config = {
  "aws:region": "eu-west-1",
  "sluice:senderAccess": "cognito-guest",
  "sluice:jobsCompletionEmail": "a@lab.example",
};

describe("index.ts under Pulumi's own loader, as the CLI runs it", () => {
  let up: ProgramRun;
  let preview: ProgramRun;
  // There is one run on each Node, so both are known to work.
  beforeAll(async () => {
    [up, preview] = await Promise.all([
      runProgram({ node: machineNode, config, fresh: true }),
      runProgram({ node: process.execPath, config, preview: true }),
    ]);
  });

  test("up registers everything once, and succeeds", () => {
    expect(up).toMatchObject({ exitCode: 0, errors: [], printed: "" });
    const count = new Map<string, number>();
    for (const { type } of up.resources) count.set(type, (count.get(type) ?? 0) + 1);
    expect(Object.fromEntries([...count].sort())).toEqual({
      "aws:cloudwatch/dashboard:Dashboard": 1,
      "aws:cloudwatch/eventRule:EventRule": 2,
      "aws:cloudwatch/eventTarget:EventTarget": 2,
      "aws:cloudwatch/logGroup:LogGroup": 7,
      "aws:cloudwatch/metricAlarm:MetricAlarm": 17,
      "aws:cognito/identityPool:IdentityPool": 1,
      "aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment": 1,
      "aws:dynamodb/table:Table": 3,
      "aws:iam/role:Role": 8,
      "aws:iam/rolePolicy:RolePolicy": 8,
      "aws:lambda/eventSourceMapping:EventSourceMapping": 3,
      "aws:lambda/function:Function": 6,
      "aws:lambda/permission:Permission": 1,
      "aws:s3/bucket:Bucket": 3,
      "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": 3,
      "aws:s3/bucketOwnershipControls:BucketOwnershipControls": 3,
      "aws:s3/bucketPolicy:BucketPolicy": 3,
      "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": 3,
      "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": 3,
      "aws:s3/bucketVersioning:BucketVersioning": 2,
      "aws:sfn/stateMachine:StateMachine": 1,
      "aws:sns/topic:Topic": 1,
      "aws:sns/topicPolicy:TopicPolicy": 1,
      "aws:sns/topicSubscription:TopicSubscription": 1,
      "aws:sqs/queue:Queue": 6,
      "aws:sqs/queuePolicy:QueuePolicy": 6,
      "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": 3,
      "pulumi:pulumi:Stack": 1,
      "sluice:dashboard:StackDashboard": 1,
      "sluice:infra:BundledFunction": 6,
      "sluice:infra:GuestSender": 1,
      "sluice:infra:JobMail": 1,
      "sluice:infra:PrivateBucket": 3,
      "sluice:infra:QueueWithDeadLetters": 3,
      "sluice:infra:ServiceAlarms": 3,
      "sluice:ingest:SurveyIngest": 1,
      "sluice:jobs:BulkJobs": 1,
      "sluice:jobs:JobRecords": 1,
      "sluice:scanner:TableScanner": 1,
      "sluice:shuffle:ExecutionWatch": 1,
      "sluice:shuffle:ShuffleWorkflow": 1,
      "sluice:shuffle:WorkflowAlarms": 1,
    });
    expect(up.outputs).toMatchObject({
      sender: {
        queueUrl: "https://sqs/ingest-queue",
        region: "eu-west-1",
        identityPoolId: "ingest-guest-pool-id",
        guestRoleArn: "arn:aws:x:::ingest-guest-role",
      },
    });
  });

  test("preview plans the same resources", () => {
    const names = ({ resources }: ProgramRun) => resources.map(({ name }) => name).sort();
    expect(preview).toMatchObject({ exitCode: 0, errors: [], printed: "" });
    expect(names(preview)).toEqual(names(up));
  });

  test("each resource is the child of a component and named after it", () => {
    for (const { name, type, parent } of up.resources) {
      if (type.startsWith("aws:")) expect(name).toMatch(new RegExp(`^${parent}(-|$)`));
    }
    const components = up.resources.filter(({ type }) => type.startsWith("sluice:"));
    expect(new Set(components.map(({ parent }) => parent))).toEqual(
      new Set(["sluice-test", "ingest", "jobs", "jobs-records", "scanner", "shuffle"]),
    );
  });

  test("protection reaches the resources attached to queues, buckets and guests, and no function", () => {
    const kept = new Map<string, number>();
    for (const { type } of up.resources.filter(({ protect }) => protect)) kept.set(type, (kept.get(type) ?? 0) + 1);
    expect(Object.fromEntries([...kept].sort())).toEqual({
      "aws:cloudwatch/logGroup:LogGroup": 7,
      "aws:cognito/identityPool:IdentityPool": 1,
      "aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment": 1,
      "aws:dynamodb/table:Table": 3,
      "aws:iam/role:Role": 1,
      "aws:iam/rolePolicy:RolePolicy": 1,
      "aws:s3/bucket:Bucket": 3,
      "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": 3,
      "aws:s3/bucketOwnershipControls:BucketOwnershipControls": 3,
      "aws:s3/bucketPolicy:BucketPolicy": 3,
      "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": 3,
      "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": 3,
      "aws:s3/bucketVersioning:BucketVersioning": 2,
      "aws:sqs/queue:Queue": 6,
      "aws:sqs/queuePolicy:QueuePolicy": 6,
      "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": 3,
      "sluice:infra:GuestSender": 1,
      "sluice:infra:PrivateBucket": 3,
      "sluice:infra:QueueWithDeadLetters": 3,
    });
  });

  /** Names of the resources that must exist before this one, and of the resources that those consist of. */
  const waitsFor = (name: string) =>
    up.resources.find(({ name: other, type }) => other === name && type.startsWith("aws:"))?.after ?? [];
  const ofType = (type: string) => up.resources.filter((resource) => resource.type === `aws:${type}`);
  const functionParts = (name: string) => [name, `${name}-policy`, `${name}-log`, `${name}-role`];
  const bucket = (name: string, ...more: string[]) =>
    ["", "-ownership", "-encryption", "-lifecycle", "-public-access", "-policy", ...more].map((end) => `${name}${end}`);

  test("functions wait for their permissions and log groups", () => {
    const functions = ofType("lambda/function:Function").map(({ name }) => name);
    const workflow = ["generate", "process-reading", "summarize"].map((task) => `shuffle-${task}`);
    expect(functions.sort()).toEqual(["ingest-store", "jobs-start", "scanner-worker", ...workflow]);
    for (const name of functions) {
      expect(waitsFor(name)).toEqual(expect.arrayContaining([`${name}-policy`, `${name}-log`]));
    }
  });

  const mail = ["rule", "target", "topic", "topic-policy", "subscription"].map((part) => `jobs-records-mail-${part}`);

  test.each<[string, string[]]>([
    [
      "ingest-store-source",
      [
        ...["ingest-queue", "ingest-results", "ingest-submissions", ...functionParts("ingest-store")],
        ...[...bucket("ingest-raw", "-versioning"), ...bucket("ingest-quarantine", "-versioning")],
      ],
    ],
    [
      "jobs-start-source",
      ["jobs-starts", "jobs-records-table", ...functionParts("jobs-start"), ...bucket("jobs-records-results"), ...mail],
    ],
    [
      "scanner-worker-source",
      [
        ...["scanner-units", "jobs-records-table", ...functionParts("scanner-worker")],
        ...[...bucket("jobs-records-results"), ...mail],
      ],
    ],
  ])("%s reads its queue only when all places to store data are ready", (source, expected) => {
    expect(waitsFor(source).toSorted()).toEqual(expected.toSorted());
  });

  test("there are no other mappings", () => {
    expect(ofType("lambda/eventSourceMapping:EventSourceMapping").map(({ name }) => name)).toHaveLength(3);
  });

  test("a bucket's policy waits for its public access block; the deletion of old versions waits for the versioning", () => {
    const buckets = ofType("s3/bucket:Bucket").map(({ name }) => name);
    expect(buckets.sort()).toEqual(["ingest-quarantine", "ingest-raw", "jobs-records-results"]);
    for (const name of buckets) expect(waitsFor(`${name}-policy`)).toContain(`${name}-public-access`);
    for (const name of ["ingest-raw", "ingest-quarantine"]) {
      expect(waitsFor(`${name}-lifecycle`)).toContain(`${name}-versioning`);
    }
  });

  test("every queue with a reader uses long polling", () => {
    const waits = ofType("sqs/queue:Queue").map(({ name, inputs }) => [name, inputs.receiveWaitTimeSeconds ?? 0]);
    expect(Object.fromEntries(waits)).toEqual({
      ...{ "ingest-queue": 20, "jobs-starts": 20, "scanner-units": 20 },
      ...{ "ingest-queue-dead": 0, "jobs-starts-dead": 0, "scanner-units-dead": 0 },
    });
  });

  describe("on a stack from before the control plane of jobs was a service", () => {
    const scanner = "urn:pulumi:test::sluice::sluice:scanner:TableScanner";
    /** All resources that were protected then and have another URN now. Source: the state of a stack that commit 4c42c05 made. */
    const kept = [
      "$aws:dynamodb/table:Table::scanner-jobs",
      "$sluice:infra:PrivateBucket::scanner-results",
      ...[
        "bucket:Bucket::scanner-results",
        "bucketLifecycleConfiguration:BucketLifecycleConfiguration::scanner-results-lifecycle",
        "bucketOwnershipControls:BucketOwnershipControls::scanner-results-ownership",
        "bucketPolicy:BucketPolicy::scanner-results-policy",
        "bucketPublicAccessBlock:BucketPublicAccessBlock::scanner-results-public-access",
        "bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration::scanner-results-encryption",
      ].map((part) => `$sluice:infra:PrivateBucket$aws:s3/${part}`),
      ...["scanner-starts", "scanner-segments"].flatMap((queue) => [
        `$sluice:infra:QueueWithDeadLetters::${queue}`,
        ...[
          `queue:Queue::${queue}`,
          `queue:Queue::${queue}-dead`,
          `queuePolicy:QueuePolicy::${queue}-policy`,
          `queuePolicy:QueuePolicy::${queue}-dead-policy`,
          `redriveAllowPolicy:RedriveAllowPolicy::${queue}-dead-redrive`,
        ].map((part) => `$sluice:infra:QueueWithDeadLetters$aws:sqs/${part}`),
      ]),
      "$sluice:infra:BundledFunction$aws:cloudwatch/logGroup:LogGroup::scanner-start-log",
    ].map((end) => scanner + end);
    /** Resources that could be made anew, but should stay: a mail address would have to be confirmed again. */
    const moved = [
      "$sluice:infra:BundledFunction$aws:lambda/function:Function::scanner-start",
      "$aws:lambda/eventSourceMapping:EventSourceMapping::scanner-start-source",
      "$sluice:infra:JobMail$aws:sns/topicSubscription:TopicSubscription::scanner-mail-subscription",
      "$sluice:infra:ServiceAlarms$aws:cloudwatch/metricAlarm:MetricAlarm::scanner-start-alarm-errors",
    ].map((end) => scanner + end);

    test("each former resource is claimed by a present one, and each protected one by a protected one", () => {
      const claimants = (urn: string) => up.resources.filter(({ former }) => former.includes(urn));
      expect(kept.map((urn) => claimants(urn).map(({ protect }) => protect))).toEqual(kept.map(() => [true]));
      expect(moved.map((urn) => claimants(urn).length)).toEqual(moved.map(() => 1));
      const typeOf = (urn: string) => urn.split("::").at(-2)?.split("$").at(-1);
      for (const urn of [...kept, ...moved]) expect(claimants(urn).map(({ type }) => type)).toEqual([typeOf(urn)]);
    });
  });
});

describe("index.ts with many tables, under the same loader", () => {
  const names = (count: number) => Array.from({ length: count }, (_, n) => `orders-of-the-year-${2_000 + n}`);
  const run = (count: number, preview: boolean) =>
    runProgram({
      node: process.execPath,
      config: { ...config, "sluice:scannerTables": names(count).join(",") },
      preview,
    });
  const POLICY = "aws:iam/policy:Policy";

  test("a hundred tables are divided over policies, which are the same in preview and up, and the functions wait for them", async () => {
    const [up, preview] = [await run(100, false), await run(100, true)];
    for (const { exitCode, errors, printed } of [up, preview]) {
      expect({ exitCode, errors, printed }).toEqual({ exitCode: 0, errors: [], printed: "" });
    }
    const policies = ({ resources }: ProgramRun) => resources.filter(({ type }) => type === POLICY);
    const planned = ["jobs-start-policy-2", "jobs-start-policy-3", "scanner-worker-policy-2"];
    expect(policies(up).map(({ name }) => name)).toEqual(expect.arrayContaining(planned));
    expect(
      policies(preview)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(
      policies(up)
        .map(({ name }) => name)
        .sort(),
    );
    for (const { name, parent, inputs } of policies(up)) {
      expect(String(inputs.policy).length).toBeLessThanOrEqual(6_144);
      const attachment = up.resources.find((resource) => resource.name === `${name}-attachment`);
      expect(attachment).toMatchObject({
        parent,
        inputs: { role: `${parent}-role`, policyArn: `arn:aws:x:::${name}` },
      });
      expect(up.resources.find((resource) => resource.name === parent && resource.custom)?.after).toContain(
        `${name}-attachment`,
      );
    }
  });

  test("too many tables end the preview with one sentence, before any resource that would name them", async () => {
    const { exitCode, errors, printed, resources } = await run(500, true);
    expect(exitCode).not.toBe(0);
    expect(errors).toEqual([
      expect.stringMatching(/^scanner-worker: its role has room for \d+ tables, got 502: AWS allows [^\n]+\.$/),
    ]);
    expect(printed).toBe("");
    expect(resources.filter(({ type }) => type === POLICY)).toEqual([]);
  });
});
