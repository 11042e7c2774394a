/** The limits of a job in one direction, from its rate and its table. Pure. */
import { type CapacityLimits, LEAST_RATE, lowestLimit } from "../capacity/metering/limits";
import { type Capacity, type Described, readFrom } from "./facts";

export interface RateLimits {
  readonly limits: CapacityLimits;
  /** The most that the table, or the index that is read, allows, capacity units per second. */
  readonly most: number;
}

/**
 * The limits of reading the table, or an index of it. The index consumes its own capacity if it is global.
 *
 * @param rate capacity units per second, or a share of the table's capacity, such as "50%".
 * @returns undefined if the facts don't show the capacity.
 */
export function readLimits(table: Described, rate: number | string, index?: string): RateLimits | undefined {
  const place = typeof table === "string" ? undefined : readFrom(table, index);
  if (place === undefined) return undefined;
  const perSecond = unitsOf(rate, place.read);
  const limits = index === undefined ? { table: perSecond } : { table: perSecond, indexes: { [index]: perSecond } };
  return { limits, most: place.read.most };
}

/**
 * The limits of writing to the table. A write consumes capacity of the table and of each index that it changes. A global
 * index has its own capacity: its limit is the same share of that, or the rate if the index allows it.
 *
 * @param rate as for `readLimits`.
 */
export function writeLimits(table: Described, rate: number | string): RateLimits | undefined {
  if (typeof table === "string") return undefined;
  const limits: Record<string, number> = {};
  const perSecond = unitsOf(rate, table.write);
  for (const [name, { kind, write }] of Object.entries(table.indexes)) {
    if (kind === "local") continue;
    const own = Math.min(unitsOf(rate, write), write.most);
    if (own !== perSecond) limits[name] = own;
  }
  const indexes = Object.keys(limits).length === 0 ? {} : { indexes: limits };
  return { limits: { table: perSecond, ...indexes }, most: table.write.most };
}

/** Why a percentage is too low for a job, the end of a sentence that begins with its name. Undefined: it isn't. */
export function lowRate({ limits }: RateLimits): string | undefined {
  const lowest = lowestLimit(limits);
  if (lowest >= LEAST_RATE) return undefined;
  const least = `must come to at least ${LEAST_RATE} capacity units per second on the table and its indexes`;
  return `${least}, got ${Number(lowest.toPrecision(6))}.`;
}

function unitsOf(rate: number | string, { perSecond }: Capacity): number {
  return typeof rate === "number" ? rate : (perSecond * Number.parseFloat(rate)) / 100;
}
