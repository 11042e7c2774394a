/** What the jobs consumed of a table, second by second, by what they were allowed. Pure. */
import type { Slot } from "../../local/gateway/throttling/record";

export interface Allowance {
  /** Milliseconds since the epoch from which it holds. */
  readonly from: number;
  /** Write capacity units per second of all jobs together. */
  readonly perSecond: number;
}

export interface Shares {
  /** From the first write to the last. */
  readonly mean: number;
  /** Of any second; those in which the allowance changes are left out. */
  readonly worst: number;
}

const SECOND_MS = 1_000;

/**
 * @param slots of the gateway's record, with everybody's writes. @param foreign writes of others, which are no job's.
 * @param allowances the first of them from the beginning on.
 */
export function writeShares(
  slots: readonly Pick<Slot, "at" | "wcu">[],
  slotMs: number,
  foreign: readonly { readonly at: number; readonly wcu: number }[],
  allowances: readonly Allowance[],
): Shares {
  const first = slots.find(({ wcu }) => wcu > 0)?.at;
  if (first === undefined) return { mean: 0, worst: 0 };
  const last = slots.at(-1)!.at;
  const bins = new Float64Array((last - first) / slotMs + 1);
  const add = (at: number, wcu: number) => {
    const bin = Math.floor((at - first) / slotMs);
    if (bin >= 0 && bin < bins.length) bins[bin]! += wcu;
  };
  for (const { at, wcu } of slots) add(at, wcu);
  for (const { at, wcu } of foreign) add(at, -wcu);
  const width = SECOND_MS / slotMs;
  let [all, allowed, worst] = [0, 0, 0];
  for (let bin = 0; bin < bins.length; bin++) {
    const at = first + bin * slotMs;
    const { perSecond } = allowanceAt(allowances, at);
    all += bins[bin]!;
    allowed += (perSecond * slotMs) / SECOND_MS;
    if (allowances.some(({ from }) => from > at - SECOND_MS && from < at + 2 * SECOND_MS)) continue;
    const second = bins.subarray(bin, bin + width).reduce((sum, wcu) => sum + wcu, 0);
    worst = Math.max(worst, second / perSecond);
  }
  return { mean: all / allowed, worst };
}

function allowanceAt(allowances: readonly Allowance[], at: number): Allowance {
  return allowances.findLast(({ from }) => from <= at) ?? allowances[0]!;
}
