/** Runs one worker with the memory and the CPU that Lambda gives it, and measures its rate. */
import { type ChildProcess, fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { CpuShare, cpuMs, cpuShareOf } from "./cpuShare";
import type { Worked, WorkerTask } from "./workerProcess";

/** A worker's figures while it was measured. */
export interface Measured extends Worked {
  /** CPU time of all its threads, milliseconds. */
  readonly cpuMs: number;
  /** Time of the services for its requests, milliseconds. */
  readonly servedMs: number;
  /** Peak of its resident memory since its start, MB (1,048,576 bytes). */
  readonly peakMegabytes: number;
}

export interface WorkerPlace {
  /** The bundle. */
  readonly file: string;
  /** Address of the stand-in for the services. */
  readonly endpoint: string;
  /** Time of the services for all requests so far, milliseconds. */
  servedMs(): Promise<number>;
}

/**
 * Runs the bundle with Lambda's settings of V8 for that memory.
 * @throws Error if the process ends early, for example because it runs out of memory.
 */
export async function runWorker(task: WorkerTask, memoryMegabytes: number, place: WorkerPlace): Promise<Measured> {
  const child = fork(place.file, { execArgv: lambdaArguments(memoryMegabytes), env: environment(place.endpoint) });
  const pid = child.pid!;
  const share = new CpuShare(pid, cpuShareOf(memoryMegabytes));
  // A stopped worker would not notice that this process is gone.
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  for (const signal of SIGNALS) process.once(signal, exit);
  try {
    child.send(task);
    await next(child);
    const before = { cpuMs: cpuMs(pid)!, servedMs: await place.servedMs() };
    const worked = (await next(child)) as Worked;
    const used = { cpuMs: cpuMs(pid)! - before.cpuMs, servedMs: (await place.servedMs()) - before.servedMs };
    await next(child);
    return { ...worked, ...used, peakMegabytes: peakMegabytes(pid) };
  } finally {
    share.stop();
    kill();
    process.off("exit", kill);
    for (const signal of SIGNALS) process.off(signal, exit);
  }
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

function exit(): never {
  process.exit(1);
}

/** How the bootstrap of Lambda's Node.js runtime starts Node: the young generation 5 % of the memory, the old one 90 %. */
function lambdaArguments(memoryMegabytes: number): string[] {
  const percent = (share: number) => Math.floor((memoryMegabytes * share) / 100);
  return ["--expose-gc", `--max-semi-space-size=${percent(5)}`, `--max-old-space-size=${percent(90)}`];
}

/** The handler, which is loaded with its clients, reads its environment while it loads. */
function environment(endpoint: string): NodeJS.ProcessEnv {
  return {
    ...{ JOBS_TABLE: "jobs", UNIT_QUEUE_URL: "http://queue", RESULTS_BUCKET: "results", EVENT_BUS: "default" },
    ...{ BATCH_SIZE: "1", AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "A", AWS_SECRET_ACCESS_KEY: "s" },
    ...{ AWS_ENDPOINT_URL: endpoint, POWERTOOLS_METRICS_NAMESPACE: "Sluice", MOST_WORKERS: "1" },
  };
}

function next(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`the worker ended with ${code}`));
    child.once("exit", ended);
    child.once("message", (message) => {
      child.off("exit", ended);
      resolve(message);
    });
  });
}

function peakMegabytes(pid: number): number {
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
  return Number(kilobytes) / 1024;
}
