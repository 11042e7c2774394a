import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { GlueJob } from "../../../local/glue/glueJob";
import { GlueJobs } from "../../../local/glue/glueJobs";
import type { GlueEnvironment } from "../../../local/glue/python/environment";
import type { JobRun } from "../../../local/glue/runs/jobRun";
import { descendantsOf, listProcesses } from "../../../local/glue/runs/processes";
import { statusEvent } from "../../../local/glue/statusEvent";
import type { Clock } from "../../../shared/clock";
import { SluiceError } from "../../../shared/errors";
import { ACCOUNT, REGION, SmallCloud, until } from "../smallCloud";

/** Stands in for Spark, because its work doesn't matter here. It leaves a child process behind, as Spark leaves executors. */
const SUBMIT = "#!/bin/sh\nsleep 600 &\nsleep 600\n";

/** The same with a child process that looks like an executor. */
const SUBMIT_WITH_EXECUTOR = `#!/bin/sh
sh -c 'while :; do sleep 1; done' org.apache.spark.executor.CoarseGrainedExecutorBackend &
wait
sleep 600
`;

/** Time that a test moves. Sleepers wake when their time has come. */
class HandClock implements Clock {
  #now = 1_700_000_000_000;
  #sleepers: { until: number; wake: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason));
      this.#sleepers.push({ until: this.#now + ms, wake: resolve });
    });
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const { until, wake } of this.#sleepers) if (until <= this.#now) wake();
  }
}

let cloud: SmallCloud;
let folder: string;
let environment: GlueEnvironment;
let job: GlueJob;

beforeAll(async () => {
  cloud = await SmallCloud.start();
  folder = await mkdtemp(join(tmpdir(), "job-run-"));
  const pyspark = join(folder, "pyspark");
  await mkdir(join(pyspark, "bin"), { recursive: true });
  environment = { python: "python3", pyspark };
  await setSubmit(SUBMIT);
  await chmod(join(pyspark, "bin/spark-submit"), 0o755);
  const bucket = (await cloud.make("aws:s3/bucket:Bucket", "scripts", {})).id;
  await cloud.make("aws:s3/bucketObjectv2:BucketObjectv2", "main.py", { bucket, key: "main.py", content: "" });
  const statement = { Effect: "Allow", Action: ["s3:GetObject", "logs:*"], Resource: "*" };
  const roleArn = await cloud.role("glue-role", [statement], "glue");
  const name = "waits";
  await cloud.make("aws:glue/job:Job", name, {
    ...{ name, roleArn, glueVersion: "5.1", workerType: "G.1X", numberOfWorkers: 2, timeout: 5 },
    command: { scriptLocation: `s3://${bucket}/main.py` },
  });
  job = cloud.parts.glueJobs.find(name) as GlueJob;
});
afterAll(async () => {
  await cloud?.stop();
  await rm(folder, { recursive: true, force: true });
});

const setSubmit = (script: string) => writeFile(join(environment.pyspark, "bin/spark-submit"), script);

function jobs(clock: HandClock, found: () => Promise<GlueEnvironment>) {
  const ended: JobRun[] = [];
  const { principals, permissions } = cloud.parts;
  const glueJobs = new GlueJobs({
    ...{ principals, permissions, clock, random: Math.random, region: REGION, environment: found },
    folder: join(folder, String(Math.random())),
    endpoint: () => cloud.endpoint,
    call: (...call) => cloud.parts.gateway.call(...call),
    logs: { write: () => undefined },
    onEnd: (run) => ended.push(run),
  });
  return { glueJobs, ended };
}

const sleepers = async () =>
  descendantsOf(process.pid, await listProcesses()).filter(({ command }) => /^sleep 600/.test(command));

test("a run that takes longer than its time-out is ended with all its processes", async () => {
  const clock = new HandClock();
  const { glueJobs, ended } = jobs(clock, async () => environment);
  const run = await glueJobs.start(job, { ...job, arguments: {}, timeoutMinutes: 2 });
  await until(async () => (await sleepers()).length === 2);
  clock.advance(2 * 60_000 - 1);
  expect(run.state).toBe("RUNNING");
  clock.advance(1);
  await until(() => ended.includes(run));
  expect(run).toMatchObject({ state: "TIMEOUT", errorMessage: "Job timeout" });
  expect(await sleepers()).toEqual([]);
  expect(statusEvent(run, { region: REGION, accountId: ACCOUNT }).detail).toEqual({
    ...{ jobName: "waits", jobRunId: run.id, state: "TIMEOUT", severity: "WARN", message: "Job run timed out" },
  });
});

test("a run that is stopped before its script begins never begins", async () => {
  const { glueJobs, ended } = jobs(new HandClock(), async () => environment);
  const run = await glueJobs.start(job, { ...job, arguments: {} });
  run.stop();
  await until(() => ended.includes(run));
  expect(run).toMatchObject({ state: "STOPPED", errorMessage: undefined });
  expect(await sleepers()).toEqual([]);
});

test("stopping the local cloud stops the runs", async () => {
  const { glueJobs, ended } = jobs(new HandClock(), async () => environment);
  const run = await glueJobs.start(job, { ...job, arguments: {} });
  await until(async () => (await sleepers()).length === 2);
  await glueJobs.stop();
  expect(ended).toEqual([run]);
  expect(await sleepers()).toEqual([]);
});

test("a fault rule that finds its executor gone does nothing", async () => {
  await setSubmit(SUBMIT_WITH_EXECUTOR);
  const issue = jest.spyOn(cloud.parts.principals, "issue");
  const { glueJobs, ended } = jobs(new HandClock(), async () => environment);
  const run = await glueJobs.start(job, { ...job, arguments: {} });
  await until(async () => (await run.executors()).length === 1);
  const principal = issue.mock.calls[0]![0] as { kill: () => void };
  // All of them list the executor before the first has killed it.
  for (let rules = 0; rules < 20; rules++) principal.kill();
  await until(async () => (await run.executors()).length === 0);
  expect(run.state).toBe("RUNNING");
  await glueJobs.stop();
  expect(ended).toEqual([run]);
  await setSubmit(SUBMIT);
});

test("no process outlives a local cloud that is killed", async () => {
  const program = `
    const { SparkProcess } = require(${JSON.stringify(resolve("local/glue/runs/sparkProcess.ts"))});
    new SparkProcess({
      files: { folder: ${JSON.stringify(folder)}, script: "", pythonFiles: [], sparkHome: ${JSON.stringify(environment.pyspark)} },
      environment: ${JSON.stringify(environment)},
      arguments: [], properties: [], executors: 1, cores: 1, variables: {}, onOutput: () => undefined,
    });`;
  const child = spawn(process.execPath, ["--import", "./loader.mjs", "--eval", program], { stdio: "inherit" });
  await until(async () => (await sleepers()).length === 2);
  const pids = (await sleepers()).map(({ pid }) => pid);
  child.kill("SIGKILL");
  await once(child, "exit");
  await until(async () => !(await listProcesses()).some(({ pid }) => pids.includes(pid)));
});

test("without the Python environment a start is refused, with the command to run", async () => {
  const missing = new SluiceError("GLUE_PYTHON_MISSING", "Spark needs …: run `npm run glue:setup` once.");
  const { glueJobs } = jobs(new HandClock(), () => Promise.reject(missing));
  await expect(glueJobs.start(job, { ...job, arguments: {} })).rejects.toMatchObject({
    code: "InvalidInputException",
    message: missing.message,
  });
  expect(glueJobs.runs()).toEqual([]);
});
