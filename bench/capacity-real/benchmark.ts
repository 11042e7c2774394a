/**
 * The capacity layer for real: worker processes on DynamoDB Local, behind the local cloud's gateway, whose record of
 * consumption decides; one table with one global index, wall clock.
 */
import { fork } from "node:child_process";
import { join } from "node:path";
import { BatchWriteItemCommand, CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Command } from "commander";
import { type LocalCloud, startLocalCloud } from "../../local/cloud";
import { writesOf } from "../../local/gateway/consumptionFile";
import { DynamoDbLedger } from "../../shared/capacity/ledger/dynamoDbLedger";
import { Ledger } from "../../shared/capacity/ledger/ledger";
import type { Benchmark } from "../benchmark";
import { type Figure, renderFigure } from "../capacity/figures";
import type { Connection, Job } from "./workerProcess";

export interface RealReport {
  readonly met: boolean;
  readonly workers: number;
  readonly rate: number;
  readonly seconds: number;
  readonly updates: number;
  readonly figures: readonly Figure[];
  /** Share of the limit of the resource used most, in each second. */
  readonly series: readonly number[];
}

const TABLE = "bulk";
/** Items of each worker; a multiple of the 25 of a batch. */
const ITEMS = 500;

export const benchmark: Benchmark<RealReport> = {
  summary: "Measure the capacity limiter in 8 processes on DynamoDB Local (a minute).",
  options: (command: Command) => {
    command
      .option("--workers <n>", "number of processes", "8")
      .option("--rate <wcu>", "write capacity units per second, of the table and of its index", "300")
      .option("--seconds <n>", "duration of the run, in seconds", "60");
  },
  run: async (options, progress) => {
    const cloud = await startLocalCloud();
    try {
      return await measure(cloud, Number(options.workers), Number(options.rate), Number(options.seconds), progress);
    } finally {
      await cloud.stop();
    }
  },
  render: ({ figures, updates }) => [`${updates} updates`, ...figures.map(renderFigure)].join("\n"),
};

async function measure(
  cloud: LocalCloud,
  workers: number,
  rate: number,
  seconds: number,
  progress: (line: string) => void,
): Promise<RealReport> {
  const limits = { table: rate, indexes: { byG: rate } };
  const { endpoint, region, credentials } = cloud;
  const connection = { endpoint, region, credentials };
  await prepare(connection, workers, limits);
  await cloud.throttling.set({ table: TABLE, mode: "record" });
  progress(`${workers} workers, ${rate} WCU/s, ${seconds} s`);
  const end = Date.now() + 1000 * seconds + 2000;
  const shared = { connection, table: TABLE, concurrency: 8, items: ITEMS, end };
  const ended = await Promise.all(Array.from({ length: workers }, (_, worker) => work({ ...shared, worker })));
  const wrong = ended.find(({ error }) => error !== undefined);
  if (wrong !== undefined) throw new Error(`a worker failed: ${wrong.error}`);
  const record = writesOf(cloud.throttling.consumption(TABLE), 1000 * seconds + 5000);
  const last = record.lastAt;
  const mean = record.mean(limits, 1000, Math.floor(last / 100) * 100);
  const worst = record.worst(limits, 0, last).share;
  const figures = [
    { name: "mean", measured: mean, goal: "0.98 to 1", met: mean >= 0.98 && mean <= 1.0005 },
    { name: "worst second", measured: worst, goal: "at most 1.1", met: worst <= 1.1 },
  ];
  const updates = ended.reduce((sum, each) => sum + each.updates, 0);
  const series = record.series(limits, 1000).slice(0, Math.floor(last / 1000));
  return { met: figures.every(({ met }) => met), workers, rate, seconds, updates, figures, series };
}

/** Writes all items beforehand: every update then moves one entry of the index, and the Java machine is warm. */
async function fill(client: DynamoDBClient, workers: number): Promise<void> {
  for (let n = 0; n < workers * ITEMS; n += 25) {
    const puts = Array.from({ length: 25 }, (_, i) => {
      const k = `${Math.floor((n + i) / ITEMS)}-${(n + i) % ITEMS}`;
      return {
        PutRequest: { Item: { k: { S: k }, g: { S: "none" }, fill: { S: "x".repeat(n % 3 === 0 ? 1500 : 100) } } },
      };
    });
    await client.send(new BatchWriteItemCommand({ RequestItems: { [TABLE]: puts } }));
  }
}

async function prepare(
  connection: Connection,
  workers: number,
  limits: { table: number; indexes: Record<string, number> },
): Promise<void> {
  const client = new DynamoDBClient(connection);
  const string = (AttributeName: string) => ({ AttributeName, AttributeType: "S" as const });
  const hash = (AttributeName: string) => [{ AttributeName, KeyType: "HASH" as const }];
  const index = { IndexName: "byG", KeySchema: hash("g"), Projection: { ProjectionType: "KEYS_ONLY" as const } };
  const free = { BillingMode: "PAY_PER_REQUEST" as const };
  await client.send(
    new CreateTableCommand({
      TableName: TABLE,
      KeySchema: hash("k"),
      AttributeDefinitions: [string("k"), string("g")],
      GlobalSecondaryIndexes: [index],
      ...free,
    }),
  );
  const jobs = { TableName: "jobs", KeySchema: hash("pk"), AttributeDefinitions: [string("pk")], ...free };
  await client.send(new CreateTableCommand(jobs));
  await fill(client, workers);
  const store = new DynamoDbLedger({ client, table: "jobs", key: { pk: { S: "ledger" } } });
  await new Ledger(store).create(limits, Date.now());
  client.destroy();
}

function work(job: Job): Promise<{ updates: number; error?: string }> {
  return new Promise((resolve, reject) => {
    const child = fork(join(__dirname, "workerProcess.ts"));
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`worker ${job.worker} ended with ${code}`)));
    child.once("message", (answer) => resolve(answer as { updates: number; error?: string }));
    child.send(job);
  });
}
