/** The load of a job's workers: pages, and the capacity that takes longest. Pure. */
import { readCapacityUnits, writeCapacityUnits } from "../capacity/metering/capacityUnits";
import { type Direction, itemsPerSecond, type Purpose, purposeOf } from "../capacity/metering/direction";
import { lowestLimit } from "../capacity/metering/limits";
import { RCU_PER_WORKER } from "../capacity/metering/workerSpeed";
import type { JobPlan } from "./jobPlan";
import { DRY_ITEMS_PER_WORKER, LINES_OF_PAGE, WCU_PER_WORKER } from "./model";
import { pagesOf } from "./pages";

export interface Load {
  /** Pages. */
  readonly count: number;
  /** The binding quantity, for all pages and for a full one: capacity units, or items if no capacity is consumed. */
  readonly units: number;
  readonly fullUnits: number;
  /** The limit on these per second, and the most that one worker processes. */
  readonly rate: number;
  readonly workerRate: number;
  /** The rate that determines a job's first chains: that of its lowest limit. */
  readonly feeds: number;
}

/** Everything that the job consumes, and the binding direction. */
export interface Demand {
  readonly load: Load;
  /** Read capacity units of the source. */
  readonly rcu: number;
  /** Read capacity units by which a dry run looks into the table that it would change; 0 if it doesn't. */
  readonly lookupRcu: number;
  /** Write capacity units of the table; 0 for a dry run, or if the job changes no table. */
  readonly wcu: number;
  /** The direction whose limit takes longer. Undefined: the job consumes nothing. */
  readonly binds: Direction | undefined;
}

/** Capacity units per second that the job may consume for a purpose; undefined: it has no such limit. */
export function rateIn({ limits }: Pick<JobPlan, "limits">, purpose: Purpose): number | undefined {
  return limits.find((limit) => purposeOf(limit) === purpose)?.limits.table;
}

export function demandOf(plan: JobPlan): Demand {
  return plan.changes === undefined ? readingDemand(plan) : writingDemand(plan);
}

function readingDemand(plan: JobPlan): Demand {
  const rate = rateIn(plan, "read");
  if (rate === undefined) return idleDemand(plan, pagesByLines(plan));
  const { count, rcu, fullRcu } = pagesOf(plan, rate);
  const load = { count, units: rcu, fullUnits: fullRcu, rate, workerRate: RCU_PER_WORKER, feeds: rate };
  return { load, rcu, lookupRcu: 0, wcu: 0, binds: "read" };
}

function writingDemand(plan: JobPlan): Demand {
  const readRate = rateIn(plan, "read");
  const scanned = readRate !== undefined && plan.source !== "keys" ? pagesOf(plan, readRate) : undefined;
  const count = Math.max(scanned?.count ?? 0, pagesByLines(plan));
  const rcu = readRate === undefined ? 0 : (scanned?.rcu ?? plan.onePassRcu);
  const wcu = writeUnits(plan);
  const lookupRcu = lookupUnits(plan);
  const feeds = Math.min(...plan.limits.map(({ limits }) => lowestLimit(limits)));
  const parts: Part[] = [
    { binds: "write", units: wcu, rate: rateIn(plan, "write") ?? 1, workerRate: WCU_PER_WORKER },
    { binds: "read", units: rcu, rate: readRate ?? 1, workerRate: RCU_PER_WORKER },
    { binds: "read", units: lookupRcu, rate: rateIn(plan, "lookup") ?? 1, workerRate: RCU_PER_WORKER },
  ];
  const { binds, ...longest } = parts.reduce((a, b) => (a.units / a.rate >= b.units / b.rate ? a : b));
  if (longest.units === 0) return idleDemand(plan, count);
  return { load: { count, fullUnits: longest.units / count, feeds, ...longest }, rcu, lookupRcu, wcu, binds };
}

/** What the job consumes under one of its limits. */
interface Part extends Pick<Load, "units" | "rate" | "workerRate"> {
  readonly binds: Direction;
}

/** No capacity is consumed: workers go as fast as they can. */
function idleDemand({ items }: JobPlan, count: number): Demand {
  const [rate, workerRate] = [Number.POSITIVE_INFINITY, DRY_ITEMS_PER_WORKER];
  const load = { count, units: items, fullUnits: Math.max(1, items / count), rate, workerRate, feeds: rate };
  return { load, rcu: 0, lookupRcu: 0, wcu: 0, binds: undefined };
}

/**
 * Pages of a source whose pages are lines, or whose items are written: each has a second's writes, or a second's lookups. The last
 * page of a unit isn't full.
 */
function pagesByLines(plan: JobPlan): number {
  const { most, least } = LINES_OF_PAGE;
  const lines = Math.min(most, Math.max(least, Math.floor(itemsPerSecond((purpose) => rateIn(plan, purpose)) ?? most)));
  return Math.max(plan.units, plan.items / lines + plan.units / 2);
}

/** As if every item was changed, each at the average size. */
function writeUnits({ changes, items, bytes }: JobPlan): number {
  if (changes === undefined || changes.dryRun || items === 0) return 0;
  return items * writeCapacityUnits(bytes / items);
}

/** As if every item was there already, at the average size. */
function lookupUnits(plan: JobPlan): number {
  const { items, bytes } = plan;
  if (rateIn(plan, "lookup") === undefined || items === 0) return 0;
  return items * readCapacityUnits(bytes / items, "strong");
}
