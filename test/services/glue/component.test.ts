import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as aws from "@pulumi/aws";
import { zipSync } from "fflate";
import type { SparkJobsArgs } from "../../../services/glue/args";
import { glueJobArn, SparkJobs } from "../../../services/glue/component";
import { glueFields, readGlueSettings, sparkSettings } from "../../../services/glue/config";
import { gluePackage, glueScript } from "../../../services/glue/pythonFiles";
import { settleVariables } from "../../../services/glue/settleRun";
import { JobRecords } from "../../../services/jobs/records";
import { ConfigReader } from "../../../shared/infra/config";
import { withDefaults } from "../../../shared/infra/fields";
import { type Deployment, type DeployOptions, deploy, statementsOf } from "../../shared/infra/deploy";
import { policiesOf } from "../../shared/infra/rolePolicies";

// Bundling has a test of its own; here it would only take time.
jest.mock("../../../shared/infra/bundle", () => ({
  ...jest.requireActual("../../../shared/infra/bundle"),
  bundle: jest.fn(async () => "export const handler = () => {};"),
}));

type Args = Partial<SparkJobsArgs>;

const account = { region: "us-east-1", accountId: "111122223333" };
const ARN = "arn:aws:glue:us-east-1:111122223333:job/sluice-test-glue";
const records = () =>
  new JobRecords("records", {
    accountId: account.accountId,
    eventBus: "default",
    resultsExpirationDays: 0,
    pointInTimeRecovery: false,
    deletionProtection: false,
    completionEmail: "",
    tags: {},
  });
const sparkJobs = (args: Args = {}, name = "glue") =>
  new SparkJobs(name, {
    ...account,
    workers: 3,
    tables: ["orders"],
    glueJobArn: glueJobArn(name, account),
    records: records(),
    unitQueue: new aws.sqs.Queue("units"),
    writingQueue: undefined,
    ...args,
  });
const writing = () => ({ changedTables: ["archive"], writingQueue: new aws.sqs.Queue("writing") });
/** What is deployed, without the ground. */
async function made(build: () => unknown, options?: DeployOptions): Promise<Deployment> {
  const deployment = await deploy(build, options);
  const own = deployment.resources.filter(({ name }) => !/^(records|units|writing)(-|$)/.test(name));
  deployment.resources.splice(0, Infinity, ...own);
  return deployment;
}
const glue = (args: Args = {}, options?: DeployOptions) => made(() => sparkJobs(args), options);
const jobOf = (deployment: Deployment) => deployment.ofType("glue/job:Job").glue;
const permissionsOf = (deployment: Deployment, name: string) =>
  statementsOf(deployment.ofType("iam/rolePolicy:RolePolicy")[`${name}-policy`].policy);

const allow = (Action: string[], Resource: string | string[]) => ({ Effect: "Allow", Action, Resource });
const on = (service: string, ...actions: string[]) => actions.map((action) => `${service}:${action}`);
const arnOf = (table: string) => `arn:aws:dynamodb:us-east-1:111122223333:table/${table}`;

let reading: Deployment;
beforeAll(async () => {
  reading = await glue({ alarmEmail: "team@lab.example" });
});

describe("the Glue job", () => {
  test("runs Spark jobs of Glue 5.1, with the workers that are set", () => {
    expect(jobOf(reading)).toMatchObject({
      name: "sluice-test-glue",
      roleArn: "arn:glue-role",
      glueVersion: "5.1",
      command: { name: "glueetl", pythonVersion: "3" },
      workerType: "G.1X",
      numberOfWorkers: 3,
      executionClass: "STANDARD",
      timeout: 2_880,
      executionProperty: { maxConcurrentRuns: 4 },
    });
    expect(ARN.endsWith(`/${jobOf(reading).name}`)).toBe(true);
  });

  test("has the options from the config", async () => {
    const settings = { workers: 20, workerType: "G.2X", executionClass: "FLEX", timeoutMinutes: 600 } as const;
    expect(jobOf(await glue({ ...settings, maximumConcurrentRuns: 1 }))).toMatchObject({
      ...{ workerType: "G.2X", numberOfWorkers: 20, executionClass: "FLEX", timeout: 600 },
      executionProperty: { maxConcurrentRuns: 1 },
    });
  });

  test("repeats no run and speculates on no task, even if somebody else starts it", () => {
    const { maxRetries, nonOverridableArguments, defaultArguments } = jobOf(reading);
    expect(maxRetries).toBe(0);
    expect(nonOverridableArguments).toEqual({ "--conf": "spark.speculation=false" });
    expect(defaultArguments["--job-bookmark-option"]).toBe("job-bookmark-disable");
  });

  test("gives all runs their common arguments", () => {
    expect(jobOf(reading).defaultArguments).toEqual({
      "--extra-py-files": `s3://glue-code-7f3a/${gluePackage(".").key}`,
      "--job-bookmark-option": "job-bookmark-disable",
      "--enable-metrics": "true",
      "--custom-logGroup-prefix": "/aws-glue/jobs/sluice-test-glue",
      "--results_bucket": "records-results-7f3a",
      "--unit_queue_url": "https://units",
      "--concurrency": "16",
      "--stretch_seconds": "60",
    });
  });

  test("names the queue of the writing workers where jobs change tables", async () => {
    const deployment = await made(() => sparkJobs({ ...writing(), concurrency: 4, stretchSeconds: 30 }));
    expect(jobOf(deployment).defaultArguments).toMatchObject({
      ...{ "--writing_queue_url": "https://writing", "--concurrency": "4", "--stretch_seconds": "30" },
    });
  });

  test("gets twins of operations in Python, and the files that have them", async () => {
    const [zip, wheel] = ["twins.zip", "more-1.0-py3-none-any.whl"].map((name) => join(tmpdir(), name));
    for (const path of [zip!, wheel!]) writeFileSync(path, zipSync({ "m.py": new Uint8Array() }));
    const deployment = await glue({
      operationNames: ["histogram", "sum"],
      pythonOperations: "histogram=surveys.histogram:page",
      extraPyFiles: `${zip},${wheel}`,
    });
    const { defaultArguments } = jobOf(deployment);
    expect(JSON.parse(defaultArguments["--python_operations"])).toEqual({ histogram: "surveys.histogram:page" });
    expect(defaultArguments["--extra-py-files"].split(",")).toEqual([
      expect.stringMatching(/sluice\.zip$/),
      expect.stringMatching(/^s3:\/\/glue-code-7f3a\/[0-9a-f]{16}\/twins\.zip$/),
      expect.stringMatching(/^s3:\/\/glue-code-7f3a\/[0-9a-f]{16}\/more-1\.0-py3-none-any\.zip$/),
    ]);
  });
});

test("script and package are objects named by their content, in a bucket of their own", () => {
  const objects = reading.ofType("s3/bucketObjectv2:BucketObjectv2");
  const [script, zip] = [glueScript("."), gluePackage(".")];
  expect(objects["glue-script"]).toMatchObject({ bucket: "glue-code-7f3a", key: script.key });
  expect(Buffer.from(objects["glue-package"].contentBase64, "base64").equals(zip.content)).toBe(true);
  expect(jobOf(reading).command.scriptLocation).toBe(`s3://glue-code-7f3a/${script.key}`);
});

test("when a new version is deployed, the former object stays in the bucket for runs that still read it", () => {
  const retained = reading.resources.filter(({ retainOnDelete }) => retainOnDelete).map(({ name }) => name);
  expect(retained).toEqual(["glue-script", "glue-package"]);
});

test("logs are kept where Glue writes them, for as long as is set", async () => {
  const groups = (deployment: Deployment) => {
    const { "glue-output": output, "glue-error": error } = deployment.ofType("cloudwatch/logGroup:LogGroup");
    return [output, error].map(({ name, retentionInDays }) => [name, retentionInDays]);
  };
  expect(groups(reading)).toEqual([
    ["/aws-glue/jobs/sluice-test-glue/output", 30],
    ["/aws-glue/jobs/sluice-test-glue/error", 30],
  ]);
  expect(groups(await glue({ logRetentionDays: 365 })).map(([, days]) => days)).toEqual([365, 365]);
});

describe("permissions", () => {
  const tasks = {
    KeepCheckpoints: allow(on("dynamodb", "GetItem", "PutItem", "UpdateItem", "Query"), "arn:records-table"),
    KeepResults: allow(on("s3", "PutObject", "GetObject", "DeleteObject"), "arn:records-results/*"),
    SeeMissingResults: allow(["s3:ListBucket"], "arn:records-results"),
    EndJobs: allow(["sqs:SendMessage"], "arn:units"),
  };
  const own = {
    ReadCode: allow(["s3:GetObject"], "arn:glue-code/*"),
    WriteLogs: allow(on("logs", "CreateLogStream", "PutLogEvents"), ["arn:glue-output:*", "arn:glue-error:*"]),
    PutMetrics: {
      ...allow(["cloudwatch:PutMetricData"], "*"),
      Condition: { StringEquals: { "cloudwatch:namespace": "Glue" } },
    },
  };
  const tables = (...names: string[]) => ({
    ReadTables: allow(on("dynamodb", "DescribeTable", "Scan", "BatchGetItem"), names.map(arnOf)),
    ReadIndexes: allow(
      ["dynamodb:Scan"],
      names.map((name) => `${arnOf(name)}/index/*`),
    ),
  });

  test("a run may read its tables, write its records and results, have its job ended, and do what Glue needs", () => {
    expect(permissionsOf(reading, "glue")).toEqual({ ...tasks, ...tables("orders"), ...own });
  });

  test("if tables may be changed, a run may change those tables and read all", async () => {
    const deployment = await made(() => sparkJobs({ ...writing(), sourceBuckets: ["exports-of-lab"] }));
    const change = ["PartiQLUpdate", "PartiQLDelete", "UpdateItem", "DeleteItem", "BatchWriteItem", "PutItem"];
    expect(permissionsOf(deployment, "glue")).toEqual({
      ...tasks,
      ...tables("orders", "archive"),
      ...own,
      ReadSources: allow(["s3:GetObject"], ["arn:aws:s3:::exports-of-lab/*"]),
      ListSources: allow(["s3:ListBucket"], ["arn:aws:s3:::exports-of-lab"]),
      ChangeTables: allow(on("dynamodb", ...change), [arnOf("archive")]),
      EndWriting: allow(["sqs:SendMessage"], "arn:writing"),
    });
    expect(permissionsOf(deployment, "glue-run-ended").EndWriting).toEqual(allow(["sqs:SendMessage"], "arn:writing"));
  });

  test("the function that looks at ends may look at runs, stop jobs, and have them ended", () => {
    const keep = ["Query", "GetItem", "UpdateItem", "PutItem", "ConditionCheckItem"];
    expect(permissionsOf(reading, "glue-run-ended")).toEqual({
      LookAtRuns: allow(on("glue", "GetJobRun", "GetJobRuns"), ARN),
      StopJobs: allow(on("dynamodb", ...keep), "arn:records-table"),
      EndJobs: allow(["sqs:SendMessage"], "arn:units"),
      WriteLog: allow(on("logs", "CreateLogStream", "PutLogEvents"), "arn:glue-run-ended-log:*"),
    });
  });

  test("twins may also do what their permissions add", async () => {
    const mark = { Sid: "MarkOrders", Effect: "Allow", Action: ["dynamodb:UpdateItem"], Resource: arnOf("orders") };
    const given = await glue({ operationPermissions: [mark as never] });
    expect(permissionsOf(given, "glue").MarkOrders).toEqual(allow(["dynamodb:UpdateItem"], arnOf("orders")));
  });

  test("only Glue can assume the run's role, and its permissions fit into one policy", () => {
    const { assumeRolePolicy } = reading.ofType("iam/role:Role")["glue-role"];
    expect(statementsOf(assumeRolePolicy).TakeOn.Principal.Service).toBe("glue.amazonaws.com");
    expect(policiesOf(reading, "glue")).toHaveLength(1);
  });
});

describe("the ends of runs", () => {
  test("of this job, and of no other, come to the function", () => {
    const { "glue-ends-rule": rule } = reading.ofType("cloudwatch/eventRule:EventRule");
    expect(JSON.parse(rule.eventPattern)).toEqual({
      source: ["aws.glue"],
      "detail-type": ["Glue Job State Change"],
      detail: { jobName: ["sluice-test-glue"] },
    });
    const target = reading.ofType("cloudwatch/eventTarget:EventTarget")["glue-ends-target"];
    expect(target).toMatchObject({ rule: "glue-ends-rule-7f3a", arn: "arn:glue-run-ended" });
    expect(reading.ofType("lambda/permission:Permission")["glue-ends-permission"]).toMatchObject({
      ...{ function: "glue-run-ended-7f3a", principal: "events.amazonaws.com", sourceArn: "arn:glue-ends-rule" },
    });
  });

  test("are looked for every quarter of an hour, in case their events were lost", () => {
    expect(reading.ofType("scheduler/schedule:Schedule")["glue-sweep"]).toMatchObject({
      scheduleExpression: "rate(15 minutes)",
      target: { arn: "arn:glue-run-ended", roleArn: "arn:glue-sweep-role", input: '{"sweep":"sluice-test-glue"}' },
    });
    expect(permissionsOf(reading, "glue-sweep")).toEqual({
      LookForEnds: allow(["lambda:InvokeFunction"], "arn:glue-run-ended"),
    });
    const trust = statementsOf(reading.ofType("iam/role:Role")["glue-sweep-role"].assumeRolePolicy).TakeOn;
    expect(trust).toMatchObject({ Principal: { Service: "scheduler.amazonaws.com" } });
  });

  test("the function's environment is what its handler reads", async () => {
    const deployment = await made(() => sparkJobs({ ...writing(), logLevel: "DEBUG" }));
    const { variables } = deployment.ofType("lambda/function:Function")["glue-run-ended"].environment;
    const { POWERTOOLS_LOG_LEVEL, POWERTOOLS_SERVICE_NAME, POWERTOOLS_METRICS_NAMESPACE, ...read } = variables;
    expect(Object.keys(read).sort()).toEqual(Object.keys(settleVariables).sort());
    expect(read).toEqual({
      ...{ JOBS_TABLE: "records-table-7f3a", UNIT_QUEUE_URL: "https://units", WRITING_QUEUE_URL: "https://writing" },
    });
    expect([POWERTOOLS_LOG_LEVEL, POWERTOOLS_SERVICE_NAME]).toEqual(["DEBUG", "glue-run-ended"]);
    expect(POWERTOOLS_METRICS_NAMESPACE).toBe("Sluice/test");
  });

  test("alarms watch bad ends, and the function's own errors; without alarms nothing watches them", async () => {
    const alarms = reading.ofType("cloudwatch/metricAlarm:MetricAlarm");
    expect(alarms["glue-alarm-failed"]).toMatchObject({
      ...{ namespace: "Sluice/test", metricName: "BadRuns", dimensions: { service: "glue-run-ended" }, threshold: 0 },
    });
    expect(alarms["glue-alarm-errors"]).toMatchObject({ namespace: "AWS/Lambda", metricName: "Errors" });
    expect(reading.ofType("sns/topicSubscription:TopicSubscription")["glue-alarm-mail"].endpoint).toBe(
      "team@lab.example",
    );
    expect((await glue({ alarms: false })).ofType("cloudwatch/metricAlarm:MetricAlarm")).toEqual({});
  });
});

test("deletion protection keeps bucket and logs", async () => {
  const kept = ({ resources }: Deployment) => resources.filter(({ protect }) => protect).map(({ name }) => name);
  expect(kept(reading)).toEqual(
    expect.arrayContaining(["glue-code", "glue-output", "glue-error", "glue-run-ended-log"]),
  );
  expect(kept(await glue({ deletionProtection: false }))).toEqual([]);
});

test("a preview plans the same as an update", async () => {
  const planned = await glue({}, { preview: true });
  expect(planned.resources.map(({ name }) => name).sort()).toEqual(
    (await glue()).resources.map(({ name }) => name).sort(),
  );
});

describe("arguments", () => {
  const problemsOf = async (args: Args, name?: string) => {
    let error: unknown;
    await deploy(() => {
      try {
        sparkJobs(args, name);
      } catch (caught) {
        error = caught;
      }
    });
    const { code, value } = error as { code: string; value: { code: string; option: string }[] };
    expect(code).toBe("INVALID_GLUE_ARGS");
    return value.map((problem) => [problem.code, problem.option]);
  };

  test.each<[string, Args, string, string]>([
    ["no workers", { workers: 0 }, "NO_WORKERS", "workers"],
    ["a single worker, which would only drive others", { workers: 1 }, "NO_EXECUTOR", "workers"],
    ["more workers than AWS has of the type", { workers: 150, workerType: "G.2X" }, "TOO_MANY_WORKERS", "workers"],
    ["a twin of nothing", { pythonOperations: "sum=m:f" }, "NO_ORIGINAL", "pythonOperations.sum"],
    [
      "a twin of an operation of Sluice's own",
      { pythonOperations: "count=m:f" },
      "NO_ORIGINAL",
      "pythonOperations.count",
    ],
    [
      "two twins of one operation",
      { pythonOperations: "sum=m:f,sum=m:g", operationNames: ["sum"] },
      ...(["DUPLICATE_OPERATION", "pythonOperations.sum"] as const),
    ],
    ["a twin that names no function", { pythonOperations: "sum=m" }, "INVALID_VALUE", "pythonOperations"],
    ["a file that isn't there", { extraPyFiles: "gone.zip" }, "INVALID_FILE", "extraPyFiles"],
    ["a file of another kind", { extraPyFiles: "package.json" }, "INVALID_VALUE", "extraPyFiles"],
    ["mail without alarms", { alarms: false, alarmEmail: "a@lab.example" }, "EMAIL_WITHOUT_ALARMS", "alarmEmail"],
    ["a table of no such name", { tables: ["a b"] }, "INVALID_TABLE_NAME", "tables"],
  ])("%s: refused before anything is made", async (_, args, code, option) => {
    expect(await problemsOf(args)).toEqual([[code, option]]);
  });

  test("all problems are reported together", async () => {
    const wrong = { workers: 300, stretchSeconds: 5, extraPyFiles: "a b" };
    expect((await problemsOf(wrong, "Bad Name")).map(([, option]) => option)).toEqual([
      ...["workers", "stretchSeconds", "extraPyFiles", "name"],
    ]);
  });
});

describe("config", () => {
  const problems = async (config: Record<string, string>) => {
    let found: [string, string][] = [];
    await deploy(
      () => {
        const reader = new ConfigReader();
        readGlueSettings(reader);
        found = reader.problems.map(({ code, option }) => [code, option]);
      },
      { config: { "aws:region": "us-east-1", ...config } },
    );
    return found;
  };

  test("is valid without any, and then there is no Glue job", async () => {
    expect(await problems({})).toEqual([]);
    expect(glueFields.workers.default).toBe(0);
  });

  test("that only concerns a Glue job is refused without one", async () => {
    expect(await problems({ "sluice:gluePythonOperations": "sum=m:f" })).toEqual([
      ["WITHOUT_GLUE_JOB", "gluePythonOperations"],
    ]);
  });

  test.each([
    ["G.1X", 1],
    ["G.2X", 2],
  ] as const)("of workers of type %s means %d DPU each for estimates", (workerType, dpusPerWorker) => {
    const settings = withDefaults(glueFields, { workers: 3, workerType, executionClass: "FLEX" });
    expect(sparkSettings(settings)).toEqual({ workers: 3, dpusPerWorker, flex: true, timeoutMinutes: 2_880 });
  });
});
