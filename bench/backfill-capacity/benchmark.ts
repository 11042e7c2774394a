/**
 * The consumption of eight backfill workers, on a table and two indexes with different limits, on virtual time: the real page
 * loop, writers, limiter and ledger, compared with bulk_executor's rule, and with a token bucket for each worker.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { latencyMs } from "../../test/support/simulation/chance";
import { World } from "../../test/support/simulation/simulation";
import type { Benchmark } from "../benchmark";
import { type Figure, meanShare, renderFigure } from "../capacity/figures";
import { plot } from "../capacity/plot";
import { checkCells, zeroOrMore } from "../options";
import { cells, type WriteCell } from "./cells";
import { aggregator, Reports, reportingWorker, tokenBucketWorker } from "./others";
import { SimulatedTable } from "./simulatedTable";
import { readSdkConfig, writingWorker } from "./writingWorker";

/** Share of each limit: on average, and in its worst second. */
type Shares = Readonly<Record<string, { readonly mean: number; readonly worstSecond: number }>>;

interface WayReport {
  /** Share of the binding limit. */
  readonly mean: number;
  readonly worstSecond: number;
  /** Shares of the table (`table`) and of each index. */
  readonly shares: Shares;
  /** Share of the binding limit in each second. */
  readonly series: readonly number[];
}

const wayNames = ["sluice", "bulkExecutor", "tokenBucket"] as const;
type WayName = (typeof wayNames)[number];

interface CellReport {
  readonly cell: string;
  readonly ways: Readonly<Record<WayName, WayReport>>;
  readonly figures: readonly Figure[];
}

export interface BackfillCapacityReport {
  readonly met: boolean;
  readonly cells: readonly CellReport[];
}

export const benchmark: Benchmark<BackfillCapacityReport> = {
  summary: "Measure what a backfill's writes consume of a table and two indexes, in virtual time.",
  options: (command: Command) => {
    command
      .option("--cell <text>", "only cells whose name contains this, such as 'byTag'")
      .option("--seconds <n>", "for how long the workers work, in seconds of virtual time", "60")
      .option("--plot <dir>", "write plots of consumption over time as SVG")
      .option("--seed <n>", "seed of all random numbers", zeroOrMore, "1");
  },
  run: async ({ cell: text = "", seconds, plot: dir, seed }, progress) => {
    const chosen = cells.filter(({ name }) => name.includes(String(text)));
    checkCells(chosen, String(text));
    await readSdkConfig();
    const reports: CellReport[] = [];
    for (const cell of chosen) {
      progress(cell.name);
      reports.push(await runCell(cell, 1_000 * Number(seconds), Number(seed)));
    }
    if (dir !== undefined) for (const report of reports) writePlot(String(dir), report);
    return { met: reports.every(({ figures }) => figures.every(({ met }) => met)), cells: reports };
  },
  render: ({ cells: reports }) =>
    reports
      .flatMap(({ cell, ways, figures }) => [
        cell,
        ...wayNames.map((name) => `  ${TITLES[name].title}: ${rendered(ways[name])}`),
        ...figures.map((figure) => `  ${renderFigure(figure)}`),
      ])
      .join("\n"),
};

const TITLES: Readonly<Record<WayName, { title: string; color: string }>> = {
  sluice: { title: "Sluice", color: "#26a" },
  bulkExecutor: { title: "bulk_executor's rule", color: "#c55" },
  tokenBucket: { title: "token bucket", color: "#b80" },
};

/** All begin in the same millisecond. The other ways support only one limit. */
const ways: Readonly<Record<WayName, (world: World, table: SimulatedTable, cell: WriteCell, untilMs: number) => void>> =
  {
    sluice: (world, table, { workers }, untilMs) => {
      for (let i = 0; i < workers; i++) void writingWorker(world, table, untilMs);
    },
    bulkExecutor: (world, table, { workers, binding }, untilMs) => {
      const shared = { target: binding, reports: new Reports() };
      void aggregator(world, untilMs, shared.reports);
      for (let number = 0; number < workers; number++)
        void reportingWorker(world, table, untilMs, { ...shared, number });
    },
    tokenBucket: (world, table, { workers, binding }, untilMs) => {
      for (let i = 0; i < workers; i++) void tokenBucketWorker(world, table, untilMs, binding / workers);
    },
  };

async function runCell(cell: WriteCell, ms: number, seed: number): Promise<CellReport> {
  const reports: Partial<Record<WayName, WayReport>> = {};
  for (const name of wayNames) {
    const world = new World(cell.limits, ms + 5_000, seed, () => ({ table: 0 }));
    await world.createLedger();
    const table = new SimulatedTable(world, cell, () => latencyMs(world.random, 6, 0.5, 200));
    ways[name](world, table, cell, ms);
    await world.time.runUntil(ms + 2_000);
    reports[name] = reportOf(world, ms);
  }
  const all = reports as Record<WayName, WayReport>;
  return { cell: cell.name, ways: all, figures: figuresOf(all.sluice) };
}

function reportOf({ record, limits }: World, ms: number): WayReport {
  const names = ["table", ...Object.keys(limits.indexes ?? {})];
  const alone = (name: string) => {
    const only = name === "table" ? limits.table : limits.indexes![name]!;
    const none = Object.fromEntries(names.map((each) => [each, Number.POSITIVE_INFINITY]));
    return name === "table"
      ? { table: only, indexes: none }
      : { table: Number.POSITIVE_INFINITY, indexes: { ...none, [name]: only } };
  };
  const world = (of: typeof limits) => ({ limits: of }) as World;
  const mean = (of: typeof limits) => meanShare(record, world(of), Math.min(ms, record.lastAt));
  const worst = (of: typeof limits) => record.worst(of, 0, record.lastAt).share;
  return {
    mean: mean(limits),
    worstSecond: worst(limits),
    shares: Object.fromEntries(
      names.map((name) => [name, { mean: mean(alone(name)), worstSecond: worst(alone(name)) }]),
    ),
    series: record.series(limits, 1_000).slice(0, Math.floor(ms / 1_000)),
  };
}

function figuresOf({ mean, worstSecond, shares }: WayReport): Figure[] {
  const index = Math.max(
    ...Object.entries(shares).map(([name, { worstSecond: worst }]) => (name === "table" ? 0 : worst)),
  );
  return [
    { name: "mean", measured: mean, goal: "0.98 to 1", met: mean >= 0.98 && mean <= 1.0015 },
    { name: "worst second", measured: worstSecond, goal: "at most 1.1", met: worstSecond <= 1.1005 },
    { name: "worst second of an index", measured: index, goal: "at most 1.1", met: index <= 1.1005 },
  ];
}

function rendered({ mean, worstSecond, shares }: WayReport): string {
  const each = Object.entries(shares).map(([name, share]) => `${name} ${pair(share.mean, share.worstSecond)}`);
  return `${pair(mean, worstSecond)} (${each.join(", ")})`;
}

function pair(mean: number, worst: number): string {
  return `mean ${mean.toFixed(3)} worst ${worst.toFixed(3)}`;
}

function writePlot(dir: string, { cell, ways: all }: CellReport): void {
  mkdirSync(dir, { recursive: true });
  const lines = wayNames.map((name) => ({
    ...{ name: TITLES[name].title, color: TITLES[name].color },
    shares: all[name].series,
  }));
  writeFileSync(join(dir, `${cell.replaceAll(/[^\w.+-]+/g, "_")}.svg`), plot(cell, lines));
}
