/**
 * All items under one partition key: one segment, one unit, one worker, on the local cloud with its model of a partition. Beside
 * it in the same run one write after the other, as a script would have it.
 */
import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { Command } from "commander";
import { type LocalCloud, startLocalCloud } from "../../local/cloud";
import { createTable, fillTable, stringKeys } from "../../local/fillTable";
import type { Benchmark } from "../benchmark";
import { type Figure, renderFigure } from "../capacity/figures";
import { runJob } from "../runJob";

export interface HotSegmentReport {
  readonly met: boolean;
  readonly items: number;
  /** Writes a second: the worker's, and of one after the other. */
  readonly perSecond: { readonly worker: number; readonly sequential: number };
  readonly throttled: number;
  readonly figures: readonly Figure[];
}

const TABLE = "hot";
/** A partition takes 1,000 writes a second. */
const RATE = 950;
const SEQUENTIAL = 500;

export const benchmark: Benchmark<HotSegmentReport> = {
  summary: "Measure updates of items under one partition key by one worker on the local cloud (half a minute).",
  options: (command: Command) => {
    command.option("--items <n>", "number of items", "6000");
  },
  run: async ({ items }, progress) => {
    const cloud = await startLocalCloud({ config: { backfillTables: TABLE } });
    try {
      return await measure(cloud, Number(items), progress);
    } finally {
      await cloud.stop();
    }
  },
  render: ({ items, perSecond: { worker, sequential }, throttled, figures }) =>
    [
      `${items} items: ${worker.toFixed(0)} writes/s of ${RATE} allowed, ${throttled} throttled; one after the other ${sequential.toFixed(0)}`,
      ...figures.map(renderFigure),
    ].join("\n"),
};

async function measure(cloud: LocalCloud, items: number, progress: (line: string) => void): Promise<HotSegmentReport> {
  const { endpoint, region, credentials } = cloud;
  const dynamodb = new DynamoDBClient({ endpoint, region, credentials });
  progress(`filling a table with ${items} items`);
  await createTable(dynamodb, TABLE, stringKeys("pk", "sk"));
  await fillTable(dynamodb, TABLE, items, (n) => ({ ...keyOf(n), n: { N: String(n) } }));
  await cloud.throttling.set({ table: TABLE, mode: "on-demand" });
  progress("one write after the other");
  const started = performance.now();
  for (let n = 0; n < SEQUENTIAL; n++) await updateOne(dynamodb, n % items);
  const sequential = (1_000 * SEQUENTIAL) / (performance.now() - started);
  progress("a job");
  const from = Date.now();
  const update = { set: { seen: { BOOL: true } } };
  await runJob(cloud, dynamodb, { operation: "update", table: TABLE, update, segments: 1, writeRate: RATE });
  const { consumption } = cloud.throttling.consumption(TABLE, from);
  const slots = consumption.filter(({ wcu }) => wcu > 0);
  const seconds = (slots.at(-1)!.at - slots[0]!.at) / 1_000;
  const worker = slots.reduce((sum, { wcu }) => sum + wcu, 0) / seconds;
  const throttled = consumption.reduce((sum, slot) => sum + slot.throttled, 0);
  const figures = [
    {
      name: "writes/s by the rate that is set",
      measured: worker / RATE,
      goal: "at least 0.9",
      met: worker >= 0.9 * RATE,
    },
    { name: "throttled writes", measured: throttled, goal: "0", met: throttled === 0 },
  ];
  return { met: figures.every(({ met }) => met), items, perSecond: { worker, sequential }, throttled, figures };
}

function keyOf(n: number) {
  return { pk: { S: "one" }, sk: { S: `i-${n}` } };
}

async function updateOne(client: DynamoDBClient, n: number): Promise<void> {
  await client.send(
    new UpdateItemCommand({
      TableName: TABLE,
      Key: keyOf(n),
      UpdateExpression: "SET seenBefore = :yes",
      ConditionExpression: "attribute_exists(pk)",
      ExpressionAttributeValues: { ":yes": { BOOL: true } },
    }),
  );
}
