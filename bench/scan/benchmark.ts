/**
 * The scan loop on DynamoDB Local, without a rate limit, beside a bare loop over the SDK and a library; each reading in a
 * process of its own, in turns, and the medians compared.
 */
import { fork } from "node:child_process";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Command } from "commander";
import { DynamoDbLocal } from "../../local/backends/dynamodbLocal";
import { createTable, fillTable, stringKeys } from "../../local/fillTable";
import type { Benchmark } from "../benchmark";
import { type Figure, renderFigure } from "../capacity/figures";
import { median } from "../median";
import { zeroOrMore } from "../options";
import type { Measured, Task } from "./scanProcess";
import { AT_ONCE, JOBS_TABLE, type ways } from "./ways";

type WayName = keyof typeof ways;
type Summary = Omit<Measured, "items"> & { readonly itemsPerSecond: number; readonly cpuMicrosecondsPerItem: number };

export interface ScanReport {
  readonly met: boolean;
  readonly items: number;
  readonly ways: Readonly<Record<WayName, Summary>>;
  readonly figures: readonly Figure[];
}

const ORDER: readonly WayName[] = ["bare", "sluice", "shelf"];

export const benchmark: Benchmark<ScanReport> = {
  summary:
    "Compare the scan loop with a bare SDK loop and @shelf/dynamodb-parallel-scan (some minutes: it fills two tables).",
  options: (command: Command) => {
    command
      .option("--items <n>", "number of items of 400 B", "200000")
      .option(
        "--large <n>",
        "number of items in the larger table, for peak memory; 0 leaves it out",
        zeroOrMore,
        "1000000",
      )
      .option("--rounds <n>", "measurements of each variant", "5");
  },
  run: async (options, progress) => {
    const [items, large, rounds] = ["items", "large", "rounds"].map((name) => Number(options[name]));
    const database = await DynamoDbLocal.start();
    try {
      return await measure(database.endpoint, { items: items!, large: large!, rounds: rounds! }, progress);
    } finally {
      await database.stop();
    }
  },
  render: ({ ways: measured, figures }) =>
    [
      ...ORDER.map((way) => {
        const { itemsPerSecond, cpuMicrosecondsPerItem, peakBytes } = measured[way];
        const memory = `${Math.round(peakBytes / 1e6)} MB at most`;
        return `${way}: ${Math.round(itemsPerSecond)} items/s, ${cpuMicrosecondsPerItem.toFixed(2)} µs of CPU an item, ${memory}`;
      }),
      ...figures.map(renderFigure),
    ].join("\n"),
};

interface Settings {
  items: number;
  large: number;
  rounds: number;
}

async function measure(endpoint: string, settings: Settings, progress: (line: string) => void): Promise<ScanReport> {
  const { items, large, rounds } = settings;
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new DynamoDBClient({ endpoint, region: "us-east-1", credentials });
  await createTable(client, JOBS_TABLE, stringKeys("pk", "sk"));
  await fill(client, "bulk", items, progress);
  const read = (way: WayName, table: string, segments = AT_ONCE) => readOnce({ way, endpoint, table, segments });
  for (const way of ORDER) await read(way, "bulk");
  const runs: Record<WayName, Measured[]> = { bare: [], sluice: [], shelf: [] };
  for (let round = 0; round < rounds; round++) {
    for (const way of ORDER) runs[way].push(await read(way, "bulk"));
    progress(`round ${round + 1} of ${rounds}`);
  }
  const wrong = Object.values(runs)
    .flat()
    .find((run) => run.items !== items);
  if (wrong !== undefined) throw new Error(`a reading found ${wrong.items} of ${items} items`);
  const ways = {
    bare: summary(runs.bare),
    sluice: summary(runs.sluice),
    shelf: summary(runs.shelf),
  };
  const figures = [...speedFigures(ways)];
  if (large > 0) {
    await fill(client, "large", large, progress);
    // DynamoDB Local's time for a page grows with its segment, so segments are as large as those of the smaller table.
    const segments = Math.ceil((AT_ONCE * large) / items);
    const { peakBytes } = await read("sluice", "large", segments);
    figures.push(atMost("peak memory, larger table less smaller, MB", (peakBytes - ways.sluice.peakBytes) / 1e6, 20));
  }
  client.destroy();
  return { met: figures.every(({ met }) => met), items, ways, figures };
}

function speedFigures({ bare, sluice, shelf }: Record<WayName, Summary>): Figure[] {
  return [
    atLeast("items/s by the bare loop's", sluice.itemsPerSecond / bare.itemsPerSecond, 0.95),
    atLeast(
      "items per CPU second by the bare loop's",
      bare.cpuMicrosecondsPerItem / sluice.cpuMicrosecondsPerItem,
      0.95,
    ),
    atLeast("items per CPU second by the library's", shelf.cpuMicrosecondsPerItem / sluice.cpuMicrosecondsPerItem, 1.5),
  ];
}

/** Items of 400 B with eight attributes, as a record of something has them. */
async function fill(
  client: DynamoDBClient,
  table: string,
  items: number,
  progress: (line: string) => void,
): Promise<void> {
  progress(`filling ${table} with ${items} items`);
  await createTable(client, table);
  await fillTable(client, table, items, (n) => ({
    id: { S: `order-${String(n).padStart(10, "0")}` },
    customer: { S: `customer-${n % 5000}` },
    status: { S: ["open", "paid", "shipped"][n % 3]! },
    total: { N: String((n * 37) % 100_000) },
    placedAt: { S: new Date(1_700_000_000_000 + n * 1000).toISOString() },
    express: { BOOL: n % 7 === 0 },
    lines: { L: [{ M: { sku: { S: `sku-${n % 900}` }, quantity: { N: String(1 + (n % 5)) } } }] },
    note: { S: "x".repeat(210) },
  }));
}

function summary(runs: readonly Measured[]): Summary {
  const seconds = median(runs.map((run) => run.seconds));
  const cpuSeconds = median(runs.map((run) => run.cpuSeconds));
  const items = runs[0]!.items;
  return {
    seconds,
    cpuSeconds,
    peakBytes: median(runs.map((run) => run.peakBytes)),
    itemsPerSecond: items / seconds,
    cpuMicrosecondsPerItem: (1e6 * cpuSeconds) / items,
  };
}

function atLeast(name: string, measured: number, least: number): Figure {
  return { name, measured, goal: `at least ${least}`, met: measured >= least };
}

function atMost(name: string, measured: number, most: number): Figure {
  return { name, measured, goal: `at most ${most}`, met: measured <= most };
}

function readOnce(task: Task): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const child = fork(join(__dirname, "scanProcess.ts"));
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`reading ${task.way} ended with ${code}`)));
    child.once("message", (measured) => resolve(measured as Measured));
    child.send(task);
  });
}
