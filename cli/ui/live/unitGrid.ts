/** The units of a job as a grid that stays readable: if there are many, neighbouring units share a cell. Pure. */

import type { Job } from "../../../shared/jobs/job";
import { type UnitPhase, type UnitProgress, unitPhases } from "../../../shared/jobs/progress";
import { unitShare } from "../../jobs/unitShare";
import type { GridCell } from "../contract";

/** The number of cells of 9 px that a screen of 375 px shows without becoming longer than it is wide. */
export const MOST_CELLS = 1_024;

/**
 * At most MOST_CELLS cells, in the order of the units' numbers. A cell shows the most important phase of its units, so that one
 * failed unit of a hundred is visible.
 *
 * @param units those that were begun, in any order
 */
export function unitGrid(job: Job, units: readonly UnitProgress[]): GridCell[] {
  const size = Math.ceil(job.units / MOST_CELLS);
  const cells = Array.from({ length: Math.ceil(job.units / size) }, (_, at) => {
    const from = at * size;
    const to = Math.min(job.units, from + size) - 1;
    return { from, to, done: 0, begun: 0, phases: {} as Partial<Record<UnitPhase, number>> };
  });
  for (const unit of units) {
    const cell = cells[Math.floor(unit.unit / size)];
    if (cell === undefined) continue;
    cell.begun++;
    cell.done += unitShare(job, unit);
    cell.phases[unit.phase] = (cell.phases[unit.phase] ?? 0) + 1;
  }
  const untouched: UnitPhase = job.state === "cancelled" ? "cancelled" : "waiting";
  return cells.map(({ from, to, done, begun, phases }) => {
    const count = to - from + 1;
    if (begun < count) phases[untouched] = (phases[untouched] ?? 0) + count - begun;
    return { from, to, phase: unitPhases.find((phase) => phase in phases) ?? untouched, share: done / count, phases };
  });
}
