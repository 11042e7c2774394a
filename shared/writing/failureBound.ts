/** How many items of a job may fail before it pauses. Pure. */

export interface FailureBound {
  /** This many at least. */
  readonly count: number;
  /** Or this percentage of all items, whichever is more. Default 0. */
  readonly percent?: number;
}

/** A product of two decimal numbers may be too small by less than this: 4.35 × 100 is 434.99999999999994. */
const ROUNDING = 1e-6;

/** @param items number of items; 0: not known. */
export function mostFailuresOf({ count, percent = 0 }: FailureBound, items: number): number {
  return Math.max(count, Math.floor((percent * items) / 100 + ROUNDING));
}
