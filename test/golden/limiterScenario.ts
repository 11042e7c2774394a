/**
 * Scenarios of the limiter that both languages run. They are data only, so a golden file can hold them with their traces.
 *
 * Time has very fine steps, and each duration is random. So two things hardly ever happen at the same instant, where their
 * order would depend on the language.
 */
import type { CapacityLimits } from "../../shared/capacity/metering/limits";
import { Trace, type Work } from "../shared/capacity/worker/trace";
import { seeded } from "../support/simulation/chance";

/** Milliseconds, at least and at most. */
type Span = readonly [number, number];

/** The consumption of successive requests, in a cycle: units of the table, or of table and indexes. */
type Units = readonly (number | { table: number; indexes: Record<string, number> })[];

/** Requests, one after the other. */
export interface ThreadOfWork {
  /** When it begins. Default: at the beginning. */
  readonly at?: number;
  readonly units: Units;
  readonly ms: Span;
  readonly pauseMs?: Span;
  readonly count?: number;
  /** How successive attempts end, in a cycle. Default: each is charged. */
  readonly ends?: readonly ("charge" | "keep" | "release")[];
}

interface WorkerOfScenario {
  readonly skewMs?: number;
  readonly deadline?: number;
  readonly longestWaitMs?: number;
  readonly pauseMs?: number;
  readonly threads: readonly ThreadOfWork[];
}

type Act =
  | { readonly do: "close" | "crash" | "throttle"; readonly worker: number }
  | { readonly do: "pause" | "resume" | "break" | "mend" }
  | { readonly do: "configure"; readonly limits: CapacityLimits };

export interface LimiterScenario {
  readonly name: string;
  readonly limits: CapacityLimits;
  readonly whenPaused?: "wait" | "reject";
  /** The way to the ledger and back. Default: 4 to 9 ms. */
  readonly latencyMs?: Span;
  readonly workers: readonly WorkerOfScenario[];
  /** What else happens, in order. */
  readonly acts?: readonly (Act & { readonly at: number })[];
  readonly end: number;
}

export interface LimiterTrace {
  readonly lines: readonly string[];
  /** The ledger item at the end. */
  readonly item: string;
  /** How long requests of each worker waited, microseconds. */
  readonly waited: readonly number[];
}

/** As exact as a double can hold an instant of our time. */
const STEP_MS = 2 ** -12;

export async function runScenario(scenario: LimiterScenario): Promise<LimiterTrace> {
  const { limits, whenPaused = "wait", latencyMs = [4, 9], workers, acts = [], end } = scenario;
  const ways = workers.map((_, worker) => between(latencyMs, 1_000 + worker));
  const trace = new Trace({ limits, whenPaused, latencyMs: (worker) => ways[worker]!(), stepMs: STEP_MS });
  const open = workers.map(({ threads: _, skewMs, ...options }) => trace.worker(options, trace.clock(skewMs)));
  const starts = workers.flatMap(({ threads }, worker) =>
    threads.map((thread, number) => ({
      at: thread.at ?? 0,
      run: () => void trace.work(open[worker]!, workOf(thread, 100 * (worker + 1) + number)),
    })),
  );
  const others = acts.map((act) => ({ at: act.at, run: () => perform(trace, act, open) }));
  for (const { at, run } of [...starts, ...others].sort((a, b) => a.at - b.at)) {
    await trace.time.runUntil(at);
    await run();
  }
  await trace.time.runUntil(end);
  const waited = open.map(({ limiter }) => Math.round(1_000 * limiter.waitedMs));
  return { lines: trace.lines, item: await trace.item(), waited };
}

function workOf(
  { units, ms, pauseMs = [0, 0], count = Number.POSITIVE_INFINITY, ends = ["charge"] }: ThreadOfWork,
  seed: number,
): Work {
  return {
    units: (request) => units[request % units.length]!,
    ms: between(ms, seed),
    pauseMs: between(pauseMs, 50_000 + seed),
    count,
    end: (request) => ends[request % ends.length]!,
  };
}

async function perform(trace: Trace, act: Act, open: readonly ReturnType<Trace["worker"]>[]): Promise<void> {
  if (act.do === "close") open[act.worker]!.limiter.close().catch(() => undefined);
  else if (act.do === "crash") open[act.worker]!.clock.crash();
  else if (act.do === "throttle") open[act.worker]!.limiter.throttled();
  else if (act.do === "configure") await trace.operator.configure(act.limits, trace.clock().now());
  else if (act.do === "break" || act.do === "mend") trace.broken = act.do === "break";
  else await trace.operator.pause(act.do === "pause");
}

function between([least, most]: Span, seed: number): () => number {
  const random = seeded(seed);
  return () => least + (most - least) * random();
}
