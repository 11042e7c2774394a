/** The pages that a job reads at a rate, and their cost. Pure. */
import { pageRcu } from "../sources/table/pageSize";
import type { JobPlan } from "./jobPlan";

/** A unit of capacity reads this much strongly consistent, half a unit eventually. */
const BLOCK_BYTES = 4096;
const BLOCK_RCU = 0.5;

export interface Pages {
  readonly count: number;
  /** Read capacity units of all pages, including rounding. */
  readonly rcu: number;
  /** Read capacity units of a full page. */
  readonly fullRcu: number;
}

/**
 * The pages of a whole job. Each page is rounded up to 4 KB, which loses half of that on average; each unit ends with a page
 * that is not full, and an empty unit is one page.
 */
export function pagesOf(
  { items, bytes, units, consistentRead }: Pick<JobPlan, "items" | "bytes" | "units" | "consistentRead">,
  rcuPerSecond: number,
): Pages {
  const strength = consistentRead ? 2 : 1;
  const block = strength * BLOCK_RCU;
  const averageBytes = items === 0 ? BLOCK_BYTES : bytes / items;
  const number = items === 0 ? bytes / averageBytes : items;
  // Each page aims at a different part of its last block.
  const pageBytes = (pageRcu(rcuPerSecond, strength) / block - 0.5) * BLOCK_BYTES;
  const perPage = Math.max(1, Math.floor(pageBytes / averageBytes));
  const perUnit = number / units / perPage;
  const count = units * (units === 1 ? Math.floor(perUnit) + 1 : Math.max(1, perUnit + 0.5));
  const lost = Math.min(count, number) / 2 + Math.max(0, count - number);
  return {
    count,
    rcu: block * Math.max(count, bytes / BLOCK_BYTES + lost),
    fullRcu: block * ((perPage * averageBytes) / BLOCK_BYTES + 0.5),
  };
}
