import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Command } from "commander";
import { type LocalCloud, startLocalCloud } from "../../local/cloud";
import { createTable, fillTable } from "../../local/fillTable";
import { writesOf } from "../../local/gateway/consumptionFile";
import { requireEnvironment } from "../../local/glue/python/environment";
import { makeSparkHome } from "../../local/glue/runs/runFiles";
import { SparkProcess } from "../../local/glue/runs/sparkProcess";
import { temporaryFolder } from "../../local/temporaryFolder";
import { firstTurn } from "../../shared/engine/turns";
import type { WritingResult } from "../../shared/operations/changeItems";
import type { Benchmark } from "../benchmark";
import { type Figure, renderFigure } from "../capacity/figures";
import { runJob } from "../runJob";

const TABLE = "orders";
const INDEX = "byTag";
/** Executors and tasks of each, which the local cloud gives a job of three workers. Each task has 16 threads. */
const [EXECUTORS, CORES] = [2, 2];
const WORKERS = EXECUTORS + 1;
const LAMBDA_WORKERS = 4;
/** Share of the items whose entry in the index moves, which costs two units of the index's capacity. */
const MOVED = 0.3;
/** Units of a job, enough that all workers have one until shortly before its end. */
const SEGMENTS = 64;
/** The part of the time that counts. After it, the first workers find no more units. */
const WHOLE = 0.95;

const WAYS = ["spark", "beside", "book"] as const;
type Way = (typeof WAYS)[number];
const TITLES: Readonly<Record<Way, string>> = {
  spark: `${EXECUTORS} executors with ${CORES} tasks`,
  beside: `the same with ${LAMBDA_WORKERS} workers on Lambda beside them`,
  book: "the book's token bucket in each task",
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
  readonly shares: Readonly<Record<string, number>>;
  readonly figures: readonly Figure[];
}

export const benchmark: Benchmark<GlueCapacityReport> = {
  summary:
    "consumption of updates by tasks of Spark on the local cloud, alone and beside Lambda (five minutes of wall clock)",
  options: (command: Command) => {
    command
      .option("--rate <n>", "WCU/s of the table and its index", "200")
      .option("--seconds <n>", "duration of each way", "60");
  },
  run: async ({ rate, seconds }, progress) => {
    const [perSecond, items] = [Number(rate), Number(rate) * Number(seconds)];
    await requireEnvironment();
    const config = { scannerTables: TABLE, backfillTables: TABLE, glueWorkers: String(WORKERS) };
    const cloud = await startLocalCloud({ config });
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
      `Write units beside each other: ${Object.entries(shares)
        .map(([name, units]) => `${name} ${units}`)
        .join(", ")}`,
      ...figures.map(renderFigure),
    ].join("\n"),
};

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
  const measured = async (way: Way, work: (round: number) => Promise<unknown>) => {
    progress(TITLES[way]);
    const from = Date.now();
    await work(WAYS.indexOf(way));
    return judge(cloud, rate, from);
  };
  const spark = await measured("spark", (round) => update(cloud, dynamodb, { round, rate, items }));
  const meter = cloud.metering.start();
  const beside = await measured("beside", async (round) => {
    const job = update(cloud, dynamodb, { round, rate, items });
    await Promise.all([job, joinIn(cloud, `round-${round}`)]);
  });
  const { consumption } = meter.stop();
  const own = consumption.filter(({ table, index, writeUnits }) => table === TABLE && !index && writeUnits > 0);
  const shares = Object.fromEntries(own.map(({ caller, writeUnits }) => [caller, writeUnits]));
  const book = await measured("book", (round) => updateByTheBook(cloud, round, rate));
  dynamodb.destroy();
  return { ways: { spark, beside, book }, shares };
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
    WAYS.map((_, round) => [`tag${round}`, { S: n % 10 < 10 * MOVED ? `${round}-${n}` : "t" }]);
  await fillTable(dynamodb, TABLE, items, (n) => ({
    ...{ id: { S: `order-${n}` }, tag: { S: "t" }, note: { S: "x".repeat(500) } },
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
 * Begins chains of the queue driver once the tasks of Spark have begun to write. Chain 0 is among them. Like place 0 of Spark's tasks, it
 * stays even if the crew finds that the rate doesn't feed the others. So both sides work to the end.
 */
async function joinIn({ endpoint, region, credentials, outputs, throttling }: LocalCloud, job: string): Promise<void> {
  const since = Date.now();
  while (!throttling.consumption(TABLE, since).consumption.some(({ wcu }) => wcu > 0)) await sleep(100);
  const sqs = new SQSClient({ endpoint, region, credentials });
  for (let chain = 0; chain < LAMBDA_WORKERS; chain++) {
    const MessageBody = JSON.stringify({ job, chain, turn: firstTurn(0) });
    await sqs.send(
      new SendMessageCommand({ QueueUrl: String(outputs.writingQueueUrl), MessageBody, MessageGroupId: job }),
    );
  }
  sqs.destroy();
}

async function updateByTheBook(
  { endpoint, region, credentials }: LocalCloud,
  round: number,
  rate: number,
): Promise<void> {
  const environment = await requireEnvironment();
  const { path: folder, remove } = temporaryFolder("glue-capacity-");
  let output = "";
  try {
    const sparkHome = await makeSparkHome(folder, environment);
    const { ended } = new SparkProcess({
      ...{ environment, executors: EXECUTORS, cores: CORES, properties: [] },
      files: { folder, script: join(__dirname, "book.py"), pythonFiles: [], sparkHome },
      arguments: Object.entries({ table: TABLE, rate, tasks: EXECUTORS * CORES, round }).flatMap(([name, value]) => [
        `--${name}`,
        String(value),
      ]),
      variables: {
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_DEFAULT_REGION: region,
        AWS_ENDPOINT_URL: endpoint,
      },
      onOutput: (text) => {
        output += text;
      },
    });
    const code = await ended;
    if (code !== 0) throw new Error(`the book's script ended with ${code}:\n${output}`);
  } finally {
    remove();
  }
}

/** The writes since a time, from the first one on. */
function judge({ throttling }: LocalCloud, rate: number, from: number): Measured {
  const limits = { table: rate, indexes: { [INDEX]: rate } };
  const record = writesOf(throttling.consumption(TABLE, from), Date.now() - from + 1_000);
  const until = Math.floor((WHOLE * record.lastAt) / 1_000) * 1_000;
  return {
    mean: record.mean(limits, 0, until),
    worst: record.worst(limits, 0, record.lastAt).share,
    series: record.series(limits, 1_000).slice(0, Math.ceil(record.lastAt / 1_000)),
  };
}

function report(items: number, { ways, shares }: Results): GlueCapacityReport {
  const units = Object.values(shares);
  const least = Math.min(...units) / units.reduce((sum, each) => sum + each, 0);
  const shared = {
    name: "share of the side that wrote less",
    measured: least,
    goal: "at least 0.25",
    met: least >= 0.25,
  };
  const figures = (["spark", "beside"] as const).flatMap((way): Figure[] => {
    const { mean, worst } = ways[way];
    return [
      { name: `mean, ${way}`, measured: mean, goal: "0.98 to 1", met: mean >= 0.98 && mean <= 1.0005 },
      { name: `worst second, ${way}`, measured: worst, goal: "at most 1.1", met: worst <= 1.1005 },
    ];
  });
  figures.push(shared);
  return { met: figures.every(({ met }) => met), items, ways, shares, figures };
}
