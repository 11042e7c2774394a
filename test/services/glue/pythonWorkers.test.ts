/** Python workers and workers on Lambda that work on one job, with the same records. */
import { BatchWriteItemCommand, DeleteTableCommand } from "@aws-sdk/client-dynamodb";
import { createTable, stringKeys } from "../../../local/fillTable";
import { systemClock } from "../../../shared/clock";
import type { ChainTurn } from "../../../shared/drivers/driver";
import { JobControl } from "../../../shared/jobs/control";
import type { Job } from "../../../shared/jobs/job";
import { ledgerOf } from "../../../shared/jobs/storage/ledgers";
import { readUnits } from "../../../shared/jobs/storage/reading";
import type { Unit } from "../../../shared/jobs/unit";
import { workersLeft } from "../../../shared/jobs/workersLeft";
import { identifyTable } from "../../../shared/tables/identity";
import { describeWithPython } from "../../support/gluePython";
import { type JobsTableLocal, retry, startJobsTable, TABLE } from "../../support/jobsTableLocal";
import { localWorkParts, type Published, workTurns } from "../../support/localWorker";
import { readLimit, sampleJob } from "../../support/sampleJob";
import { PythonWorker, UnitQueue } from "./pythonWorkers";

const ITEMS = 600;
/** A page of the Scan reads this much, so units have several pages and a job lasts for some seconds. */
const ITEM_BYTES = 2_000;

describeWithPython("Python workers", () => {
  let local: JobsTableLocal;
  let queue: UnitQueue;
  let events: Published[];
  let made = 0;
  const workers: PythonWorker[] = [];

  beforeAll(async () => {
    local = await startJobsTable();
    queue = await UnitQueue.start();
  });

  beforeEach(() => {
    events = [];
    queue.turns.length = 0;
  });

  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.kill()));
  });

  afterAll(async () => {
    await queue?.stop();
    await local?.stop();
  });

  const fill = async (table: string) => {
    await createTable(local.client, table, stringKeys("id"));
    for (let from = 0; from < ITEMS; from += 25) {
      const puts = Array.from({ length: 25 }, (_, index) => ({
        PutRequest: { Item: { id: { S: `item ${from + index}` }, text: { S: "x".repeat(ITEM_BYTES) } } },
      }));
      await local.client.send(new BatchWriteItemCommand({ RequestItems: { [table]: puts } }));
    }
  };

  /** A job that counts a table of its own. */
  const start = async (perSecond: number, part: Partial<Job> = {}): Promise<Job> => {
    const id = `job-${++made}`;
    const table = `answers-${made}`;
    await fill(table);
    const job = sampleJob({
      id,
      source: { kind: "table", table, consistentRead: false },
      identity: await identifyTable({ table }, local.client),
      units: 24,
      chains: 8,
      limits: [readLimit(perSecond, table)],
      estimatedItems: ITEMS,
      estimatedBytes: ITEMS * ITEM_BYTES,
      ...part,
    });
    for (const limit of job.limits) await ledgerOf(local.client, TABLE, job, limit).create(limit.limits, Date.now());
    await local.put(job);
    return job;
  };

  const python = ({ id: job }: Job, more: Record<string, unknown> = {}): PythonWorker => {
    const worker = new PythonWorker({
      ...{ job, jobsTable: TABLE, dynamodb: local.endpoint, queue },
      more: { stretch_seconds: 6, slots: 4, ...more },
    });
    workers.push(worker);
    return worker;
  };

  const lambda = (message: ChainTurn) => workTurns(message, localWorkParts(local, TABLE, events));

  const control = () => new JobControl(local.client, TABLE, Date.now);
  const unitsOf = async (job: Job): Promise<Unit[]> => {
    const units: Unit[] = [];
    for await (const unit of readUnits(local.client, TABLE, job.id, { ConsistentRead: true })) units.push(unit);
    return units;
  };

  /** Runs the worker on Lambda that gets the Python workers' last message and ends the job. */
  const expectCounted = async (job: Job, message: ChainTurn) => {
    await lambda(message);
    const { state, result, unitsDone } = await control().read(job.id);
    expect({ state, result, unitsDone }).toMatchObject({
      ...{ state: "completed", unitsDone: job.units },
      result: { items: ITEMS, scannedItems: ITEMS },
    });
    expect(events.map(({ type }) => type)).toHaveLength(1);
  };

  test("two Python workers and a worker on Lambda count a table exactly", async () => {
    const job = await start(60);
    const both = [python(job, { slot: 0 }), python(job, { slot: 1 })];
    await both[0]!.hasEnded(1);
    await lambda({ job: job.id, chain: 0, turn: 0 });
    for (const worker of both)
      expect(await worker.outcome()).toMatchObject({ outcome: expect.stringMatching(/ended|completed/) });
    const owners = (await unitsOf(job)).map(({ owner }) => owner!.split("/")[0]);
    expect(new Set(owners)).toEqual(new Set(["spark", "request"]));
    // A chain's turn has risen with the worker on Lambda.
    for (const turn of [...queue.turns]) await lambda(turn);
    expect(await control().read(job.id)).toMatchObject({ state: "completed", result: { items: ITEMS } });
  });

  test("a killed worker loses nothing and counts nothing twice", async () => {
    const job = await start(120);
    const killed = python(job, { stretch_seconds: 3 });
    await killed.hasEnded(3);
    await killed.kill();
    const next = python(job);
    const message = queue.next();
    expect(await next.outcome()).toEqual({ outcome: "ended" });
    expect(await message).toEqual({ job: job.id, chain: 0, turn: 0 });
    await expectCounted(job, await message);
  });

  test("a pause ends them, and workers of the next epoch count the rest", async () => {
    const job = await start(60);
    const paused = python(job);
    await paused.hasEnded(2);
    await control().pause(job.id);
    expect(await paused.outcome()).toEqual({ outcome: "paused" });
    expect(queue.turns).toEqual([]);
    const resumed = await control().resume(job.id, 2);
    await control().started(resumed);
    const next = python(job);
    expect(await next.outcome()).toEqual({ outcome: "ended" });
    expect(queue.turns).toEqual([{ job: job.id, chain: 0, turn: 1_000_000 }]);
    await expectCounted(job, queue.turns[0]!);
  });

  test("a worker of an earlier epoch gives way", async () => {
    const job = await start(100);
    await control().resume(job.id, 2);
    expect(await python(job, { begun_for: [job.createdAt, 0] }).outcome()).toEqual({ outcome: "stale" });
  });

  test("a cancelled job ends them", async () => {
    const job = await start(40);
    const worker = python(job);
    await worker.hasEnded(1);
    await control().cancel(job.id);
    expect(await worker.outcome()).toEqual({ outcome: "cancelled" });
    expect(queue.turns).toEqual([]);
  });

  test("a job can't be deleted while one of them may write for it", async () => {
    const job = await start(40);
    const worker = python(job);
    await worker.hasEnded(1);
    const options = { client: local.client, table: TABLE, retry, now: Date.now };
    await expect(workersLeft(job, options)).resolves.toMatchObject({ code: "WORKERS_LEFT" });
    await control().cancel(job.id);
    await worker.outcome();
    await expect(workersLeft(job, options)).resolves.toBeUndefined();
  });

  test("a higher rate is followed", async () => {
    const job = await start(1);
    const worker = python(job);
    await control().changeRate(job.id, job.limits[0]!, { table: 2_000 });
    expect(await worker.outcome()).toEqual({ outcome: "ended" });
    await expectCounted(job, queue.turns[0]!);
  });

  test.each(["python first", "lambda first"])(
    "a unit is continued by a worker in the other language: %s",
    async (first) => {
      const job = await start(30, { units: 1, chains: 1 });
      const half = async () => {
        for (;;) {
          const [unit] = await unitsOf(job);
          if (unit !== undefined && unit.counts.pages > 0) return;
          await systemClock.sleep(50);
        }
      };
      if (first === "python first") {
        const worker = python(job, { stretch_seconds: 3 });
        await half();
        await control().pause(job.id);
        await worker.outcome();
      } else {
        const turn = lambda({ job: job.id, chain: 0, turn: 0 });
        await half();
        await control().pause(job.id);
        await turn;
      }
      const [unit] = await unitsOf(job);
      expect(unit).toMatchObject({ state: "active", cursor: expect.anything() });
      await control().started(await control().resume(job.id, 1));
      const message = { job: job.id, chain: 0, turn: 1_000_000 };
      if (first === "lambda first") expect(await python(job).outcome()).toEqual({ outcome: "ended" });
      await expectCounted(job, message);
    },
  );

  test("a table that was made anew stops the job with the reason, and Lambda publishes the job's end", async () => {
    const job = await start(40);
    const worker = python(job, { stretch_seconds: 2 });
    await worker.hasEnded(1);
    await local.client.send(new DeleteTableCommand({ TableName: job.work.table }));
    expect(await worker.outcome()).toEqual({ outcome: "failed" });
    await lambda(queue.turns[0]!);
    expect(await control().read(job.id)).toMatchObject({
      ...{ state: "failed", announced: true },
      reason: expect.stringContaining(job.work.table),
    });
  });

  test("a worker of a missing job reports that", async () => {
    expect(await python(sampleJob({ id: "none" })).outcome()).toMatchObject({ error: "NO_SUCH_JOB" });
  });

  test("a worker that lacks the operation reports that", async () => {
    const job = await start(40, { operation: { name: "mine", params: {} } });
    expect(await python(job).outcome()).toMatchObject({ error: "NO_SUCH_OPERATION" });
  });
});
