/** How evenly and how fully a job used its limit, by the gateway's record of consumption. */
import { allReadsOf } from "../../local/gateway/consumptionFile";
import type { ConsumptionReport } from "../../local/gateway/throttling/record";

export interface Evenness {
  /** From the first page to the last, milliseconds. */
  readonly ms: number;
  readonly firstReadAt: number;
  readonly lastReadAt: number;
  /**
   * Share of the limit from the second second (at slow rates from the first page) to the tail; the last page is left out with
   * its time.
   */
  readonly mean: number;
  /**
   * The highest consumption of any second, as a share of what the limit allows in it. If pages last longer than a second: the
   * highest cost of a page, as a share of what the limit allows until the next page.
   */
  readonly worst: number;
  /** A second, or as long as one sensible page lasts, milliseconds. */
  readonly windowMs: number;
  /** Share of the time at its end in which less than half of the limit was in use. */
  readonly tail: number;
}

/** Rates below this have pages that last longer than a second, RCU/s. */
const SLOW = 14.8;

/**
 * How long one page lasts at a rate, milliseconds: 20 s, or the time of 40 RCU if that is less; a second at rates from `SLOW`
 * on.
 */
export function windowMsAt(rate: number): number {
  return rate >= SLOW ? 1_000 : Math.max(1_000, (1_000 * Math.min(40, 20 * rate)) / rate);
}

/** @throws Error if nothing was read. */
export function evennessOf(report: ConsumptionReport, rate: number): Evenness {
  const { record, startedAt } = allReadsOf(report);
  if (!Number.isFinite(startedAt)) throw new Error(`the gateway saw no read of ${report.table}`);
  const target = { table: rate };
  const windowMs = windowMsAt(rate);
  const last = record.lastAt;
  const tail = tailOf(report, startedAt, last, rate, windowMs);
  const from = rate >= SLOW && last > 2 * windowMs ? windowMs : 0;
  const to = Math.floor((last * (1 - tail)) / report.slotMs) * report.slotMs;
  return {
    ms: last,
    firstReadAt: startedAt,
    lastReadAt: startedAt + last,
    mean: to > from ? record.mean(target, from, to) : 0,
    worst: rate >= SLOW ? record.worst(target, 0, last).share : worstPage(report, rate),
    windowMs,
    tail,
  };
}

/** A window of fixed length would hold two pages whenever the second came a moment early, so each page gets its own. */
function worstPage({ consumption }: ConsumptionReport, rate: number): number {
  const pages = consumption.filter(({ rcu }) => rcu > 0);
  const shares = pages.slice(1).map(({ at }, before) => {
    const page = pages[before]!;
    return (1_000 * page.rcu) / rate / (at - page.at);
  });
  return Math.max(0, ...shares);
}

/** The time after the last window with at least half of the limit in use, as a share of the whole. */
function tailOf(report: ConsumptionReport, start: number, last: number, rate: number, windowMs: number): number {
  const reads = report.consumption.map(({ at, rcu }) => ({ at: at - start, rcu }));
  const half = (rate * windowMs) / 1_000 / 2;
  for (let end = last + report.slotMs; end >= windowMs; end -= report.slotMs) {
    const inside = reads.filter(({ at }) => at >= end - windowMs && at < end);
    if (inside.reduce((sum, { rcu }) => sum + rcu, 0) >= half) return Math.max(0, last - end) / Math.max(last, 1);
  }
  return 1;
}
