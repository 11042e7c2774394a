/** Turns at chains on DynamoDB Local, while the job's table is made anew. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { DeleteTableCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { createTable, fillTable, stringKeys } from "../../../local/fillTable";
import { startJob } from "../../../services/jobs/startJob";
import { systemClock } from "../../../shared/clock";
import type { ChainTurn } from "../../../shared/drivers/driver";
import type { Job } from "../../../shared/jobs/job";
import { readJob, readUnits } from "../../../shared/jobs/storage/reading";
import { readingOperations } from "../../../shared/operations/reading";
import { writingOperations } from "../../../shared/operations/writing";
import { type WorkerParts, workChain } from "../../../shared/worker/workChain";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../support/dynamoDbLocal";
import { localWorkParts, type Published } from "../../support/localWorker";

const JOBS = "jobs";
/** The time after which no further unit is begun, milliseconds after the begin of a turn. */
const WORK_MS = 5_000;
let database: DynamoDbLocal;
let events: Published[];
let turns: ChainTurn[];
let table: string;
beforeAll(async () => {
  database = await startDynamoDbLocal();
  await createTable(database.client, JOBS, stringKeys("pk", "sk"));
});
afterAll(() => database?.stop());
beforeEach(async () => {
  [events, turns] = [[], []];
  table = `orders-${randomUUID().slice(0, 8)}`;
  await makeTable();
});

async function makeTable(): Promise<void> {
  await createTable(database.client, table);
  await fillTable(database.client, table, 30, (n) => ({ id: { S: `order-${n}` } }));
}

async function remakeTable(): Promise<void> {
  await database.client.send(new DeleteTableCommand({ TableName: table }));
  await makeTable();
}

const driver = { dispatch: async (more: readonly ChainTurn[]) => void turns.push(...more) };

async function begin(changes: object = {}, changedTables: string[] = []): Promise<string> {
  const id = `job-${randomUUID().slice(0, 8)}`;
  const request = { table, operation: "count", readRate: 300, segments: 2, ...changes };
  await startJob(request, id, {
    ...{
      dynamodb: describing(),
      jobsTable: JOBS,
      initiator: { caller: "operator" },
      driver: () => driver,
      clock: systemClock,
    },
    ...{ mostWorkers: () => 16, hasWorkflow: false },
    s3: {} as never,
    resultsBucket: "results",
    changedTables,
    ...{ continueLater: async () => undefined, expirationDays: 0, timeoutSeconds: 60 },
  });
  return id;
}

/** A client that answers what DynamoDB Local doesn't know: no table has backups. */
function describing(): WorkerParts["dynamodb"] {
  const send = async (command: { constructor: { name: string } }) =>
    command.constructor.name === "DescribeContinuousBackupsCommand" ? {} : database.client.send(command as never);
  return { send } as never;
}

/** A delivery of the next turn. @param dynamodb the client for records and descriptions. */
async function work(
  dynamodb: WorkerParts["dynamodb"] = database.client,
  workSignal = new AbortController().signal,
  operations = readingOperations,
) {
  const parts = { ...localWorkParts(database, JOBS, events), operations, dynamodb, mostWorkers: 16, random: () => 0 };
  const now = Date.now();
  const { signal } = new AbortController();
  const time = {
    startedAt: now,
    stopAt: now + WORK_MS,
    deadline: now + WORK_MS,
    workEndsAt: now + 24_000,
    endsAt: now + 28_000,
  };
  const turn = turns.shift()!;
  return (await workChain(turn, { driver, owner: randomUUID(), ...time, workSignal, signal }, parts)).handled;
}

/** A client with which the end of a unit takes so long that no further unit is begun. */
function slowEnds(): WorkerParts["dynamodb"] {
  const send = async (command: { input: { ExpressionAttributeValues?: Record<string, { S?: string }> } }) => {
    const answer = await database.client.send(command as never);
    if (command.input.ExpressionAttributeValues?.[":set_state"]?.S === "done") await sleep(WORK_MS + 100);
    return answer;
  };
  return { send } as never;
}

const read = async (id: string) => (await readJob(database.client, JOBS, id)) as Job;

test("a job on the table it began with completes", async () => {
  const id = await begin();
  expect(await work()).toBe("ended");
  expect(await read(id)).toMatchObject({ state: "completed", result: { items: 30 }, announced: true });
});

test("if the table was made anew, the next turn of a chain stops the job, with one reason and one event", async () => {
  const id = await begin();
  expect(await work(slowEnds())).toBe("continued");
  await remakeTable();
  expect(await work()).toBe("parked");
  const reason = `Table ${table} was deleted and recreated after the job began.`;
  expect(await read(id)).toMatchObject({ state: "failed", reason, unitsFailed: 0 });
  expect(await read(id)).not.toHaveProperty("result");
  expect(events).toMatchObject([{ type: "Job failed", detail: { job: id, summary: expect.stringContaining(reason) } }]);
  // Nothing of the new table was read for the job.
  for await (const unit of readUnits(database.client, JOBS, id, { ConsistentRead: true })) {
    if (unit.state !== "done") expect(unit.counts.pages).toBe(0);
  }
});

test("a copy whose target was made anew writes nothing into the new table", async () => {
  const to = `archive-${randomUUID().slice(0, 8)}`;
  await createTable(database.client, to);
  const id = await begin({ operation: "copy", to, writeRate: 300 }, [to]);
  await database.client.send(new DeleteTableCommand({ TableName: to }));
  await createTable(database.client, to);
  expect(await work(database.client, undefined, writingOperations)).toBe("parked");
  const reason = `Table ${to} was deleted and recreated after the job began.`;
  expect(await read(id)).toMatchObject({ state: "failed", reason, unitsDone: 0 });
  expect((await database.client.send(new ScanCommand({ TableName: to }))).Count).toBe(0);
});

test("a result is never made from two tables", async () => {
  const id = await begin({ segments: 1 });
  let described = 0;
  const send = async (command: { constructor: { name: string } }) => {
    // Its unit is taken and read while the table is still there.
    if (command.constructor.name === "DescribeTableCommand" && ++described === 2) await remakeTable();
    return database.client.send(command as never);
  };
  expect(await work({ send } as never)).toBe("ended");
  expect(described).toBe(2);
  const reason = `Table ${table} was deleted and recreated after the job began.`;
  expect(await read(id)).toMatchObject({ state: "failed", reason, unitsDone: 1 });
  expect(await read(id)).not.toHaveProperty("result");
});

test("a missing table stops the job at once, instead of failing each unit three times", async () => {
  const id = await begin({ segments: 4 });
  await database.client.send(new DeleteTableCommand({ TableName: table }));
  expect(await work()).toBe("parked");
  expect(await read(id)).toMatchObject({
    ...{ state: "failed", reason: `Table ${table} no longer exists.`, unitsDone: 0, unitsFailed: 0 },
  });
  expect(events).toHaveLength(1);
  expect(turns).toEqual([]);
});

test("if the table could not be described until an attempt's time was over, the unit's record shows that", async () => {
  const id = await begin({ segments: 1 });
  const attempt = new AbortController();
  const send = async (command: { constructor: { name: string } }) => {
    if (command.constructor.name !== "DescribeTableCommand") return database.client.send(command as never);
    setImmediate(() => attempt.abort());
    throw Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });
  };
  expect(await work({ send } as never, attempt.signal)).toBe("continued");
  for await (const unit of readUnits(database.client, JOBS, id, { ConsistentRead: true })) {
    expect(unit.reason).toMatch(/ThrottlingException: Rate exceeded/);
    expect(unit).not.toHaveProperty("owner");
  }
});
