/**
 * Measures a scan worker: its page loop, with the memory and the share of a CPU that Lambda gives it, against a stand-in for
 * DynamoDB and S3 that takes as long as they do.
 */

import { fork } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { temporaryFolder } from "../../local/temporaryFolder";
import { bundle } from "../../shared/infra/bundle";
import type { Benchmark } from "../benchmark";
import { zeroOrMore } from "../options";
import { cpuShareOf } from "./cpuShare";
import { type Measured, runWorker, type WorkerPlace } from "./runWorker";
import type { Latency } from "./serviceProcess";
import type { WorkerTask } from "./workerProcess";

/** Arm, us-east-1, a GB-second (Lambda pricing, November 2026). */
const DOLLARS_PER_GB_SECOND = 0.0000133334;
/** Share of the memory that must stay free at the peak. */
const SPARE = 0.3;
/** RCU that an export reads until it has completed an object, with some to spare: 64 MB of lines are 50 MB of items. */
const RCU_OF_OBJECT = 7_500;
/** RCU/s at which a page is 20 RCU. */
const RATE_OF_SMALL_PAGES = 400;

interface Row {
  readonly memoryMegabytes: number;
  readonly cpuShare: number;
  readonly operation: WorkerTask["operation"];
  readonly pageRcu: number;
  /**
   * What one worker reads without a limit, computed from the time of the services plus its CPU time at its share of a CPU.
   * Other load on this machine doesn't change it.
   */
  readonly rcuPerSecond: number;
  /** The same by this machine's clock, with the worker held to its share. */
  readonly measuredRcuPerSecond: number;
  /** CPU time per MB read, milliseconds; MB of items, not of JSON. */
  readonly cpuMsPerMegabyte: number;
  readonly peakMegabytes: number;
  readonly dollarsPerMillionItems: number;
  /** Cost of an hour in which it only waits. */
  readonly dollarsPerHour: number;
}

export interface WorkerMemoryReport {
  readonly met: boolean;
  readonly latency: Latency;
  readonly rows: readonly Row[];
  /** The cheapest memory at reading that leaves 30 % to spare in both operations; undefined if none does. */
  readonly choice: number | undefined;
}

export const benchmark: Benchmark<WorkerMemoryReport> = {
  summary:
    "Measure what a scan worker reads with 256, 512 and 1,024 MB and the CPU that Lambda gives for each (Linux).",
  options: (command: Command) => {
    command
      .option("--memory <list>", "MB, separated by commas", "256,512,1024")
      .option("--seconds <n>", "seconds for which each worker is measured", "10")
      .option("--warm-up <n>", "seconds for which each worker works before that", zeroOrMore, "8")
      .option("--request-ms <n>", "duration of any request", zeroOrMore, "8")
      .option("--ms-per-mb <n>", "additional duration of each MB of a scan", zeroOrMore, "100")
      .option("--put-ms <n>", "additional duration of an object's put", zeroOrMore, "40");
  },
  run: async (options, progress) => {
    const number = (name: string) => Number(options[name]);
    const latency = { requestMs: number("requestMs"), msPerMegabyte: number("msPerMb"), putMs: number("putMs") };
    const times = { warmUpMs: 1_000 * number("warmUp"), measuredMs: 1_000 * number("seconds") };
    const memories = String(options.memory).split(",").map(Number);
    const rows = await withPlace(latency, (place) => measure(memories, times, place, progress));
    const choice = choose(memories, rows);
    return { met: choice !== undefined, latency, rows, choice };
  },
  render: ({ rows, choice, latency }) =>
    [
      `a request takes ${latency.requestMs} ms, a MB ${latency.msPerMegabyte} ms more, a put ${latency.putMs} ms more`,
      "MB     operation  page RCU   RCU/s  measured  CPU ms/MB  peak MB  $/million items  $/hour waiting",
      ...rows.map(renderRow),
      choice === undefined ? "none has 30 % to spare" : `cheapest with 30 % to spare: ${choice} MB`,
    ].join("\n"),
};

function renderRow(row: Row): string {
  return [
    String(row.memoryMegabytes).padEnd(6),
    row.operation.padEnd(10),
    row.pageRcu.toFixed(1).padStart(8),
    row.rcuPerSecond.toFixed(0).padStart(7),
    row.measuredRcuPerSecond.toFixed(0).padStart(9),
    row.cpuMsPerMegabyte.toFixed(1).padStart(10),
    row.peakMegabytes.toFixed(0).padStart(8),
    row.dollarsPerMillionItems.toFixed(6).padStart(16),
    row.dollarsPerHour.toFixed(4).padStart(15),
  ].join(" ");
}

async function measure(
  memories: readonly number[],
  times: Pick<WorkerTask, "warmUpMs" | "measuredMs">,
  place: WorkerPlace,
  progress: (line: string) => void,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const memoryMegabytes of memories) {
    for (const operation of ["count", "export"] as const) {
      for (const rate of [undefined, RATE_OF_SMALL_PAGES]) {
        const fullPages = rate === undefined;
        const leastRcu = fullPages && operation === "export" ? RCU_OF_OBJECT : 0;
        const task = { operation, ...times, leastRcu, ...(fullPages ? {} : { rate }) };
        progress(`${operation} with ${memoryMegabytes} MB${fullPages ? "" : ", small pages"}`);
        const row = rowOf(task, memoryMegabytes, await runWorker(task, memoryMegabytes, place));
        rows.push(row);
      }
    }
  }
  return rows;
}

/** Bytes of a capacity unit, eventually consistent. */
const UNIT_BYTES = 8_192;
const MEGABYTE = 1_048_576;

function rowOf({ operation }: WorkerTask, memoryMegabytes: number, measured: Measured): Row {
  const { items, rcu, pages, cpuMs, servedMs, peakMegabytes } = measured;
  const cpuShare = cpuShareOf(memoryMegabytes);
  const ms = servedMs + cpuMs / cpuShare;
  const dollarsPerSecond = (memoryMegabytes / 1_024) * DOLLARS_PER_GB_SECOND;
  return {
    memoryMegabytes,
    cpuShare,
    operation,
    pageRcu: rcu / pages,
    rcuPerSecond: (1_000 * rcu) / ms,
    measuredRcuPerSecond: (1_000 * rcu) / measured.ms,
    cpuMsPerMegabyte: cpuMs / ((rcu * UNIT_BYTES) / MEGABYTE),
    peakMegabytes,
    dollarsPerMillionItems: (1e6 * dollarsPerSecond * (ms / 1_000)) / items,
    dollarsPerHour: 3_600 * dollarsPerSecond,
  };
}

/** The cheapest at reading, all cases together, among those with enough memory in every case. */
function choose(memories: readonly number[], rows: readonly Row[]): number | undefined {
  const of = (memory: number) => rows.filter(({ memoryMegabytes }) => memoryMegabytes === memory);
  const dollars = (memory: number) => of(memory).reduce((sum, row) => sum + row.dollarsPerMillionItems, 0);
  const enough = memories.filter((memory) => of(memory).every((row) => row.peakMegabytes <= (1 - SPARE) * memory));
  return enough.sort((a, b) => dollars(a) - dollars(b))[0];
}

/** The bundle in a folder of its own, and the services in a process of their own. */
async function withPlace<T>(latency: Latency, use: (place: WorkerPlace) => Promise<T>): Promise<T> {
  const { path: folder, remove } = temporaryFolder("sluice-bench-");
  const service = fork(join(__dirname, "serviceProcess.ts"));
  try {
    const file = join(folder, "worker.mjs");
    await writeFile(file, await bundle(join(__dirname, "workerProcess.ts")));
    service.send(latency);
    const [port] = await once(service, "message");
    const servedMs = async () => {
      service.send("what requests took");
      return Number((await once(service, "message"))[0]);
    };
    return await use({ file, endpoint: `http://127.0.0.1:${port}`, servedMs });
  } finally {
    service.disconnect();
    remove();
  }
}
