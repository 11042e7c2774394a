import type { Deployment, Registered } from "./shared/infra/deploy";
import { deployEverything } from "./support/wholeProgram";

// Bundling has a test of its own; here it would only take time.
jest.mock("../shared/infra/bundle", () => ({
  ...jest.requireActual("../shared/infra/bundle"),
  bundle: async () => "export const handler = () => {};",
}));

/** One kind of resource: the component around it, its type, and what deletion protection does with it. */
interface Row {
  component: string;
  type: string;
  /** The names of the resources, if those of this type in this component differ. Default: all of them. */
  names?: string[];
  fate: "kept" | "free";
  reason: string;
}

type Line = [type: string, fate: Row["fate"], reason: string, names?: string[]];

const rowsOf = (component: string, lines: Line[]): Row[] =>
  lines.map(([type, fate, reason, names]) => ({ component, type, fate, reason, ...(names ? { names } : {}) }));

/** Decides for every resource of the program. A new kind of resource needs a row here. */
const rows: Row[] = [
  ...rowsOf("", [
    ["sluice:ingest:SurveyIngest", "free", "groups others; the engine keeps it while one of its children is kept"],
    ["sluice:jobs:BulkJobs", "free", "groups others; the engine keeps it while one of its children is kept"],
    ["sluice:scanner:TableScanner", "free", "groups others; the engine keeps it while one of its children is kept"],
    ["sluice:backfill:TableBackfill", "free", "groups others; the engine keeps it while one of its children is kept"],
    ["sluice:shuffle:ShuffleWorkflow", "free", "groups others; the engine keeps it while one of its children is kept"],
    ["sluice:glue:SparkJobs", "free", "groups others; the engine keeps it while one of its children is kept"],
    ["sluice:dashboard:StackDashboard", "free", "holds no data"],
  ]),
  ...rowsOf("sluice:dashboard:StackDashboard", [["aws:cloudwatch/dashboard:Dashboard", "free", "holds no data"]]),
  ...rowsOf("sluice:ingest:SurveyIngest", [
    ["sluice:infra:QueueWithDeadLetters", "kept", "protects its children"],
    ["sluice:infra:PrivateBucket", "kept", "protects its children"],
    ["sluice:infra:GuestSender", "kept", "protects its children"],
    ["sluice:infra:BundledFunction", "free", "protects its log group only"],
    ["sluice:infra:ServiceAlarms", "free", "holds no data"],
    ["aws:dynamodb/table:Table", "kept", "participants' data", ["ingest-results", "ingest-submissions"]],
    [
      "aws:dynamodb/table:Table",
      "free",
      "books of the last seconds; `writeCapacityLimit: 0` removes it",
      ["ingest-ledger"],
    ],
    ["aws:lambda/eventSourceMapping:EventSourceMapping", "free", "without it, messages wait in the queue"],
  ]),
  ...rowsOf("sluice:jobs:BulkJobs", [
    ["sluice:jobs:JobRecords", "free", "groups others; the engine keeps it while one of its children is kept"],
    ["sluice:infra:QueueWithDeadLetters", "kept", "protects its children"],
    ["sluice:infra:BundledFunction", "free", "protects its log group only"],
    ["sluice:infra:ServiceAlarms", "free", "holds no data"],
    ["aws:lambda/eventSourceMapping:EventSourceMapping", "free", "without it, messages wait in the queue"],
  ]),
  ...rowsOf("sluice:jobs:JobRecords", [
    ["aws:dynamodb/table:Table", "kept", "jobs, checkpoints and their results"],
    ["sluice:infra:PrivateBucket", "kept", "protects its children"],
    ["sluice:infra:JobMail", "free", "holds no data"],
  ]),
  ...rowsOf("sluice:scanner:TableScanner", [
    ["sluice:infra:QueueWithDeadLetters", "kept", "protects its children"],
    ["sluice:infra:BundledFunction", "free", "protects its log group only"],
    ["sluice:infra:ServiceAlarms", "free", "holds no data"],
    ["aws:lambda/eventSourceMapping:EventSourceMapping", "free", "without it, messages wait in the queue"],
  ]),
  ...rowsOf("sluice:backfill:TableBackfill", [
    ["sluice:infra:QueueWithDeadLetters", "kept", "protects its children"],
    ["sluice:infra:BundledFunction", "free", "protects its log group only"],
    ["sluice:infra:ServiceAlarms", "free", "holds no data"],
    ["aws:lambda/eventSourceMapping:EventSourceMapping", "free", "without it, messages wait in the queue"],
  ]),
  ...rowsOf("sluice:shuffle:ShuffleWorkflow", [
    ["sluice:infra:BundledFunction", "free", "protects its log group only"],
    ["sluice:shuffle:ExecutionWatch", "free", "holds no data"],
    ["sluice:shuffle:WorkflowAlarms", "free", "holds no data"],
    ["sluice:shuffle:JobSchedule", "free", "holds no data"],
    ["aws:cloudwatch/logGroup:LogGroup", "kept", "holds the log"],
    ["aws:sfn/stateMachine:StateMachine", "free", "made again from the sources; a job's records are all that it needs"],
    ["aws:iam/role:Role", "free", "belongs to the state machine alone"],
    ["aws:iam/rolePolicy:RolePolicy", "free", "belongs to the state machine alone"],
  ]),
  ...rowsOf("sluice:shuffle:ExecutionWatch", [
    ["aws:cloudwatch/eventRule:EventRule", "free", "holds no data"],
    ["aws:cloudwatch/eventTarget:EventTarget", "free", "holds no data"],
    ["aws:lambda/permission:Permission", "free", "belongs to the function alone"],
  ]),
  ...rowsOf("sluice:shuffle:JobSchedule", [
    ["aws:scheduler/schedule:Schedule", "free", "its request is in the config"],
    ["aws:scheduler/scheduleGroup:ScheduleGroup", "free", "holds no data"],
    ["aws:iam/role:Role", "free", "belongs to the schedule alone"],
    ["aws:iam/rolePolicy:RolePolicy", "free", "belongs to the schedule alone"],
  ]),
  ...rowsOf("sluice:shuffle:WorkflowAlarms", [
    ["aws:cloudwatch/metricAlarm:MetricAlarm", "free", "holds no data"],
    ["aws:sns/topic:Topic", "free", "holds no data"],
    ["aws:sns/topicSubscription:TopicSubscription", "free", "an address, which the config has"],
  ]),
  ...rowsOf("sluice:glue:SparkJobs", [
    ["sluice:infra:PrivateBucket", "kept", "protects its children"],
    ["sluice:infra:BundledFunction", "free", "protects its log group only"],
    ["sluice:glue:EndSweep", "free", "holds no data"],
    ["sluice:glue:GlueAlarms", "free", "holds no data"],
    ["aws:cloudwatch/logGroup:LogGroup", "kept", "holds the log"],
    [
      "aws:s3/bucketObjectv2:BucketObjectv2",
      "free",
      "made again from the sources; the object itself stays in the bucket",
    ],
    ["aws:glue/job:Job", "free", "made again from the sources; a job's records are all that it needs"],
    ["aws:iam/role:Role", "free", "belongs to the Glue job alone"],
    ["aws:iam/rolePolicy:RolePolicy", "free", "belongs to the Glue job alone"],
    ["aws:iam/policy:Policy", "free", "belongs to the role alone"],
    ["aws:iam/rolePolicyAttachment:RolePolicyAttachment", "free", "belongs to the role alone"],
    ["aws:cloudwatch/eventRule:EventRule", "free", "holds no data"],
    ["aws:cloudwatch/eventTarget:EventTarget", "free", "holds no data"],
    ["aws:lambda/permission:Permission", "free", "belongs to the function alone"],
  ]),
  ...rowsOf("sluice:glue:EndSweep", [
    ["aws:scheduler/schedule:Schedule", "free", "made again from the sources"],
    ["aws:scheduler/scheduleGroup:ScheduleGroup", "free", "holds no data"],
    ["aws:iam/role:Role", "free", "belongs to the schedule alone"],
    ["aws:iam/rolePolicy:RolePolicy", "free", "belongs to the schedule alone"],
  ]),
  ...rowsOf("sluice:glue:GlueAlarms", [
    ["aws:cloudwatch/metricAlarm:MetricAlarm", "free", "holds no data"],
    ["aws:sns/topic:Topic", "free", "holds no data"],
    ["aws:sns/topicSubscription:TopicSubscription", "free", "an address, which the config has"],
  ]),
  ...rowsOf("sluice:infra:QueueWithDeadLetters", [
    ["aws:sqs/queue:Queue", "kept", "holds messages; apps know its URL"],
    ["aws:sqs/queuePolicy:QueuePolicy", "kept", "closes the queue to others"],
    ["aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", "kept", "lets no other queue put its dead letters there"],
  ]),
  ...rowsOf("sluice:infra:PrivateBucket", [
    ["aws:s3/bucket:Bucket", "kept", "holds objects"],
    ["aws:s3/bucketOwnershipControls:BucketOwnershipControls", "kept", "turns access lists off"],
    ["aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", "kept", "encrypts"],
    ["aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "kept", "deletes what has expired"],
    ["aws:s3/bucketVersioning:BucketVersioning", "kept", "brings overwritten objects back"],
    ["aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "kept", "closes the bucket to the public"],
    ["aws:s3/bucketPolicy:BucketPolicy", "kept", "closes the bucket to others"],
  ]),
  ...rowsOf("sluice:infra:GuestSender", [
    ["aws:cognito/identityPool:IdentityPool", "kept", "apps know its id"],
    ["aws:iam/role:Role", "kept", "apps know its ARN"],
    ["aws:iam/rolePolicy:RolePolicy", "kept", "lets apps send"],
    ["aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment", "kept", "gives guests the role"],
  ]),
  ...rowsOf("sluice:infra:BundledFunction", [
    ["aws:cloudwatch/logGroup:LogGroup", "kept", "holds the log"],
    ["aws:lambda/function:Function", "free", "made again from the sources"],
    ["aws:iam/role:Role", "free", "belongs to the function alone"],
    ["aws:iam/rolePolicy:RolePolicy", "free", "belongs to the function alone"],
    ["aws:iam/policy:Policy", "free", "belongs to the role alone"],
    ["aws:iam/rolePolicyAttachment:RolePolicyAttachment", "free", "belongs to the role alone"],
  ]),
  ...rowsOf("sluice:infra:ServiceAlarms", [
    ["aws:cloudwatch/metricAlarm:MetricAlarm", "free", "holds no data"],
    ["aws:sns/topic:Topic", "free", "holds no data"],
    ["aws:sns/topicSubscription:TopicSubscription", "free", "an address, which the config has"],
  ]),
  ...rowsOf("sluice:infra:JobMail", [
    ["aws:cloudwatch/eventRule:EventRule", "free", "holds no data"],
    ["aws:cloudwatch/eventTarget:EventTarget", "free", "holds no data"],
    ["aws:sns/topic:Topic", "free", "holds no data"],
    ["aws:sns/topicPolicy:TopicPolicy", "free", "belongs to the topic alone"],
    ["aws:sns/topicSubscription:TopicSubscription", "free", "an address, which the config has"],
  ]),
];

function rowsFor({ parent, type, name }: Registered): Row[] {
  return rows.filter((row) => {
    return row.component === parent && row.type === type && (row.names?.includes(name) ?? true);
  });
}

const label = ({ type, name }: Registered) => `${type} ${name}`;
const protectedOnes = ({ resources }: Deployment) => resources.filter(({ protect }) => protect).map(label);

describe("the program on stack prod, with everything on", () => {
  let prod: Deployment;
  beforeAll(async () => {
    prod = await deployEverything({});
  });

  test("somebody has decided for every resource whether deletion protection keeps it", () => {
    expect(prod.resources.filter((resource) => rowsFor(resource).length !== 1).map(label)).toEqual([]);
  });

  test("every decision is about an existing resource", () => {
    const used = new Set(prod.resources.flatMap(rowsFor));
    expect(rows.filter((row) => !used.has(row))).toEqual([]);
  });

  test("exactly the resources that hold data are protected", () => {
    const kept = prod.resources.filter((resource) => rowsFor(resource)[0]?.fate === "kept");
    expect(protectedOnes(prod)).toEqual(kept.map(label));
    expect(kept.length).toBeGreaterThan(50);
  });

  test("a kept bucket is not emptied, and AWS itself refuses to delete a kept table", () => {
    const buckets = Object.values(prod.ofType("s3/bucket:Bucket"));
    expect(buckets.map(({ forceDestroy }) => forceDestroy)).toEqual([false, false, false, false]);
    const tables = Object.entries(prod.ofType("dynamodb/table:Table"));
    expect(Object.fromEntries(tables.map(([name, inputs]) => [name, inputs.deletionProtectionEnabled]))).toEqual({
      "ingest-results": true,
      "ingest-submissions": true,
      "ingest-ledger": false,
      "jobs-records-table": true,
    });
  });
});

test("with protection off nothing is protected", async () => {
  const off = { "sluice:ingestDeletionProtection": "false", "sluice:jobsDeletionProtection": "false" };
  const open = await deployEverything(off);
  expect(protectedOnes(open)).toEqual([]);
  expect(open.resources.length).toBeGreaterThan(90);
});

/** The option of the control plane applies to its workers' resources as well: their queue is of no use without its jobs. */
test.each([
  ["ingestDeletionProtection", ["ingest"], "jobsDeletionProtection"],
  ["jobsDeletionProtection", ["backfill", "glue", "jobs", "scanner", "shuffle"], "ingestDeletionProtection"],
])("%s alone protects %j", async (_, services, other) => {
  const made = await deployEverything({ [`sluice:${other}`]: "false" });
  const names = made.resources.filter(({ protect }) => protect).map(({ name }) => name);
  expect(names.length).toBeGreaterThan(20);
  expect([...new Set(names.map((name) => name.split("-")[0]))].sort()).toEqual(services);
});
