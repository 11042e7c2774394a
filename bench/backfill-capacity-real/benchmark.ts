/**
 * The capacity of a backfill's writes for real: eight jobs of one limit group, each with a worker, update a table with two
 * global indexes on the local cloud; the gateway's record of consumption decides. Others have changed some items since the
 * exports that the jobs read, so the conditions of these fail first.
 */
import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { Command } from "commander";
import { type LocalCloud, startLocalCloud } from "../../local/cloud";
import { seededRandom } from "../../local/faults/random";
import { createTable, fillTable } from "../../local/fillTable";
import { writesOf } from "../../local/gateway/consumptionFile";
import type { ConsumptionTimeline } from "../../local/gateway/consumptionTimeline";
import type { Item } from "../../shared/aws/itemSize";
import type { CapacityLimits } from "../../shared/capacity/metering/limits";
import type { ExportResult } from "../../shared/operations/export/writeManifests";
import { writeConsumption } from "../../shared/tables/writeConsumption";
import type { Outcomes } from "../../shared/writing/outcomes";
import { mixed, schema, TABLE } from "../backfill-capacity/cells";
import { writtenItem } from "../backfill-capacity/writtenItem";
import type { Benchmark } from "../benchmark";
import { type Figure, renderFigure } from "../capacity/figures";
import { zeroOrMore } from "../options";
import { runJob } from "../runJob";

export interface BackfillCapacityRealReport {
  readonly met: boolean;
  readonly items: number;
  readonly limits: CapacityLimits;
  /** From the first write until the first worker had no items left. */
  readonly seconds: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** Conditions that failed. */
  readonly refused: number;
  readonly figures: readonly Figure[];
  /** Share of the binding limit in each second. */
  readonly series: readonly number[];
}

const { workers: WORKERS, changed: CHANGED, moved: MOVED } = mixed;
const PLENTY = 4_000;

export const benchmark: Benchmark<BackfillCapacityRealReport> = {
  summary: "Measure what a backfill's writes by 8 workers consume on the local cloud (two minutes).",
  options: (command: Command) => {
    command
      .option("--limits <list>", "WCU/s of the table, its index byTag and its index byCustomer", "200,60,100")
      .option("--seconds <n>", "approximate duration of the writes, in seconds", "60")
      .option("--seed <n>", "seed of the items", zeroOrMore, "1");
  },
  run: async ({ limits: list, seconds, seed }, progress) => {
    const [table, byTag, byCustomer] = String(list).split(",").map(Number) as [number, number, number];
    const limits = { table, indexes: { byTag, byCustomer } };
    const cloud = await startLocalCloud({ config: { scannerTables: TABLE, backfillTables: TABLE } });
    try {
      return await measure(cloud, limits, makeItems(limits, Number(seconds), Number(seed)), progress);
    } finally {
      await cloud.stop();
    }
  },
  render: ({ items, limits, seconds, outcomes, refused, figures }) =>
    [
      `${items} items, ${WORKERS} workers, WCU/s: table ${limits.table}, ${Object.entries(limits.indexes ?? {})
        .map(([name, limit]) => `${name} ${limit}`)
        .join(", ")}; ${seconds.toFixed(1)} s`,
      `${Object.entries(outcomes)
        .map(([name, count]) => `${count} ${name}`)
        .join(", ")}; ${refused} conditions failed`,
      ...figures.map(renderFigure),
    ].join("\n"),
};

interface Made {
  readonly item: Item;
  readonly changes: boolean;
}

const MARK = { S: "yes" };

/** As many as the binding limit allows in the time. */
function makeItems({ table, indexes = {} }: CapacityLimits, seconds: number, seed: number): Made[] {
  const random = seededRandom(seed);
  const made: Made[] = [];
  const used: Record<string, number> = { table: 0 };
  const limits: Record<string, number> = { table, ...indexes };
  while (Object.keys(limits).every((name) => (used[name] ?? 0) < seconds * limits[name]!)) {
    const n = made.length;
    const item: Item = { ...writtenItem(n, MOVED, random), part: { N: String(n % WORKERS) } };
    const consumed = writeConsumption(item, { ...item, tag: item.nextTag!, done: MARK }, schema);
    for (const [name, units] of Object.entries({ table: consumed.table, ...consumed.indexes })) {
      used[name] = (used[name] ?? 0) + units;
    }
    made.push({ item, changes: random() < CHANGED });
  }
  return made;
}

async function measure(
  cloud: LocalCloud,
  limits: CapacityLimits,
  made: readonly Made[],
  progress: (line: string) => void,
): Promise<BackfillCapacityRealReport> {
  const { endpoint, region, credentials } = cloud;
  const dynamodb = new DynamoDBClient({ endpoint, region, credentials });
  progress(`filling a table with ${made.length} items`);
  await makeTable(dynamodb, limits);
  await fillTable(dynamodb, TABLE, made.length, (n) => made[n]!.item);
  progress("exporting it in parts");
  const parts = Array.from({ length: WORKERS }, (_, part) => part);
  const places = await Promise.all(parts.map((part) => exportPart(cloud, dynamodb, part)));
  progress("changing some of the items");
  for (const { item, changes } of made) if (changes) await change(dynamodb, item.id!.S!);
  await cloud.throttling.set({ table: TABLE, mode: "record" });
  progress("updating them");
  const from = Date.now();
  let firstEnd = Number.POSITIVE_INFINITY;
  const jobs = await Promise.all(
    places.map(async (source) => {
      const job = await runJob(cloud, dynamodb, updateOf(source));
      firstEnd = Math.min(firstEnd, job.endedAt ?? firstEnd);
      return job;
    }),
  );
  const report = cloud.throttling.consumption(TABLE, from);
  const record = writesOf(report, Date.now() - from + 1_000);
  const begun = Math.min(...report.consumption.filter(({ wcu }) => wcu > 0).map(({ at }) => at));
  const until = Math.floor((firstEnd - begun) / 1_000) * 1_000;
  const results = jobs.map(({ result }) => (result as { outcomes: Outcomes }).outcomes);
  const figures = figuresOf(record, limits, until);
  return {
    met: figures.every(({ met }) => met),
    items: made.length,
    limits,
    seconds: until / 1_000,
    outcomes: sumOf(results),
    refused: made.filter(({ changes }) => changes).length,
    figures,
    series: record.series(limits, 1_000).slice(0, until / 1_000),
  };
}

async function makeTable(client: DynamoDBClient, { table, indexes = {} }: CapacityLimits): Promise<void> {
  const throughput = (WriteCapacityUnits: number) => ({ ReadCapacityUnits: PLENTY, WriteCapacityUnits });
  await createTable(client, TABLE, {
    BillingMode: "PROVISIONED",
    ProvisionedThroughput: throughput(table),
    AttributeDefinitions: Object.entries(schema.keyTypes).map(([AttributeName, AttributeType]) => ({
      AttributeName,
      AttributeType,
    })),
    GlobalSecondaryIndexes: schema.indexes.map(({ name, keys, projection }) => ({
      IndexName: name,
      KeySchema: [{ AttributeName: keys[0]!, KeyType: "HASH" as const }],
      Projection: { ProjectionType: projection === "ALL" ? ("ALL" as const) : ("KEYS_ONLY" as const) },
      ProvisionedThroughput: throughput(indexes[name]!),
    })),
  });
}

/** @returns the source. */
async function exportPart(cloud: LocalCloud, dynamodb: DynamoDBClient, part: number): Promise<string> {
  const filter = { filter: "part = :part", values: { ":part": part } };
  const common = { operation: "export", table: TABLE, readRate: PLENTY / WORKERS, segments: 1 };
  const { result } = await runJob(cloud, dynamodb, { ...common, ...filter });
  const { bucket, manifest } = result as ExportResult;
  return `export:s3://${bucket}/${manifest.replace(/\/manifest-summary\.json$/, "")}`;
}

/** The update's condition still holds, but the item is no longer the one that was exported. */
async function change(client: DynamoDBClient, id: string): Promise<void> {
  await client.send(
    new UpdateItemCommand({
      TableName: TABLE,
      Key: { id: { S: id } },
      UpdateExpression: "SET version = :two",
      ExpressionAttributeValues: { ":two": { N: "2" } },
    }),
  );
}

function updateOf(source: string) {
  return {
    ...{ operation: "update", table: TABLE, source, writeRate: "100%", limitGroup: "all" },
    update: {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the template is the update's
      set: { tag: "${nextTag}", done: MARK },
      onlyIf: "version < :nine",
      values: { ":nine": 9 },
    },
  };
}

/** Figures over the seconds in which all workers have items. */
function figuresOf(record: ConsumptionTimeline, limits: CapacityLimits, until: number): Figure[] {
  const mean = record.mean(limits, 1_000, until);
  const worst = record.worst(limits, 0, record.lastAt).share;
  return [
    { name: "mean", measured: mean, goal: "0.98 to 1", met: mean >= 0.98 && mean <= 1.0005 },
    { name: "worst second of any resource", measured: worst, goal: "at most 1.1", met: worst <= 1.1005 },
  ];
}

function sumOf(all: readonly Outcomes[]): Record<string, number> {
  const names = Object.keys(all[0] ?? {}) as (keyof Outcomes)[];
  return Object.fromEntries(names.map((name) => [name, all.reduce((sum, each) => sum + each[name], 0)]));
}
