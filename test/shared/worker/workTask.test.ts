/** Turns at numbers and their summary, with the real stores, limits and operation on DynamoDB Local. */
import { randomUUID } from "node:crypto";
import { UpdateItemCommand, type UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { createTable, fillTable, stringKeys } from "../../../local/fillTable";
import { startJob } from "../../../services/jobs/startJob";
import { updateOf } from "../../../shared/aws/update";
import { systemClock } from "../../../shared/clock";
import { noUsage } from "../../../shared/cost/usage";
import type { BatchTask } from "../../../shared/drivers/driver";
import { divideTime } from "../../../shared/drivers/invocationTime";
import { JobControl } from "../../../shared/jobs/control";
import type { Job } from "../../../shared/jobs/job";
import { DynamoDbChains } from "../../../shared/jobs/storage/dynamoDbChains";
import { DynamoDbJobs } from "../../../shared/jobs/storage/dynamoDbJobs";
import { DynamoDbUnits } from "../../../shared/jobs/storage/dynamoDbUnits";
import { jobKey } from "../../../shared/jobs/storage/jobsTable";
import { readUsage } from "../../../shared/jobs/storage/usage";
import { workersLeft } from "../../../shared/jobs/workersLeft";
import type { OperationWork } from "../../../shared/operations/operation";
import { generateNumbers } from "../../../shared/worker/generateNumbers";
import { workBatch, workSummary } from "../../../shared/worker/workTask";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../support/dynamoDbLocal";
import { retry } from "../../support/jobsTableLocal";
import { localWorkParts, type Published } from "../../support/localWorker";

const JOBS = "jobs";
const TABLE = "orders";
const ITEMS = 60;

let database: DynamoDbLocal;
let control: JobControl;
let events: Published[];
beforeAll(async () => {
  database = await startDynamoDbLocal();
  await createTable(database.client, JOBS, stringKeys("pk", "sk"));
  await createTable(database.client, TABLE);
  await fillTable(database.client, TABLE, ITEMS, (n) => ({ id: { S: `order-${n}` } }));
  control = new JobControl(database.client, JOBS, () => Date.now());
});
afterAll(() => database?.stop());
beforeEach(() => {
  events = [];
});

/** A job of four units that is running, as the start function leaves it. */
async function begin(): Promise<Job> {
  const id = `job-${randomUUID()}`;
  await startJob({ table: TABLE, operation: "count", readRate: 1_000, segments: 4 }, id, {
    ...{
      dynamodb: database.client,
      jobsTable: JOBS,
      initiator: { caller: "operator" },
      clock: systemClock,
      mostWorkers: () => 16,
      hasWorkflow: false,
    },
    driver: () => ({ dispatch: async () => undefined }),
    s3: {} as never,
    resultsBucket: "results",
    changedTables: [],
    ...{ continueLater: async () => undefined, expirationDays: 0, timeoutSeconds: 60 },
  });
  return control.read(id);
}

function at() {
  const { signal } = new AbortController();
  return { owner: randomUUID(), ...divideTime(Date.now(), 30_000), workSignal: signal, signal };
}

const parts = () => ({ ...localWorkParts(database, JOBS, events), usage: () => ({ ...noUsage, invocations: 1 }) });

async function step(task: BatchTask) {
  return (await workBatch(task, at(), parts())).handled;
}

async function summarize({ id: job, epoch }: Pick<Job, "id" | "epoch">) {
  return (await workSummary({ job, epoch }, at(), parts())).handled;
}

function batches({ id: job, epoch }: Pick<Job, "id" | "epoch">) {
  const table = { client: database.client, table: JOBS, retry };
  const stores = { jobs: new DynamoDbJobs(table), units: new DynamoDbUnits(table) };
  return generateNumbers({ job, epoch }, { ...stores, clock: systemClock, mostWorkers: 16 });
}

const unitsOf = ({ id }: Job) => new DynamoDbUnits({ client: database.client, table: JOBS, retry }).list(id);

test("an execution works through all numbers; counts rise with each number, and are exact at the end", async () => {
  const job = await begin();
  const { batches: all, job: found, ...generated } = await batches(job);
  expect(generated).toEqual({ state: "ready", concurrency: 3 });
  expect(found).toMatchObject({ id: job.id, units: job.units });
  expect(all.flat().sort()).toEqual([0, 1, 2, 3]);
  for (const [index, number] of all.flat().entries()) {
    expect(await step({ job: job.id, epoch: 0, numbers: [number] })).toEqual({ state: "done" });
    expect(await control.read(job.id)).toMatchObject({ state: "running", unitsDone: index + 1, unitsFailed: 0 });
  }
  expect(await summarize(job)).toEqual({ state: "ended", job: "completed" });
  const ended = await control.read(job.id);
  expect(ended).toMatchObject({ state: "completed", unitsDone: 4, result: { items: ITEMS }, announced: true });
  expect(events).toMatchObject([{ type: "Job completed", detail: { job: job.id, epoch: 0 } }]);
  // Four numbers and the summary, each with a chain of its own.
  expect(await readUsage(database.client, JOBS, job.id)).toMatchObject({ invocations: 5 });
  const options = { client: database.client, table: JOBS, retry, now: Date.now };
  expect(await workersLeft(ended, options)).toBeUndefined();
});

test("a repeated step neither ends a unit twice nor counts its end twice", async () => {
  const job = await begin();
  const task = { job: job.id, epoch: 0, numbers: [2] };
  expect(await Promise.all([step(task), step(task)])).toContainEqual({ state: "done" });
  expect(await step(task)).toEqual({ state: "done" });
  expect(await control.read(job.id)).toMatchObject({ unitsDone: 1 });
  expect((await batches(job)).batches.flat()).not.toContain(2);
  expect(await summarize(job)).toMatchObject({ state: "left" });
});

test("steps and summary of an epoch before a resumption are stale, and the next execution works on the missing units", async () => {
  const job = await begin();
  const first = { job: job.id, epoch: 0, numbers: [0] };
  expect(await step(first)).toEqual({ state: "done" });
  await control.pause(job.id);
  expect(await step({ ...first, numbers: [1] })).toEqual({ state: "parked" });
  expect(await summarize(job)).toEqual({ state: "parked" });
  const resumed = await control.resume(job.id, 1);
  expect(await step({ ...first, numbers: [1] })).toEqual({ state: "stale" });
  expect(await summarize(job)).toEqual({ state: "stale" });
  expect(await batches(job)).toEqual({ state: "stale", batches: [], concurrency: 1 });
  expect(await unitsOf(job)).toHaveLength(1);
  const left = (await batches(resumed)).batches.flat();
  expect([...left].sort()).toEqual([1, 2, 3]);
  expect(await step({ job: job.id, epoch: 1, numbers: left })).toEqual({ state: "done" });
  expect(await control.read(job.id)).toMatchObject({ state: "starting", epoch: 1, unitsDone: 4 });
  expect(await summarize(resumed)).toEqual({ state: "ended", job: "completed" });
});

test("a number that another worker has is held until the lease ends, and the job can't be deleted until then", async () => {
  const job = await begin();
  const chains = new DynamoDbChains({ client: database.client, table: JOBS, retry });
  const until = Date.now() + 60_000;
  await chains.take({ job: job.id, chain: 1, turn: 0, owner: "other", now: Date.now(), until });
  expect(await step({ job: job.id, epoch: 0, numbers: [1, 2] })).toEqual({ state: "held", at: until, numbers: [1] });
  expect(await unitsOf(job)).toMatchObject([{ number: 2, state: "done" }]);
  const left = await workersLeft(job, { client: database.client, table: JOBS, retry, now: Date.now });
  expect(left).toMatchObject({ code: "WORKERS_LEFT" });
});

describe("a job of which as many items may fail as it has", () => {
  /** Every item fails. */
  const failing: OperationWork<number> = {
    page: async ({ items }, soFar = 0) => soFar + items.length,
    failures: (failed) => failed,
  };
  const operations = { own: {}, named: () => failing as OperationWork };

  async function beginWith(mostFailures: number): Promise<Job> {
    const job = await begin();
    const parts = updateOf({ set: { mostFailures } });
    await database.client.send(new UpdateItemCommand({ TableName: JOBS, Key: jobKey(job.id), ...parts }));
    return { ...job, mostFailures };
  }

  const addsFailures = ({ UpdateExpression = "" }: UpdateItemCommandInput) =>
    UpdateExpression.includes("#failures :add_failures");

  /** A client whose calls go through `send`. */
  function through(send: (input: UpdateItemCommandInput, call: () => Promise<unknown>) => Promise<unknown>) {
    const client = Object.create(database.client) as typeof database.client;
    client.send = ((command: UpdateItemCommand) =>
      send(command.input, () => database.client.send(command))) as typeof client.send;
    return client;
  }

  /** The worker's clock is a minute later each time, so the lease of a killed worker is over. */
  async function work({ id: job, epoch }: Job, dynamodb = database.client, minutes = 0) {
    const now = () => Date.now() + minutes * 60_000;
    const clock = { ...systemClock, now };
    const time = { ...at(), ...divideTime(now(), 30_000) };
    const task = { job, epoch, numbers: [0, 1, 2, 3] };
    return (await workBatch(task, time, { ...parts(), operations, clock, dynamodb })).handled;
  }

  test("goes on after a worker that was killed between the count and the checkpoint", async () => {
    const job = await beginWith(ITEMS);
    let isKilled = false;
    const mortal = through(async (input, call) => {
      if (isKilled) throw new Error("killed");
      const answer = await call();
      isKilled = addsFailures(input);
      return answer;
    });
    await expect(work(job, mortal)).rejects.toThrow("killed");
    expect(await work(job, database.client, 1)).toEqual({ state: "done" });
    expect(await control.read(job.id)).toMatchObject({ state: "running", unitsDone: 4 });
  });

  test("goes on after a count whose answer was lost", async () => {
    const job = await beginWith(ITEMS);
    let lost = 0;
    const forgetful = through(async (input, call) => {
      const answer = await call();
      if (addsFailures(input) && lost++ === 0) throw Object.assign(new Error("lost"), { name: "TimeoutError" });
      return answer;
    });
    expect(await work(job, forgetful)).toEqual({ state: "done" });
    expect(await control.read(job.id)).toMatchObject({ state: "running", unitsDone: 4 });
  });

  test("lets as many fail again once it is resumed", async () => {
    const job = await beginWith(0);
    await work(job);
    const first = await control.read(job.id);
    expect(first).toMatchObject({ state: "paused", unitsDone: 0 });
    await work(await control.resume(job.id, 1));
    const second = await control.read(job.id);
    const failed = ({ reason }: Job) => Number(reason!.match(/^(\d+) items failed/)![1]);
    expect(second.reason).toMatch(/^\d+ items failed since the job was resumed, more than the 0 allowed/);
    expect(failed(first) + failed(second)).toBe(second.failures);
    expect(second).toMatchObject({ state: "paused", failuresBefore: failed(first) });
  });

  test("pauses if one item less may fail, with the number of failures", async () => {
    const job = await beginWith(ITEMS - 1);
    await work(job);
    const { state, reason } = await control.read(job.id);
    expect(state).toBe("paused");
    expect(reason).toMatch(/^60 items failed, more than the 59 allowed \(maxFailures\)\./);
  });
});
