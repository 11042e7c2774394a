/**
 * The capacity of updates on Spark, judged by the gateway's record. Two kinds of work:
 *
 * - a user's own boto3 code, alone and beside four workers on Lambda, which are jobs of the same limit group. The time counts until
 *   the first of them has no more work;
 * - a job of the spark driver, alone and beside Lambda, where four workers begin. At this rate the job's crew needs one task and one
 *   worker on Lambda, and the others leave.
 *
 * The functions on Lambda and the local DynamoDB are warm: other jobs have updated all items before. Otherwise eight functions would
 * start at once, and Java would compile its code, which takes both cores for seconds.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Command } from "commander";
import { type LocalCloud, startLocalCloud } from "../../local/cloud";
import { createTable, fillTable } from "../../local/fillTable";
import { firstWriteAt, writesOf } from "../../local/gateway/consumptionFile";
import { PYTHON_PROJECT, requireEnvironment } from "../../local/glue/python/environment";
import { makeSparkHome } from "../../local/glue/runs/runFiles";
import { SparkProcess } from "../../local/glue/runs/sparkProcess";
import type { TableConsumption } from "../../local/metering/metering";
import { temporaryFolder } from "../../local/temporaryFolder";
import { firstTurn } from "../../shared/engine/turns";
import type { StartRequest } from "../../shared/jobs/startRequest";
import type { WritingResult } from "../../shared/operations/changeItems";
import type { Benchmark } from "../benchmark";
import { type Figure, renderFigure } from "../capacity/figures";
import { runJob } from "../runJob";

const TABLE = "orders";
const INDEX = "byTag";
/** Executors and tasks of each, which the local cloud gives a job of three workers. */
const [EXECUTORS, CORES] = [2, 2];
const WORKERS = EXECUTORS + 1;
const THREADS = 16;
const LAMBDA_WORKERS = 4;
/** Each item is in one part. Beside a user's tasks, each worker on Lambda updates one part, and the tasks update the others. */
const PARTS = 2 * LAMBDA_WORKERS;
/** Read units per second of jobs whose reads must not wait. */
const PLENTY = 4_000;
/** Share of the items whose entry in the index moves, which costs two units of the index's capacity. */
const MOVED = 0.3;
/** Units of a job: as many as a larger table has by default at this rate (shared/sources/table/segments.ts). */
const SEGMENTS = 20;
/**
 * How long Spark writes alone before workers on Lambda join, milliseconds. When its tasks begin, they take both cores of a laptop
 * for seconds. On AWS, functions have cores of their own.
 */
const SPARK_ALONE_MS = 3_000;
/** How long after one job the next one starts, milliseconds: as an operator starts them. */
const BETWEEN_JOBS_MS = 1_000;
/** The part of a job's time that counts. After it, the first workers find no more units. */
const WHOLE = 0.95;

const WAYS = ["tasks", "tasksBeside", "driver", "driverBeside", "usual"] as const;
type Way = (typeof WAYS)[number];
/** The round of the warm-up. The rounds before it are those of the ways. */
const WARM_UP = WAYS.length;
const TITLES: Readonly<Record<Way, string>> = {
  tasks: `own boto3 code, ${EXECUTORS} executors with ${CORES} tasks of ${THREADS} threads`,
  tasksBeside: `the same beside ${LAMBDA_WORKERS} workers on Lambda`,
  driver: "a job of the spark driver",
  driverBeside: `the same beside up to ${LAMBDA_WORKERS} workers on Lambda`,
  usual: "the usual token bucket in each task",
};

interface Measured {
  readonly mean: number;
  readonly worst: number;
  /** Share of the limit in each second. */
  readonly series: readonly number[];
}

export interface GlueCapacityReport {
  readonly met: boolean;
  readonly items: number;
  readonly ways: Readonly<Record<Way, Measured>>;
  /** Write units by who consumed them, where Lambda worked beside Spark. */
  readonly shares: Readonly<Partial<Record<Way, Readonly<Record<string, number>>>>>;
  readonly figures: readonly Figure[];
}

export const benchmark: Benchmark<GlueCapacityReport> = {
  summary: "Measure what updates by Spark tasks consume on the local cloud, alone and beside Lambda (seven minutes).",
  options: (command: Command) => {
    command
      .option("--rate <n>", "WCU/s of the table and its index", "200")
      .option("--seconds <n>", "duration of each variant, in seconds", "60");
  },
  run: async ({ rate, seconds }, progress) => {
    const [perSecond, items] = [Number(rate), Number(rate) * Number(seconds)];
    await requireEnvironment();
    const config = { scannerTables: TABLE, backfillTables: TABLE, glueWorkers: String(WORKERS) };
    const cloud = await startLocalCloud({ config, optimizeDatabase: true });
    try {
      return report(items, await measureAll(cloud, perSecond, items, progress));
    } finally {
      await cloud.stop();
    }
  },
  render: ({ items, ways, shares, figures }) =>
    [
      `${items} items each:`,
      ...WAYS.map((way) => {
        const { mean, worst } = ways[way];
        return `  ${TITLES[way]}: mean ${mean.toFixed(3)}, worst second ${worst.toFixed(3)} of the limit`;
      }),
      ...Object.entries(shares).map(
        ([way, units]) =>
          `Write units, ${TITLES[way as Way]}: ${Object.entries(units)
            .map(([name, each]) => `${name} ${each}`)
            .join(", ")}`,
      ),
      ...figures.map(renderFigure),
    ].join("\n"),
};

/** Resolves when all is done, with the time at which the first had no more to do; see `judge`. */
type Work = (round: number) => Promise<number | undefined>;

type Results = Pick<GlueCapacityReport, "ways" | "shares">;

async function measureAll(
  cloud: LocalCloud,
  rate: number,
  items: number,
  progress: (line: string) => void,
): Promise<Results> {
  const { endpoint, region, credentials } = cloud;
  const dynamodb = new DynamoDBClient({ endpoint, region, credentials });
  progress(`filling a table with ${items} items`);
  await makeTable(dynamodb, items);
  await cloud.throttling.set({ table: TABLE, mode: "record" });
  progress("warming up");
  await warmUp(cloud, dynamodb);
  const measured = async (way: Way, work: Work) => {
    progress(TITLES[way]);
    const from = Date.now();
    return judge(cloud, rate, from, await work(WAYS.indexOf(way)));
  };
  const shares: Partial<Record<Way, Record<string, number>>> = {};
  const besides = async (way: Way, work: Work) => {
    const meter = cloud.metering.start();
    const result = await measured(way, work);
    shares[way] = sharesOf(meter.stop().consumption);
    return result;
  };
  const ways = {
    tasks: await measured("tasks", (round) => updateByTasks(cloud, { round, rate, firstPart: 0 })),
    tasksBeside: await besides("tasksBeside", (round) =>
      firstOf([
        updateByTasks(cloud, { round, rate, firstPart: LAMBDA_WORKERS }),
        updateParts(cloud, dynamodb, { round, rate }),
      ]),
    ),
    driver: await measured("driver", (round) => update(cloud, dynamodb, { round, rate, items }).then(() => undefined)),
    driverBeside: await besides("driverBeside", async (round) => {
      await Promise.all([update(cloud, dynamodb, { round, rate, items }), joinIn(cloud, `round-${round}`)]);
      return undefined;
    }),
    usual: await measured("usual", (round) => updateAsUsual(cloud, round, rate).then(() => undefined)),
  };
  dynamodb.destroy();
  return { ways, shares };
}

async function firstOf(ends: readonly Promise<number>[]): Promise<number> {
  return Math.min(...(await Promise.all(ends)));
}

function sharesOf(consumption: readonly TableConsumption[]): Record<string, number> {
  const own = consumption.filter(({ table, index, writeUnits }) => table === TABLE && !index && writeUnits > 0);
  const sums: Record<string, number> = {};
  for (const { caller, writeUnits } of own) sums[caller] = (sums[caller] ?? 0) + writeUnits;
  return sums;
}

async function makeTable(dynamodb: DynamoDBClient, items: number): Promise<void> {
  await createTable(dynamodb, TABLE, {
    AttributeDefinitions: [
      { AttributeName: "id", AttributeType: "S" },
      { AttributeName: "tag", AttributeType: "S" },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: INDEX,
        KeySchema: [{ AttributeName: "tag", KeyType: "HASH" }],
        Projection: { ProjectionType: "KEYS_ONLY" },
      },
    ],
  });
  const tags = (n: number) =>
    [...WAYS.keys(), WARM_UP].map((round) => [`tag${round}`, { S: n % 10 < 10 * MOVED ? `${round}-${n}` : "t" }]);
  await fillTable(dynamodb, TABLE, items, (n) => ({
    ...{ id: { S: `order-${n}` }, part: { N: String(n % PARTS) }, tag: { S: "t" }, note: { S: "x".repeat(500) } },
    ...Object.fromEntries(tags(n)),
  }));
}

/**
 * A job of the spark driver over the whole table. @throws Error if an item wasn't updated. A page that the end of a stretch cut
 * short is repeated, and meets its own writes.
 */
async function update(
  cloud: LocalCloud,
  dynamodb: DynamoDBClient,
  { round, rate, items }: { round: number; rate: number; items: number },
): Promise<void> {
  const { result } = await runJob(cloud, dynamodb, {
    ...{ operation: "update", table: TABLE, driver: "spark", segments: SEGMENTS, writeRate: rate },
    jobId: `round-${round}`,
    update: { set: { tag: `\${tag${round}}`, written: { S: String(round) } } },
  });
  const { outcomes } = result as WritingResult;
  if (outcomes.updated + outcomes.already !== items) {
    throw new Error(`not each item was updated: ${JSON.stringify(outcomes)}`);
  }
}

/**
 * Begins chains of the queue driver once the tasks of Spark are at work. Chain 0 is among them. Like place 0 of Spark's tasks, it
 * stays even if the crew finds that the rate doesn't feed the others. So both sides work to the end.
 */
async function joinIn(cloud: LocalCloud, job: string): Promise<void> {
  const { endpoint, region, credentials, outputs } = cloud;
  await sparkAtWork(cloud);
  const sqs = new SQSClient({ endpoint, region, credentials });
  for (let chain = 0; chain < LAMBDA_WORKERS; chain++) {
    const MessageBody = JSON.stringify({ job, chain, turn: firstTurn(0) });
    await sqs.send(
      new SendMessageCommand({ QueueUrl: String(outputs.writingQueueUrl), MessageBody, MessageGroupId: job }),
    );
  }
  sqs.destroy();
}

/** A user's own boto3 code under a limit group, which it makes. Resolves with the end of the first task. */
async function updateByTasks(
  cloud: LocalCloud,
  { round, rate, firstPart }: { round: number; rate: number; firstPart: number },
): Promise<number> {
  const { jobsTable } = cloud.outputs.operator as { jobsTable: string };
  const output = await runSpark(cloud, "limited.py", {
    ...{ table: TABLE, "jobs-table": jobsTable, group: `round-${round}`, rate, tasks: EXECUTORS * CORES },
    ...{ threads: THREADS, round, "first-part": firstPart },
  });
  return Number(/^[\d.]+$/m.exec(output)?.[0]);
}

/**
 * Jobs of the queue driver, one for each part of Lambda's, in the limit group of Spark's tasks. They begin once these are at work.
 * Resolves with the end of the first job.
 */
async function updateParts(
  cloud: LocalCloud,
  dynamodb: DynamoDBClient,
  { round, rate }: { round: number; rate: number },
): Promise<number> {
  await sparkAtWork(cloud);
  const update = async (part: number) => {
    await sleep(part * BETWEEN_JOBS_MS);
    const limits = { readRate: PLENTY, writeRate: rate, limitGroup: `round-${round}` };
    return (await runJob(cloud, dynamodb, { ...updateOf(part, round), ...limits })).endedAt!;
  };
  return firstOf(Array.from({ length: LAMBDA_WORKERS }, (_, part) => update(part)));
}

/** Has Lambda start as many functions as jobs at once need, and updates all items as fast as possible. */
async function warmUp(cloud: LocalCloud, dynamodb: DynamoDBClient): Promise<void> {
  const jobs = Array.from({ length: PARTS }, (_, part) =>
    runJob(cloud, dynamodb, { ...updateOf(part, WARM_UP), readRate: PLENTY, writeRate: PLENTY }),
  );
  await Promise.all(jobs);
}

function updateOf(part: number, round: number): StartRequest {
  return {
    ...{ operation: "update", table: TABLE, filter: "part = :part", values: { ":part": part } },
    update: { set: { tag: `\${tag${round}}`, written: { S: String(round) } } },
  };
}

/** Resolves a moment after the first write from now on. */
async function sparkAtWork({ throttling }: LocalCloud): Promise<void> {
  const since = Date.now();
  while (!throttling.consumption(TABLE, since).consumption.some(({ wcu }) => wcu > 0)) await sleep(100);
  await sleep(SPARK_ALONE_MS);
}

async function updateAsUsual(cloud: LocalCloud, round: number, rate: number): Promise<void> {
  await runSpark(cloud, "usual.py", { table: TABLE, rate, tasks: EXECUTORS * CORES, round });
}

/** @returns what the script printed. */
async function runSpark(
  { endpoint, region, credentials }: LocalCloud,
  script: string,
  given: Readonly<Record<string, string | number>>,
): Promise<string> {
  const environment = await requireEnvironment();
  const { path: folder, remove } = temporaryFolder("glue-capacity-");
  let output = "";
  try {
    const sparkHome = await makeSparkHome(folder, environment);
    const { ended } = new SparkProcess({
      ...{ environment, executors: EXECUTORS, cores: CORES, properties: [] },
      files: { folder, script: join(__dirname, script), pythonFiles: [], sparkHome },
      arguments: Object.entries(given).flatMap(([name, value]) => [`--${name}`, String(value)]),
      variables: {
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_DEFAULT_REGION: region,
        AWS_ENDPOINT_URL: endpoint,
        PYTHONPATH: join(PYTHON_PROJECT, "src"),
      },
      onOutput: (text) => {
        output += text;
      },
    });
    const code = await ended;
    if (code !== 0) throw new Error(`${script} ended with ${code}:\n${output}`);
    return output;
  } finally {
    remove();
  }
}

/**
 * The writes since a time, from the first one on. The mean counts whole seconds, until the first worker has no more to do: `busyUntil`,
 * milliseconds since the epoch; undefined: most of the time of a job.
 */
function judge({ throttling }: LocalCloud, rate: number, from: number, busyUntil: number | undefined): Measured {
  const limits = { table: rate, indexes: { [INDEX]: rate } };
  const report = throttling.consumption(TABLE, from);
  const record = writesOf(report, Date.now() - from + 1_000);
  const busyMs = busyUntil === undefined ? WHOLE * record.lastAt : busyUntil - firstWriteAt(report);
  const until = Math.floor(busyMs / 1_000) * 1_000;
  return {
    mean: record.mean(limits, 0, until),
    worst: record.worst(limits, 0, record.lastAt).share,
    series: record.series(limits, 1_000).slice(0, Math.ceil(record.lastAt / 1_000)),
  };
}

function report(items: number, { ways, shares }: Results): GlueCapacityReport {
  const figures = (["tasks", "tasksBeside", "driver", "driverBeside"] as const).flatMap((way): Figure[] => {
    const { mean, worst } = ways[way];
    const figuresOfWay = [
      { name: `mean, ${way}`, measured: mean, goal: "0.98 to 1", met: mean >= 0.98 && mean <= 1.0005 },
      { name: `worst second, ${way}`, measured: worst, goal: "at most 1.1", met: worst <= 1.1005 },
    ];
    const units = Object.values(shares[way] ?? {});
    if (units.length === 0) return figuresOfWay;
    const least = Math.min(...units) / units.reduce((sum, each) => sum + each, 0);
    const name = `share of the side that wrote less, ${way}`;
    return [...figuresOfWay, { name, measured: least, goal: "at least 0.25", met: least >= 0.25 }];
  });
  return { met: figures.every(({ met }) => met), items, ways, shares, figures };
}
