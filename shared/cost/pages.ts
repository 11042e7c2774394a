/** Which pages a job reads at a rate, and what they cost. Pure. */
import type { JobPlan } from "./jobPlan";

/** A unit of capacity reads this much strongly consistent, half a unit eventually. */
const BLOCK_BYTES = 4096;
const BLOCK_RCU = 0.5;
/** Scan ends a page after 1 MB. */
const FULL_PAGE_RCU = 128;

/** RCU of a page, eventually consistent: from this rate on a twentieth of a second; below, so many fit into a second. */
const SMOOTH_RATE = 320;
const SHARE_OF_SECOND = 1 / 20;
const LEAST_PAGE_RCU = 16;
/** Pages fit into a second with 8 % over, so that a second never holds one more. */
const MARGIN = 1.08;
const SLOW_RATE = LEAST_PAGE_RCU / MARGIN;
const LARGEST_SLOW_PAGE_RCU = 40;
const SLOW_PAGE_SECONDS = 20;

export interface Pages {
  readonly count: number;
  /** Read capacity units of all, rounding included. */
  readonly rcu: number;
}

/** Read capacity units that a page may cost at a rate, RCU/s. Strongly consistent reads cost twice as much. */
export function pageRcu(rcuPerSecond: number, consistentRead: boolean): number {
  const strength = consistentRead ? 2 : 1;
  return strength * eventualPageRcu(rcuPerSecond / strength);
}

function eventualPageRcu(rate: number): number {
  if (rate >= SMOOTH_RATE) return Math.min(FULL_PAGE_RCU, rate * SHARE_OF_SECOND);
  if (rate < SLOW_RATE) return Math.min(LARGEST_SLOW_PAGE_RCU, SLOW_PAGE_SECONDS * rate);
  const second = MARGIN * rate;
  return second / Math.floor(second / LEAST_PAGE_RCU);
}

/**
 * The pages of a whole job. Each page is rounded up to 4 KB, which loses half of that on average; each unit ends with a page
 * that is not full, and an empty unit is one page.
 */
export function pagesOf(
  { items, bytes, units, consistentRead }: Pick<JobPlan, "items" | "bytes" | "units" | "consistentRead">,
  rcuPerSecond: number,
): Pages {
  const block = (consistentRead ? 2 : 1) * BLOCK_RCU;
  const averageBytes = items === 0 ? BLOCK_BYTES : bytes / items;
  const number = items === 0 ? bytes / averageBytes : items;
  const pageBytes = (pageRcu(rcuPerSecond, consistentRead) / block) * BLOCK_BYTES;
  const perPage = Math.max(1, Math.floor(pageBytes / averageBytes));
  const perUnit = number / units / perPage;
  const count = units * (units === 1 ? Math.floor(perUnit) + 1 : Math.max(1, perUnit + 0.5));
  const lost = Math.min(count, number) / 2 + Math.max(0, count - number);
  return { count, rcu: block * Math.max(count, bytes / BLOCK_BYTES + lost) };
}
