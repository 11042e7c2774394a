/**
 * The capacity layer on virtual time: the real limiter and ledger, with simulated table, network and clocks, over the
 * whole matrix of workers, rates and costs, beside the token bucket that people copy.
 */
import { fork } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import type { Benchmark } from "../benchmark";
import { checkCells, zeroOrMore } from "../options";
import { allCells, type Cell } from "./cells";
import type { Figure } from "./figures";
import { plot } from "./plot";
import type { CellReport } from "./runCell";

export interface Summary {
  readonly figure: string;
  /** Cells in which the figure applies, and in how many of them its goal is met. */
  readonly cells: number;
  readonly metIn: number;
  /** The least and the most measured. */
  readonly measured: readonly [number, number];
  readonly met: boolean;
  readonly missed: readonly { cell: string; measured: number; goal: string }[];
}

export interface CapacityReport {
  readonly met: boolean;
  readonly summary: readonly Summary[];
  readonly cells: readonly CellReport[];
}

/** Cells that are plotted: few and many workers, small and large items, an index. */
const plotted = [
  "workers=1 rate=0.5 cost=1",
  "workers=4 rate=400 cost=1-4",
  "workers=40 rate=2000 cost=1",
  "workers=400 rate=400 cost=20",
  "workers=400 rate=2000 cost=1+gsi2",
  "workers=1000 rate=10 cost=1",
];

interface Options {
  quick?: boolean;
  cell?: string;
  plot?: string;
  jobs: string;
  seed: string;
}

export const benchmark: Benchmark<CapacityReport> = {
  summary: "Measure the capacity limiter and its ledger in virtual time, over workers, rates and item costs.",
  options: (command: Command) => {
    command
      .option("--quick", "only rates up to 2,000 WCU/s and up to 400 workers")
      .option("--cell <text>", "only cells whose name contains all these words, such as 'workers=4 rate=400'")
      .option("--plot <dir>", "write plots of consumption over time as SVG")
      .option("--jobs <n>", "number of processes", "2")
      .option("--seed <n>", "seed of all random numbers", zeroOrMore, "1");
  },
  run: async (raw, progress) => {
    const options = raw as unknown as Options;
    const chosen = allCells()
      .map((cell, index) => ({ cell, index }))
      .filter(({ cell }) => wanted(cell, options));
    checkCells(chosen, options.cell);
    // The longest first, so that no process works on a long one alone at the end.
    chosen.sort((a, b) => b.cell.rate / b.cell.itemMs - a.cell.rate / a.cell.itemMs);
    const reports = await runAll(chosen, Number(options.jobs), Number(options.seed), progress);
    if (options.plot !== undefined) writePlots(options.plot, reports);
    const summary = summarize(reports);
    return { met: summary.every(({ met }) => met), summary, cells: reports };
  },
  render: ({ summary }) =>
    summary
      .map(({ figure, cells, metIn, measured, missed }) =>
        [
          `${figure}: met in ${metIn} of ${cells} cells (${measured.map((each) => each.toFixed(3)).join(" to ")})`,
          ...missed.map(({ cell, measured: value, goal }) => `    ${cell}: ${value.toFixed(3)}, goal ${goal}`),
        ].join("\n"),
      )
      .join("\n"),
};

function wanted(cell: Cell, { quick, cell: words }: Options): boolean {
  if (quick && (cell.rate > 2000 || cell.workers > 400)) return false;
  return (words ?? "").split(" ").every((word) => word === "" || ` ${cell.id} `.includes(` ${word} `));
}

async function runAll(
  chosen: { cell: Cell; index: number }[],
  jobs: number,
  seed: number,
  progress: (line: string) => void,
): Promise<CellReport[]> {
  const reports = new Map<number, CellReport>();
  const rest = [...chosen];
  const worker = async () => {
    const child = fork(join(__dirname, "cellProcess.ts"));
    try {
      for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
        const report = await ask(child, { index: next.index, seed });
        reports.set(next.index, report);
        const missed = report.figures
          .filter(({ met }) => !met)
          .map(({ name, measured }) => `${name} ${measured.toFixed(3)}`);
        progress(
          `${report.cell}: ${missed.length === 0 ? "met" : missed.join(", ")} (${report.cpuSeconds.toFixed(1)} s)`,
        );
      }
    } finally {
      child.disconnect();
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, jobs) }, worker));
  return [...reports].sort(([a], [b]) => a - b).map(([, report]) => report);
}

function ask(child: ReturnType<typeof fork>, job: { index: number; seed: number }): Promise<CellReport> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`cell process ended with ${code}`));
    child.once("exit", ended);
    child.once("message", (report) => {
      child.off("exit", ended);
      resolve(report as CellReport);
    });
    child.send(job);
  });
}

function summarize(reports: readonly CellReport[]): Summary[] {
  const byName = Map.groupBy(
    reports.flatMap(({ cell, figures }) => figures.map((figure): Figure & { cell: string } => ({ ...figure, cell }))),
    ({ name }) => name,
  );
  return [...byName].map(([figure, all]) => {
    const values = all.map(({ measured }) => measured);
    const missed = all.filter(({ met }) => !met).map(({ cell, measured, goal }) => ({ cell, measured, goal }));
    const range = [Math.min(...values), Math.max(...values)] as const;
    return {
      figure,
      cells: all.length,
      metIn: all.length - missed.length,
      measured: range,
      met: missed.length === 0,
      missed,
    };
  });
}

function writePlots(dir: string, reports: readonly CellReport[]): void {
  mkdirSync(dir, { recursive: true });
  for (const { cell, series } of reports.filter((report) => plotted.includes(report.cell))) {
    const lines = [
      { name: "copied token bucket", color: "#c55", shares: series.baseline },
      { name: "Sluice", color: "#26a", shares: series.sluice },
    ];
    writeFileSync(join(dir, `${cell.replaceAll(/[^\w.+-]+/g, "_")}.svg`), plot(cell, lines));
  }
}
