/**
 * Throttle feedback. A throttled request means that the table gives less than its limit says: a hot partition, another
 * consumer, a limit set too high. Every report multiplies the share of the limits in force by 0.8, at most once a second
 * for all workers together; the share then recovers by 1 % of the limits a second (a probe every few seconds, like TCP:
 * additive increase, multiplicative decrease).
 */
import type { LedgerItem } from "./ledgerItem";

/** Within this time after a report, further reports don't count. */
export const THROTTLE_INTERVAL_MS = 1000;
const DECREASE = 0.8;
const RECOVERY_PER_SECOND = 0.01;
/** The lowest share, so that a job never stops altogether. */
const LOWEST_FACTOR = 0.02;

/** The share of the limits in force at `now`, above 0 and at most 1. */
export function factorAt(item: Pick<LedgerItem, "factor" | "factorAt">, now: number): number {
  return Math.min(1, item.factor + (RECOVERY_PER_SECOND * Math.max(0, now - item.factorAt)) / 1000);
}

/** The share after one more report. */
export function factorAfterThrottle(item: Pick<LedgerItem, "factor" | "factorAt">, now: number): number {
  return Math.max(LOWEST_FACTOR, factorAt(item, now) * DECREASE);
}
