/** Runs one cell through all its scenarios. */
import { performance } from "node:perf_hooks";
import type { World } from "../../test/support/simulation/simulation";
import { type Cell, workersNeeded } from "./cells";
import {
  churnFigures,
  churnMeasurable,
  type Figure,
  meanShare,
  reachable,
  steadyFigures,
  unevenFigures,
  unreachableFigures,
} from "./figures";
import { churn, steady, uneven } from "./scenarios";

export interface CellReport {
  readonly cell: string;
  readonly workers: number;
  readonly rate: number;
  readonly cost: string;
  /** False if the workers are too few for the rate: then the figure is that nothing delays them. */
  readonly reachable: boolean;
  readonly figures: readonly Figure[];
  readonly baseline: { readonly mean: number; readonly worstSecond: number };
  /** Share of the limit in each second of the steady scenario. */
  readonly series: { readonly sluice: readonly number[]; readonly baseline: readonly number[] };
  readonly cpuSeconds: number;
}

export async function runCell(cell: Cell, seed: number): Promise<CellReport> {
  const start = performance.now();
  const work = await steady(cell, "sluice", seed);
  const copied = await steady(cell, "baseline", seed);
  const figures = reachable(cell) ? steadyFigures(cell, work) : unreachableFigures(cell, work);
  if (churnMeasurable(cell)) figures.push(...churnFigures(cell, await churn(cell, seed + 1)));
  if (cell.workers > 1 && cell.workers / 2 >= workersNeeded(cell)) {
    figures.push(...unevenFigures(cell, await uneven(cell, seed + 2)));
  }
  return {
    cell: cell.id,
    workers: cell.workers,
    rate: cell.rate,
    cost: cell.cost.name,
    reachable: reachable(cell),
    figures,
    baseline: {
      mean: meanShare(copied.world.record, copied.world),
      worstSecond: copied.world.record.worst(cell.limits, 0, copied.world.record.lastAt).share,
    },
    series: { sluice: perSecond(work.world), baseline: perSecond(copied.world) },
    cpuSeconds: (performance.now() - start) / 1000,
  };
}

function perSecond(world: World): number[] {
  return world.record.series(world.limits, 1000).map((share) => Math.round(share * 1000) / 1000);
}
