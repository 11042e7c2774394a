/**
 * The cost of jobs: runs counts and exports on the local cloud at several rates, prices what its gateway metered by the list
 * prices, and compares them with AWS's own export.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Command } from "commander";
import { type LocalCloud, startLocalCloud } from "../../local/cloud";
import { scannerFields } from "../../services/scanner/config";
import { automaticSegments } from "../../shared/sources/table/segments";
import type { Benchmark } from "../benchmark";
import { renderFigure } from "../capacity/figures";
import { numberOrAuto, someOf } from "../options";
import { type JobRun, jobsTableOf, type OperationName, runJob, undisturbedPass } from "./jobs";
import { AWS_EXPORT } from "./prices";
import { assess, type CostReport, dollarsPerGibibyte, ENOUGH, renderBill, renderDrivers, reportOf } from "./report";
import { INIT_MS, pageTimes } from "./simulation/assumed";
import { simulateJob } from "./simulation/simulateJob";
import { makeTable, sizeFor } from "./table";

export interface CostBenchReport {
  readonly met: boolean;
  readonly awsExport: typeof AWS_EXPORT;
  readonly jobs: readonly CostReport[];
}

interface Settings {
  readonly rates: readonly number[];
  readonly operations: readonly OperationName[];
  readonly seconds: number;
  readonly itemBytes: number;
  readonly mostBytes: number;
  readonly segments?: number;
}

const MEGABYTE = 1_048_576;
/** A job may take this many times the time that reading takes at the rate, plus a minute. */
const PATIENCE = 5;

export const benchmark: Benchmark<CostBenchReport> = {
  summary: "Measure what counts and exports cost at several rates, on the local cloud (about ten minutes).",
  options: (command: Command) => {
    command
      .option("--rates <list>", "RCU/s, separated by commas", "5,20,100,1000,4000")
      .option("--operations <list>", "count, export or both", someOf(["count", "export"]), "count,export")
      .option("--seconds <n>", "for how long a job reads at its rate, in seconds", "60")
      .option("--megabytes <n>", "largest size of a table; it makes jobs at high rates shorter", "160")
      .option("--segments <n>", "segments of each table, or auto", numberOrAuto, "auto")
      .option("--item-bytes <n>", "bytes of an average item", "1000");
  },
  run: async (options, progress) => {
    const settings: Settings = {
      rates: String(options.rates).split(",").map(Number),
      operations: String(options.operations).split(",") as OperationName[],
      seconds: Number(options.seconds),
      itemBytes: Number(options.itemBytes),
      mostBytes: Number(options.megabytes) * MEGABYTE,
      ...(options.segments === "auto" ? {} : { segments: Number(options.segments) }),
    };
    const tables = settings.rates.map(tableOf).join(",");
    let log = "";
    const onLog = (_group: string, text: string) => {
      log += text;
    };
    const cloud = await startLocalCloud({ config: { scannerTables: tables }, onLog });
    try {
      const jobs = await measure(cloud, () => log, settings, progress);
      return { met: jobs.every(isMet), awsExport: AWS_EXPORT, jobs };
    } finally {
      await cloud.stop();
    }
  },
  render: ({ jobs }) =>
    [
      ...jobs.map(render),
      `AWS's own export: $${AWS_EXPORT.value} a GB (${AWS_EXPORT.region}, ${AWS_EXPORT.asOf}, ${AWS_EXPORT.address})`,
    ].join("\n\n"),
};

function tableOf(rate: number): string {
  return `cost-${rate}`;
}

/** If this machine is too slow for a rate, the simulation's figures count. */
function isMet({ simulated, figures }: CostReport): boolean {
  return simulated === undefined ? figures.every(({ met }) => met) : isMet(simulated);
}

async function measure(
  cloud: LocalCloud,
  log: () => string,
  settings: Settings,
  progress: (line: string) => void,
): Promise<CostReport[]> {
  const { endpoint, region, credentials } = cloud;
  const dynamodb = new DynamoDBClient({ endpoint, region, credentials });
  const reports: CostReport[] = [];
  for (const rate of settings.rates) {
    const table = tableOf(rate);
    const size = sizeFor(rate, settings.seconds, settings.itemBytes, settings.mostBytes);
    progress(`filling ${table} with ${size.items} items`);
    await makeTable(dynamodb, table, size, settings.itemBytes);
    const undisturbedRcu = await undisturbedPass(dynamodb, table);
    for (const operation of settings.operations) {
      const mostMs = 60_000 + (PATIENCE * 1_000 * undisturbedRcu) / rate;
      const { segments } = settings;
      const order = { table, operation, rate, mostMs, ...(segments === undefined ? {} : { segments }) };
      progress(`${operation} at ${rate} RCU/s`);
      const run = await runJob({ cloud, dynamodb, log }, order);
      const real = reportOf(run, { operation, rate, ...size, undisturbedRcu }, jobsTableOf(cloud));
      const report = real.reached < ENOUGH ? { ...real, simulated: await simulated(real, run, settings) } : real;
      reports.push(report);
    }
  }
  dynamodb.destroy();
  return reports;
}

/** The job on virtual time: with its full duration, and workers like those that ran. */
async function simulated({ operation, rate }: CostReport, run: JobRun, settings: Settings): Promise<CostReport> {
  const memory = Math.max(...run.reading.invocations.map(({ memoryMegabytes }) => memoryMegabytes));
  const { items, bytes } = sizeFor(rate, settings.seconds, settings.itemBytes, Number.POSITIVE_INFINITY);
  const segments = settings.segments ?? automaticSegments(bytes, rate);
  const outcome = await simulateJob({
    ...{ operation, rate, items, itemBytes: settings.itemBytes, segments, seed: 1 },
    ...pageTimes(operation, memory),
    lambda: {
      maximumConcurrency: Number(scannerFields.maximumConcurrency.default),
      timeoutSeconds: Number(scannerFields.timeoutSeconds.default),
      memoryMegabytes: memory,
      initMs: INIT_MS,
    },
  });
  const { undisturbedRcu } = outcome;
  return assess({ ...outcome, units: segments }, { operation, rate, items, bytes, undisturbedRcu });
}

function render(report: CostReport): string {
  const { operation, rate, bytes, units, rcu, undisturbedRcu, reached, evenness, whole, start, end, figures, drivers } =
    report;
  const { writeUnits, invocations, gigabyteSeconds, queueRequests, puts, gets } = whole.usage;
  const tooSlow =
    reached < ENOUGH
      ? [`  reached only ${(100 * reached).toFixed(0)} % of the rate: the figures are not those of this rate`]
      : [];
  return [
    `${operation} at ${rate} RCU/s: ${(bytes / MEGABYTE).toFixed(1)} MB, ${units} units, ${(evenness.ms / 1_000).toFixed(1)} s, ` +
      `${rcu} RCU (${undisturbedRcu} undisturbed)`,
    ...tooSlow,
    `  jobs table ${writeUnits} WCU, ${invocations} invocations, ${gigabyteSeconds.toFixed(1)} GB-s, ` +
      `SQS ${queueRequests}, S3 ${puts} puts and ${gets} gets`,
    `  ${renderBill("whole", whole.bill)}`,
    ...(start === undefined ? [] : [`  ${renderBill("of that the start", start.bill)}`]),
    ...(end === undefined ? [] : [`  ${renderBill("and the end", end.bill)}`]),
    `  $${dollarsPerGibibyte(report).toFixed(4)} a GiB`,
    `  ${renderDrivers(drivers)}`,
    ...figures.map((figure) => `  ${renderFigure(figure)}`),
    ...(report.simulated === undefined ? [] : [`simulated: ${render(report.simulated)}`]),
  ].join("\n");
}
