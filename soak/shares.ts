/** The jobs' consumption of a table as a share of their allowance. Pure. */
import type { Slot } from "../local/gateway/throttling/record";

export interface Allowance {
  /** When it begins to hold, milliseconds since the epoch; for the first one, when the work could begin. */
  readonly from: number;
  /** Capacity units per second of all jobs together. */
  readonly perSecond: number;
}

/** Capacity units at a time, milliseconds since the epoch. */
export interface Consumed {
  readonly at: number;
  readonly units: number;
}

export interface Shares {
  /** From the first request to the last. */
  readonly mean: number;
  /** Of any second; those in which the allowance changes are left out. A machine that stalls makes it worse. */
  readonly worst: number;
  /**
   * The farthest that the consumption was ever ahead of everything allowed since the first allowance, in seconds of the allowance.
   * A machine that stalls only delays consumption, so it never makes this worse; a violated limit adds up.
   */
  readonly ahead: number;
}

const SECOND_MS = 1_000;

/** The slots of the gateway's record. */
export function slotsOf(slots: readonly Slot[], direction: "rcu" | "wcu"): Consumed[] {
  return slots.map((slot) => ({ at: slot.at, units: slot[direction] }));
}

/**
 * @param slots of all requests, in the order of time. @param foreign of others' requests, which belong to no job.
 * @param allowances one or more, in the order of time.
 */
export function sharesOf(
  slots: readonly Consumed[],
  slotMs: number,
  foreign: readonly Consumed[],
  allowances: readonly Allowance[],
): Shares {
  const first = slots.find(({ units }) => units > 0)?.at;
  if (first === undefined) return { mean: 0, worst: 0, ahead: 0 };
  const bins = new Float64Array((slots.at(-1)!.at - first) / slotMs + 1);
  const add = (at: number, units: number) => {
    const bin = Math.floor((at - first) / slotMs);
    if (bin >= 0 && bin < bins.length) bins[bin]! += units;
  };
  for (const { at, units } of slots) add(at, units);
  for (const { at, units } of foreign) add(at, -units);
  const width = SECOND_MS / slotMs;
  let [all, allowed, worst, ahead] = [0, 0, 0, 0];
  for (let bin = 0; bin < bins.length; bin++) {
    const at = first + bin * slotMs;
    const { perSecond } = allowances.findLast(({ from }) => from <= at) ?? allowances[0]!;
    all += bins[bin]!;
    allowed += (perSecond * slotMs) / SECOND_MS;
    ahead = Math.max(ahead, (all - allowedUntil(allowances, at + slotMs)) / perSecond);
    if (allowances.some(({ from }) => from > at - SECOND_MS && from < at + 2 * SECOND_MS)) continue;
    const second = bins.subarray(bin, bin + width).reduce((sum, units) => sum + units, 0);
    worst = Math.max(worst, second / perSecond);
  }
  return { mean: all / allowed, worst, ahead };
}

/** Capacity units allowed since the first allowance. */
function allowedUntil(allowances: readonly Allowance[], until: number): number {
  return allowances.reduce((sum, { from, perSecond }, at) => {
    const to = Math.min(until, allowances[at + 1]?.from ?? until);
    return sum + (Math.max(0, to - from) * perSecond) / SECOND_MS;
  }, 0);
}

/** How far a job may be ahead of its allowance, in seconds of it: a page may cost more than its estimate. */
const MOST_AHEAD_SECONDS = 1;

/** A sentence if the consumption was too far ahead of the allowance. */
export function aheadOfAllowance(who: string, { ahead }: Shares): string[] {
  if (ahead <= MOST_AHEAD_SECONDS) return [];
  return [`${who} came ${ahead.toFixed(2)} s ahead of what they were allowed`];
}

export function describeShares({ mean, worst, ahead }: Shares): string {
  return `mean ${mean.toFixed(2)}, worst second ${worst.toFixed(2)}, ${ahead.toFixed(2)} s ahead at most`;
}
