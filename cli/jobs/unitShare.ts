import type { Job } from "../../shared/jobs/job";
import type { UnitProgress } from "../../shared/jobs/progress";

/** The largest share that an unfinished unit shows. */
const NEARLY_ALL = 0.99;

/** The finished share of a unit, 0 to 1: estimated as if the table's items were spread evenly over the units. */
export function unitShare({ estimatedItems, units }: Job, { phase, counts }: UnitProgress): number {
  if (phase === "done") return 1;
  if (estimatedItems === 0) return 0;
  return Math.min(NEARLY_ALL, (counts.scannedItems * units) / estimatedItems);
}
