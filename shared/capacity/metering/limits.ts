/**
 * Capacity limits, and time as the unit of account.
 *
 * A request that consumes `c` units of a resource limited to `l` units per second occupies that resource for `c / l`
 * seconds. The largest such time over the table and its indexes is what the request *costs*. Spending at most one second
 * of cost per second keeps every resource under its own limit, with one scalar to account for.
 */
import { SluiceError } from "../../errors";
import type { Consumption } from "./consumption";

/**
 * The least rate of a job, capacity units per second: the capacity unit that the smallest write costs then takes 17 minutes, and
 * the 400 of the largest one take five days.
 */
export const LEAST_RATE = 0.001;

/** Allowed capacity units per second, of one direction (read or write). */
export interface CapacityLimits {
  /** Units per second of the table, its local secondary indexes included. Above 0. */
  readonly table: number;
  /** Units per second of single indexes, by index name. An index not named here has the table's limit. */
  readonly indexes?: Readonly<Record<string, number>>;
}

/**
 * What `consumption` costs, in milliseconds of the whole limit: `1000 · max(consumed / limit)`.
 * `factor` (0 < factor ≤ 1) scales every limit down, see throttle.ts.
 */
export function costMs(consumption: Consumption, limits: CapacityLimits, factor = 1): number {
  let seconds = consumption.table / limits.table;
  if (consumption.indexes !== undefined) {
    for (const name in consumption.indexes) {
      const limit = limitOn(name, limits);
      seconds = Math.max(seconds, consumption.indexes[name]! / limit);
    }
  }
  return (1000 * seconds) / factor;
}

/** The limit that makes a consumption take longest. */
export interface Binding {
  /** Name of the index. Absent: the table's own limit. */
  readonly index?: string;
  /** Capacity units consumed there, and the limit, capacity units per second. */
  readonly consumed: number;
  readonly limit: number;
  /** Time that the consumption takes at the limit. */
  readonly seconds: number;
}

/** Which limit binds: the one of table or index with the largest `consumed / limit`. Of equal ones the table's. */
export function bindingOf(consumption: Consumption, limits: CapacityLimits): Binding {
  const { table, indexes = {} } = consumption;
  let binding: Binding = { consumed: table, limit: limits.table, seconds: table / limits.table };
  for (const index in indexes) {
    const [consumed, limit] = [indexes[index]!, limitOn(index, limits)];
    if (consumed / limit > binding.seconds) binding = { index, consumed, limit, seconds: consumed / limit };
  }
  return binding;
}

/** The lowest limit, of the table or one of its indexes; units per second. */
export function lowestLimit({ table, indexes = {} }: CapacityLimits): number {
  return Math.min(table, ...Object.values(indexes));
}

/** Throws `capacity.limits-invalid`, naming every wrong limit at once. */
export function checkLimits(limits: CapacityLimits): void {
  const entries: [string, unknown][] = [["table", limits.table], ...Object.entries(limits.indexes ?? {})];
  const wrong = entries.filter(([, limit]) => !(typeof limit === "number" && Number.isFinite(limit) && limit > 0));
  if (wrong.length === 0) return;
  const got = wrong.map(([name, limit]) => `${name}: ${String(limit)}`).join(", ");
  throw new SluiceError("capacity.limits-invalid", `limits: must be above 0 units per second, got ${got}`, {
    value: limits,
  });
}

/** By how much a cost grows when `from` is replaced by `to`: the largest ratio over table and indexes. */
export function costRatio(from: CapacityLimits, to: CapacityLimits): number {
  const names = new Set([...Object.keys(from.indexes ?? {}), ...Object.keys(to.indexes ?? {})]);
  let ratio = from.table / to.table;
  for (const name of names) {
    ratio = Math.max(ratio, limitOn(name, from) / limitOn(name, to));
  }
  return ratio;
}

/** True when both allow the same, by value. */
export function sameLimits(a: CapacityLimits, b: CapacityLimits): boolean {
  return costRatio(a, b) === 1 && costRatio(b, a) === 1;
}

/** An index may have any name, `constructor` too. */
function limitOn(index: string, { table, indexes = {} }: CapacityLimits): number {
  return Object.hasOwn(indexes, index) ? indexes[index]! : table;
}
