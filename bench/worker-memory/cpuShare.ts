/**
 * Limits a process to a share of one CPU, as Lambda does: the process runs until it has used its share of a period, and is
 * stopped until the next period begins. It uses signals, so it needs no privileges. Linux only.
 */
import { readdirSync, readFileSync } from "node:fs";

/** Lambda's own period. */
const PERIOD_MS = 20;
/** How often the process's CPU time is read while it runs. */
const LOOK_MS = 1;

/** Memory with which a function has one whole CPU (developer guide, "Configure Lambda function memory"), MB. */
const MEGABYTES_OF_ONE_CPU = 1_769;

/** The share of one CPU that Lambda gives a function of this much memory. */
export function cpuShareOf(memoryMegabytes: number): number {
  return memoryMegabytes / MEGABYTES_OF_ONE_CPU;
}

/** CPU time of all threads of a process so far, milliseconds; undefined if there is no such process. */
export function cpuMs(pid: number): number | undefined {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.reduce((sum, thread) => sum + threadMs(pid, thread), 0);
  } catch {
    return undefined;
  }
}

/** A thread that has just ended counts nothing. */
function threadMs(pid: number, thread: string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "latin1").split(" ")[0]) / 1e6;
  } catch {
    return 0;
  }
}

/** Limits a process to a share of one CPU until {@link CpuShare.stop}. */
export class CpuShare {
  readonly #pid: number;
  readonly #quotaMs: number;
  readonly #timer: NodeJS.Timeout;
  #periodEnds: number;
  #usedBefore: number;
  /** CPU time that the process may still use in this period. Overuse counts against the next one. */
  #left: number;
  #stopped = false;

  constructor(pid: number, share: number) {
    this.#pid = pid;
    this.#quotaMs = PERIOD_MS * share;
    this.#left = this.#quotaMs;
    this.#periodEnds = performance.now() + PERIOD_MS;
    this.#usedBefore = cpuMs(pid) ?? 0;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** Lets the process run freely. */
  stop(): void {
    clearInterval(this.#timer);
    if (this.#stopped) this.#signal("SIGCONT");
    this.#stopped = false;
  }

  #look(): void {
    const used = this.#stopped ? this.#usedBefore : (cpuMs(this.#pid) ?? this.#usedBefore);
    this.#left -= used - this.#usedBefore;
    this.#usedBefore = used;
    for (const now = performance.now(); now >= this.#periodEnds; this.#periodEnds += PERIOD_MS) {
      this.#left = Math.min(this.#quotaMs, this.#left + this.#quotaMs);
    }
    const runs = this.#left > 0;
    if (runs === !this.#stopped) return;
    this.#signal(runs ? "SIGCONT" : "SIGSTOP");
    this.#stopped = !runs;
  }

  #signal(signal: NodeJS.Signals): void {
    try {
      process.kill(this.#pid, signal);
    } catch {
      // The process has ended by itself, which its owner learns from its exit.
    }
  }
}
