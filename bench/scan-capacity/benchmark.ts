/**
 * The scanner's capacity for real: whole jobs on the local cloud at a quarter, a half and all of a provisioned table's
 * capacity, one after the other; the gateway's record of consumption decides.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Command } from "commander";
import { type LocalCloud, startLocalCloud } from "../../local/cloud";
import { createTable, fillTable } from "../../local/fillTable";
import { firstReadAt, readsOf } from "../../local/gateway/consumptionFile";
import type { ConsumptionReport } from "../../local/gateway/throttling/record";
import type { Benchmark } from "../benchmark";
import { type Figure, renderFigure } from "../capacity/figures";
import { numberOrAuto, someOf } from "../options";
import { runJob } from "../runJob";

type DriverName = "queue" | "workflow";

interface ShareReport {
  readonly driver: DriverName;
  /** Percent of the limit. */
  readonly share: number;
  readonly segments: number;
  /** From the first page to the last, and from the start to the end of the job. */
  readonly seconds: number;
  readonly wholeSeconds: number;
  readonly rcu: number;
  /** Scans that the table refused; with --throttle only. */
  readonly throttled: number;
  readonly figures: readonly Figure[];
  /** When the worst second began, seconds from the first page; consumption per 100 ms around it, RCU. */
  readonly worstAt: number;
  readonly around: readonly number[];
  /** Share of the target used in each second. */
  readonly series: readonly number[];
}

export interface ScanCapacityReport {
  readonly met: boolean;
  /** RCU/s of the table, and its items. */
  readonly limit: number;
  readonly items: number;
  readonly shares: readonly ShareReport[];
  /** For each share, the workflow driver's items per second divided by those of the queue driver. */
  readonly speeds: readonly Figure[];
}

interface Settings {
  limit: number;
  seconds: number;
  segments: number | "auto";
  shares: number[];
  drivers: DriverName[];
  throttle: boolean;
}

const TABLE = "bulk";
/** Items are between 500 and 1,500 bytes; a read unit holds 8 kB, eventually consistent. */
const ITEM_BYTES = 1_000;
const UNIT_BYTES = 8_192;

export const benchmark: Benchmark<ScanCapacityReport> = {
  summary: "Measure what whole scans consume at 25, 50 and 100 % of a table's capacity (three minutes).",
  options: (command: Command) => {
    command
      .option("--limit <rcu>", "capacity of the table, RCU/s", "400")
      .option("--seconds <n>", "duration of the scan at 100 %, in seconds", "20")
      .option("--segments <n>", "number of segments, or auto", numberOrAuto, "16")
      .option("--shares <list>", "percent of the limit, separated by commas", "25,50,100")
      .option(
        "--drivers <list>",
        "queue, workflow or both, separated by a comma",
        someOf(["queue", "workflow"]),
        "queue",
      )
      .option("--throttle", "let the table refuse requests above its capacity, without burst credit");
  },
  run: async ({ limit, seconds, segments, shares, drivers, throttle }, progress) => {
    const settings = {
      limit: Number(limit),
      seconds: Number(seconds),
      segments: segments === "auto" ? ("auto" as const) : Number(segments),
      shares: String(shares).split(",").map(Number),
      drivers: String(drivers).split(",") as DriverName[],
      throttle: throttle === true,
    };
    const cloud = await startLocalCloud({ config: { scannerTables: TABLE } });
    try {
      return await measure(cloud, settings, progress);
    } finally {
      await cloud.stop();
    }
  },
  render: ({ limit, items, shares, speeds }) =>
    [
      `${items} items, ${limit} RCU/s`,
      ...shares.flatMap(({ driver, share, segments, seconds, wholeSeconds, throttled, figures }) => [
        `${driver}, ${share} %, ${segments} segments: ${seconds.toFixed(1)} s, with start and end ${wholeSeconds.toFixed(1)} s, ${throttled} throttled`,
        ...figures.map((figure) => `  ${renderFigure(figure)}`),
      ]),
      ...speeds.map(renderFigure),
    ].join("\n"),
};

async function measure(
  cloud: LocalCloud,
  settings: Settings,
  progress: (line: string) => void,
): Promise<ScanCapacityReport> {
  const { limit, seconds } = settings;
  const dynamodb = new DynamoDBClient({
    endpoint: cloud.endpoint,
    region: cloud.region,
    credentials: cloud.credentials,
  });
  const items = Math.round((seconds * limit * UNIT_BYTES) / ITEM_BYTES);
  progress(`filling a table with ${items} items`);
  await createTable(dynamodb, TABLE, {
    BillingMode: "PROVISIONED",
    ProvisionedThroughput: { ReadCapacityUnits: limit, WriteCapacityUnits: limit },
  });
  await fillTable(dynamodb, TABLE, items, (n) => ({
    id: { S: `item-${n}` },
    text: { S: "x".repeat(500 + (n % 1_000)) },
  }));
  const shares: ShareReport[] = [];
  for (const share of settings.shares) {
    for (const driver of settings.drivers) {
      progress(`a scan at ${share} %, ${driver}`);
      shares.push(await oneShare(cloud, dynamodb, settings, { share, driver }));
    }
  }
  const speeds = settings.shares.flatMap((share) => speedOf(shares.filter((each) => each.share === share)));
  const all = [...shares.flatMap(({ figures }) => figures), ...speeds];
  return { met: all.every(({ met }) => met), limit, items, shares, speeds };
}

function speedOf(reports: readonly ShareReport[]): Figure[] {
  const [queue, workflow] = (["queue", "workflow"] as const).map((name) =>
    reports.find(({ driver }) => driver === name),
  );
  if (queue === undefined || workflow === undefined) return [];
  const measured = queue.wholeSeconds / workflow.wholeSeconds;
  const name = `items/s at ${queue.share} %, workflow by queue`;
  return [{ name, measured, goal: "at least 0.9", met: measured >= 0.9 }];
}

async function oneShare(
  cloud: LocalCloud,
  dynamodb: DynamoDBClient,
  { limit, segments, throttle }: Settings,
  { share, driver }: Pick<ShareReport, "share" | "driver">,
): Promise<ShareReport> {
  const real = { mode: "provisioned" as const, rcu: limit, wcu: limit, credit: 0 };
  await cloud.throttling.set({ table: TABLE, ...(throttle ? real : { mode: "record" as const }) });
  const from = Date.now();
  const job = await runJob(cloud, dynamodb, {
    table: TABLE,
    operation: "count",
    readRate: `${share}%`,
    segments,
    driver,
  });
  const report = cloud.throttling.consumption(TABLE, from);
  const target = { table: (limit * share) / 100 };
  const record = readsOf(report, Date.now() - from + 1_000);
  const last = record.lastAt;
  const mean = record.mean(target, 1_000, Math.floor(last / 100) * 100);
  const { share: worst, at } = record.worst(target, 0, last);
  return {
    driver,
    share,
    segments: job.units,
    seconds: last / 1_000,
    wholeSeconds: (job.endedAt! - job.createdAt) / 1_000,
    rcu: report.consumption.reduce((sum, { rcu }) => sum + rcu, 0),
    throttled: report.consumption.reduce((sum, slot) => sum + slot.throttled, 0),
    figures: [
      { name: "mean", measured: mean, goal: "0.98 to 1", met: mean >= 0.98 && mean <= 1.0005 },
      { name: "worst second", measured: worst, goal: "at most 1.1", met: worst <= 1.1 },
    ],
    worstAt: at / 1_000,
    around: around(report, at),
    series: record.series(target, 1_000).slice(0, Math.ceil(last / 1_000)),
  };
}

const AROUND_MS = 1_000;

/** Every slot from a second before the worst one to a second after it. */
function around(report: ConsumptionReport, at: number): number[] {
  const first = firstReadAt(report) + at - AROUND_MS;
  const bySlot = new Map(report.consumption.map((slot) => [slot.at, slot.rcu]));
  const slots = (2 * AROUND_MS + 1_000) / report.slotMs;
  return Array.from({ length: slots }, (_, slot) => bySlot.get(first + slot * report.slotMs) ?? 0);
}
