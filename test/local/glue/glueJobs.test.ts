import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { findEnvironment } from "../../../local/glue/python/environment";
import { listProcesses } from "../../../local/glue/runs/processes";
import { describeWithPython } from "../../support/gluePython";
import { request, signed } from "../gateway/requests";
import { policy, SmallCloud, until } from "../smallCloud";
import { FAILS, HELPER, LINES, SURVIVES, WAITS, WRITES } from "./scripts";
import { zipOf } from "./zip";

/** Starting Spark takes ten seconds and more on a busy machine. */
jest.setTimeout(400_000);
const WITHIN_MS = 180_000;

interface Run {
  Id: string;
  JobRunState: string;
  ErrorMessage?: string;
  Arguments: Record<string, string>;
}

let cloud: SmallCloud;
let dynamodb: DynamoDBClient;
let bucket: string;
let names = 0;

const allow = (Action: string | string[], Resource: string | string[] = "*") => ({ Effect: "Allow", Action, Resource });
const LOGS = allow(["logs:CreateLogStream", "logs:PutLogEvents"], "arn:aws:logs:*:*:log-group:/aws-glue/jobs/*");
const FETCH = allow("s3:GetObject", "arn:aws:s3:::scripts*/*");
const METRICS = {
  ...allow("cloudwatch:PutMetricData"),
  Condition: { StringEquals: { "cloudwatch:namespace": "Glue" } },
};
const WRITE = allow(["dynamodb:PutItem", "dynamodb:GetItem"]);

/** One Glue call, by HTTP as an SDK makes it. */
async function glue<T = Record<string, unknown>>(action: string, input: object): Promise<T> {
  const body = JSON.stringify(input);
  const type = { "x-amz-target": `AWSGlue.${action}`, "content-type": "application/x-amz-json-1.1" };
  const headers = { host: new URL(cloud.endpoint).host, ...type };
  const asked = await signed(cloud.as().credentials, "glue", request({ method: "POST", headers, body }));
  const answer = await fetch(cloud.endpoint, {
    method: "POST",
    headers: asked.headers as Record<string, string>,
    body,
  });
  return (await answer.json()) as T;
}

async function put(name: string, body: Buffer): Promise<string> {
  const key = `${createHash("sha256").update(body).digest("hex")}/${name}`;
  const contentBase64 = body.toString("base64");
  await cloud.make("aws:s3/bucketObjectv2:BucketObjectv2", name, { bucket, key, contentBase64 });
  return `s3://${bucket}/${key}`;
}

/** A job of this script, with a role of its own. */
async function job(script: string, { statements = [FETCH, WRITE, LOGS], ...inputs }: Record<string, unknown> = {}) {
  const name = `job-${names++}`;
  const roleArn = await cloud.role(`${name}-role`, statements as object[], "glue");
  const scriptLocation = await put("main.py", Buffer.from(script));
  await cloud.make("aws:glue/job:Job", name, {
    ...{ name, roleArn, glueVersion: "5.1", workerType: "G.1X", numberOfWorkers: 3 },
    command: { name: "glueetl", scriptLocation, pythonVersion: "3" },
    ...inputs,
  });
  return name;
}

const start = async (JobName: string, Arguments: Record<string, string> = {}): Promise<string> => {
  return (await glue<{ JobRunId: string }>("StartJobRun", { JobName, Arguments })).JobRunId;
};
const runOf = async (JobName: string, RunId: string): Promise<Run> => {
  return (await glue<{ JobRun: Run }>("GetJobRun", { JobName, RunId })).JobRun;
};
async function ended(JobName: string, RunId: string): Promise<Run> {
  const underWay = ["STARTING", "RUNNING", "STOPPING"];
  await until(async () => !underWay.includes((await runOf(JobName, RunId)).JobRunState), WITHIN_MS);
  return runOf(JobName, RunId);
}
async function items(prefix: string): Promise<Record<string, { S?: string; N?: string }>[]> {
  const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: "work", ConsistentRead: true }));
  return (Items as Record<string, { S?: string; N?: string }>[]).filter(({ id }) => id?.S?.startsWith(prefix));
}
const executorsOf = async (id: string): Promise<number[]> => {
  const { runs } = await cloud.administer<{ runs: { id: string; executors: number[] }[] }>("glue");
  return runs.find((run) => run.id === id)?.executors ?? [];
};
/**
 * Commands of processes that work for a run. Those of Java contain the run's folder; those of Python show in their environment.
 */
const processes = async () => {
  const folder = cloud.parts.folder;
  return (await listProcesses()).filter(({ command }) => command.includes(folder)).map(({ command }) => command);
};
const eventOf = (id: string) => {
  return cloud.parts.eventBuses.recent().find(({ event }) => event.detail.jobRunId === id)?.event;
};

const CLASSES = "loaded-classes";
/** Has Java's processes note where each class came from. */
function noteClasses(): string {
  const options = `-Xlog:class+load:file=${join(cloud.parts.folder, `${CLASSES}-%p`)}`;
  return ["driver", "executor"].map((each) => `--conf spark.${each}.defaultJavaOptions=${options}`).join(" ");
}
/** Where driver and executors had a class from that all of them load. */
function originsOfClass(): string[] {
  const noted = globSync(join(cloud.parts.folder, `${CLASSES}-*`)).map((file) => readFileSync(file, "utf8"));
  return noted.flatMap((text) => /org\.apache\.spark\.SparkConf source: (\w+)/.exec(text)?.[1] ?? []);
}

beforeAll(async () => {
  cloud = await SmallCloud.start({ database: true });
  dynamodb = new DynamoDBClient(cloud.as());
  const table = { TableName: "work", BillingMode: "PAY_PER_REQUEST" as const };
  const AttributeDefinitions = [{ AttributeName: "id", AttributeType: "S" as const }];
  const KeySchema = [{ AttributeName: "id", KeyType: "HASH" as const }];
  await dynamodb.send(new CreateTableCommand({ ...table, AttributeDefinitions, KeySchema }));
  bucket = (await cloud.make("aws:s3/bucket:Bucket", "scripts", {})).id;
  // Only events that a rule asks for are recorded.
  const eventPattern = JSON.stringify({ source: ["aws.glue"] });
  const rule = await cloud.make("aws:cloudwatch/eventRule:EventRule", "ends", { eventPattern });
  const queue = await cloud.make("aws:sqs/queue:Queue", "ends", {});
  await cloud.make("aws:sqs/queuePolicy:QueuePolicy", "ends", {
    queueUrl: queue.id,
    policy: policy([
      {
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: queue.arn,
      },
    ]),
  });
  await cloud.make("aws:cloudwatch/eventTarget:EventTarget", "ends", { rule: rule.name, arn: queue.arn });
});
afterAll(async () => {
  dynamodb?.destroy();
  await cloud?.stop();
});
afterEach(() => {
  expect(cloud.errors.splice(0)).toEqual([]);
});

describeWithPython("a run", () => {
  test("does its work in executors of their own, with the job's role, arguments and packages", async () => {
    const helper = await put("helper.zip", zipOf("helper.py", HELPER));
    const name = await job(WRITES, {
      statements: [FETCH, WRITE, LOGS, METRICS],
      defaultArguments: {
        "--table": "work",
        "--extra-py-files": helper,
        "--a": "default",
        "--b": "default",
        "--enable-metrics": "true",
      },
      nonOverridableArguments: {
        "--c": "fixed",
        "--conf": `spark.speculation=false --conf spark.task.maxFailures=9 ${noteClasses()}`,
      },
    });
    const id = await start(name, { "--b": "own", "--c": "own", "--conf": "spark.speculation=true" });
    expect(id).toMatch(/^jr_[0-9a-f]{64}$/);
    const run = await ended(name, id);
    expect({ ...run, logs: run.JobRunState === "SUCCEEDED" || cloud.logs }).toMatchObject({
      JobRunState: "SUCCEEDED",
      Arguments: { "--b": "own", "--c": "own" },
      WorkerType: "G.1X",
      NumberOfWorkers: 3,
      MaxCapacity: 3,
      LogGroupName: "/aws-glue/jobs",
    });
    const origin = findEnvironment()?.classes === undefined ? "file" : "shared";
    // The driver and two executors. On a busy machine, Spark may replace one that connects too late.
    const origins = originsOfClass();
    expect(origins.length).toBeGreaterThanOrEqual(3);
    expect(new Set(origins)).toEqual(new Set([origin]));
    const written = await items("item-");
    expect(written.map(({ id: { S } = {} }) => S).sort()).toEqual(["item-0", "item-1", "item-2", "item-3"]);
    expect(new Set(written.map(({ executor }) => executor?.N)).size).toBe(2);
    const printed = JSON.parse(/^\{"arguments".*$/m.exec(cloud.logs)?.[0] ?? "{}");
    expect(printed).toEqual({
      arguments: {
        ...{
          "--table": "work",
          "--extra-py-files": helper,
          "--a": "default",
          "--b": "own",
          "--c": "fixed",
          "--enable-metrics": "true",
        },
        ...{ "--JOB_NAME": name, "--JOB_RUN_ID": id },
      },
      speculation: "false",
    });
    // None is lost or torn, though two tasks of an executor print at once and the run ends right after the last line.
    const lines = [0, 1, 2, 3].flatMap((n) => Array.from({ length: LINES }, (_, line) => `task ${n} line ${line}`));
    expect(cloud.logs.match(/^task .*$/gm)?.sort()).toEqual(lines.sort());
    expect(await processes()).toEqual([]);
    expect(eventOf(id)).toMatchObject({
      "detail-type": "Glue Job State Change",
      detail: { jobName: name, jobRunId: id, state: "SUCCEEDED", severity: "INFO", message: "Job run succeeded" },
    });
    const role = cloud.report().roles.find(({ role: each }) => each === `${name}-role`);
    expect(role?.refused).toEqual([]);
    expect(role?.unused.map(({ action }) => action)).toEqual(["dynamodb:GetItem"]);
  });

  test("that raises an error fails with it", async () => {
    const name = await job(FAILS);
    const id = await start(name);
    expect(await ended(name, id)).toMatchObject({ JobRunState: "FAILED", ErrorMessage: "ValueError: no such thing" });
    const message = `JobName:${name} and JobRunId:${id} failed to execute with exception ValueError: no such thing`;
    expect(eventOf(id)?.detail).toMatchObject({ state: "FAILED", severity: "ERROR", message });
  });

  test("that is stopped ends at once, and nothing of it is left", async () => {
    const name = await job(WAITS, { defaultArguments: { "--table": "work" } });
    const id = await start(name);
    await until(async () => (await items("waits-")).length === 4, WITHIN_MS);
    const refused = await glue<{ __type: string }>("StartJobRun", { JobName: name });
    expect(refused).toMatchObject({ __type: expect.stringMatching(/#ConcurrentRunsExceededException$/) });
    const pids = (await items("waits-")).map(({ id: { S } = {} }) => Number(S?.split("-")[1]));
    const stop = { JobName: name, JobRunIds: [id, "jr_nobody"] };
    expect(await glue("BatchStopJobRun", stop)).toMatchObject({
      SuccessfulSubmissions: [{ JobName: name, JobRunId: id }],
      Errors: [{ JobRunId: "jr_nobody", ErrorDetail: { ErrorCode: "JobRunNotFoundException" } }],
    });
    expect(["STOPPING", "STOPPED"]).toContain((await runOf(name, id)).JobRunState);
    expect(await ended(name, id)).toMatchObject({ JobRunState: "STOPPED" });
    expect(await processes()).toEqual([]);
    await until(async () => !(await listProcesses()).some(({ pid }) => pids.includes(pid)));
    expect(eventOf(id)?.detail).toMatchObject({ state: "STOPPED", severity: "INFO", message: "Job run stopped" });
    const again = await glue<{ Errors: unknown[] }>("BatchStopJobRun", { JobName: name, JobRunIds: [id] });
    expect(again.Errors).toMatchObject([{ ErrorDetail: { ErrorCode: "JobRunNotInTerminableStateException" } }]);
  });

  test("survives an executor that is killed", async () => {
    const name = await job(SURVIVES, { defaultArguments: { "--table": "work" } });
    const id = await start(name);
    await until(async () => (await items("begun-")).length === 4, WITHIN_MS);
    const executors = await executorsOf(id);
    expect(executors).toHaveLength(2);
    process.kill(executors[0] as number, "SIGKILL");
    // The two tasks of the killed executor begin again.
    await until(async () => (await items("begun-")).length === 6, WITHIN_MS);
    await dynamodb.send(new PutItemCommand({ TableName: "work", Item: { id: { S: "go" } } }));
    expect(await ended(name, id)).toMatchObject({ JobRunState: "SUCCEEDED" });
    expect(await items("done-")).toHaveLength(4);
  });

  test("whose role may not fetch the script fails, and the refusal is reported", async () => {
    const name = await job(FAILS, { statements: [LOGS] });
    const run = await ended(name, await start(name));
    expect(run).toMatchObject({ JobRunState: "FAILED", ErrorMessage: expect.stringMatching(/^Error downloading s3:/) });
    expect(cloud.errors.splice(0)).toMatchObject([{ code: "ACCESS_DENIED" }]);
  });
});

describe("Glue's API", () => {
  test.each([
    ["StartJobRun", { JobName: "nobody" }, "EntityNotFoundException"],
    ["StartJobRun", {}, "ValidationException"],
    ["StartJobRun", { JobName: "there", WorkerType: "G.2X" }, "InvalidInputException"],
    ["StartJobRun", { JobName: "there", Timeout: 0 }, "ValidationException"],
    ["StartJobRun", { JobName: "there", Arguments: { "--extra-jars": "x" } }, "InvalidInputException"],
    ["StartJobRun", { JobName: "there", SecurityConfiguration: "x" }, "NotImplemented"],
    ["GetJobRun", { JobName: "there", RunId: "jr_0" }, "EntityNotFoundException"],
    ["GetJobRuns", { JobName: "there", MaxResults: 0 }, "ValidationException"],
    ["GetJobRuns", { JobName: "there", NextToken: "x" }, "InvalidInputException"],
    ["BatchStopJobRun", { JobName: "there", JobRunIds: [] }, "ValidationException"],
    ["CreateJob", { Name: "there" }, "NotImplemented"],
  ])("answers %s of %j with %s", async (action, input, code) => {
    if (cloud.parts.glueJobs.find("there") === undefined) await job(FAILS, { name: "there" });
    expect(await glue(action, input)).toMatchObject({ __type: expect.stringContaining(code) });
  });
});

describe("a job", () => {
  test.each([
    [{ glueVersion: "4.0" }, /has Glue 5\.1, not 4\.0/],
    [{ numberOfWorkers: 1, maxRetries: 1 }, /does not retry runs; numberOfWorkers must be 2 or more, got 1/],
    [{ executionClass: "FLEX", workerType: "G.4X" }, /FLEX wants G\.1X or G\.2X/],
    [{ command: { name: "pythonshell", scriptLocation: "s3://x/y" } }, /has commands glueetl/],
    [{ defaultArguments: { "--additional-python-modules": "x" } }, /does not honour --additional-python-modules/],
    [{ defaultArguments: { "--job-bookmark-option": "job-bookmark-enable" } }, /job-bookmark-enable/],
    [{ connections: ["x"] }, /does not honour connections/],
  ])("with %j is refused", async (inputs, message) => {
    await expect(job(FAILS, inputs)).rejects.toThrow(message);
  });

  test("whose role does not trust Glue is refused", async () => {
    const roleArn = await cloud.role("other-role", []);
    await expect(job(FAILS, { roleArn })).rejects.toMatchObject({ code: "ROLE_NOT_ASSUMABLE" });
  });
});
