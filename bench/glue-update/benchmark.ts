/**
 * Updates by one task of Spark beside the usual loop over boto3, against the stub of `backfill`, which answers like DynamoDB
 * after 5 ms; each reading in a process of its own, in turns, and the medians compared.
 */
import { execFile, fork } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Command } from "commander";
import { DynamoDbLocal } from "../../local/backends/dynamodbLocal";
import { makeTables } from "../backfill/makeTables";
import { messageOf } from "../backfill/messageOf";
import { type Places, settingsOf } from "../backfill/places";
import { storedJob, update } from "../backfill/storedJob";
import type { Measured } from "../backfill/writeProcess";
import type { Benchmark } from "../benchmark";
import { type Figure, renderFigure } from "../capacity/figures";
import { median } from "../median";

const WAYS = ["task", "usual"] as const;
type Way = (typeof WAYS)[number];
type Readings = Readonly<Record<Way, Measured>>;

export interface GlueUpdateReport {
  readonly met: boolean;
  readonly ways: Readings;
  readonly figures: readonly Figure[];
}

const TITLES: Readonly<Record<Way, string>> = {
  task: "a task of Spark, whole",
  usual: "the usual loop: update_item one after the other",
};

const WARM_UP_SECONDS = 3;
const ROOT = join(__dirname, "../..");
const PYTHON = join(ROOT, ".sluice/glue-python/bin/python");

export const benchmark: Benchmark<GlueUpdateReport> = {
  summary: "Compare updates by a Spark task with the usual loop over boto3, against a stub of DynamoDB.",
  options: (command: Command) => {
    command
      .option("--rounds <n>", "measurements of each variant", "3")
      .option("--seconds <n>", "duration of a measurement, in seconds", "10");
  },
  run: async ({ rounds, seconds }, progress) => {
    if (!existsSync(PYTHON)) throw new Error("there is no Python environment: run npm run glue:setup");
    const stub = fork(join(__dirname, "../backfill/stubProcess.ts"));
    const database = await DynamoDbLocal.start();
    try {
      await makeTables(database.endpoint);
      const port = await messageOf<number>(stub);
      const places = { stub: `http://127.0.0.1:${port}`, jobs: database.endpoint };
      return report(await measure(places, Number(rounds), Number(seconds), progress));
    } finally {
      stub.disconnect();
      await database.stop();
    }
  },
  render: ({ ways, figures }) =>
    [
      ...WAYS.map((way) => {
        const { itemsPerSecond, cpuPerItem } = ways[way];
        return `${TITLES[way]}: ${Math.round(itemsPerSecond)} updates/s, ${cpuPerItem.toFixed(0)} µs of CPU each`;
      }),
      ...figures.map(renderFigure),
    ].join("\n"),
};

async function measure(places: Places, rounds: number, seconds: number, progress: (line: string) => void) {
  const readings: Record<Way, Measured[]> = { task: [], usual: [] };
  for (let round = 0; round < rounds; round++) {
    for (const way of WAYS) readings[way].push(await readOnce(way, places, seconds));
    progress(`round ${round + 1} of ${rounds}`);
  }
  return { task: medians(readings.task), usual: medians(readings.usual) };
}

/** @returns the measurement of a Python process. */
async function readOnce(way: Way, places: Places, seconds: number): Promise<Measured> {
  const client = new DynamoDBClient(settingsOf(places.jobs));
  const { id } = await storedJob(update, client);
  client.destroy();
  const given = [way, places.stub, places.jobs, id, WARM_UP_SECONDS, seconds].map(String);
  // A worker waits until it finds credentials.
  const credentials = { AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" };
  const env = { ...process.env, ...credentials, PYTHONPATH: join(ROOT, "services/glue/python/src") };
  const { stdout } = await promisify(execFile)(PYTHON, [join(__dirname, "update.py"), ...given], { env });
  return JSON.parse(stdout) as Measured;
}

function medians(readings: readonly Measured[]): Measured {
  return {
    itemsPerSecond: median(readings.map(({ itemsPerSecond }) => itemsPerSecond)),
    cpuPerItem: median(readings.map(({ cpuPerItem }) => cpuPerItem)),
  };
}

function report(ways: Readings): GlueUpdateReport {
  const faster = ways.task.itemsPerSecond / ways.usual.itemsPerSecond;
  const cpu = ways.task.cpuPerItem / ways.usual.cpuPerItem;
  const figures: Figure[] = [
    { name: "updates/s by those of the usual loop", measured: faster, goal: "at least 20", met: faster >= 20 },
    { name: "CPU of an update by that of the usual loop", measured: cpu, goal: "at most 0.15", met: cpu <= 0.15 },
  ];
  return { met: figures.every(({ met }) => met), ways, figures };
}
