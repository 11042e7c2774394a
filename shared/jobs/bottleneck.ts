/** What holds a job back: throttling, one of its limits, its workers, or failures. Pure. */
import type { LedgerItem } from "../capacity/ledger/ledgerItem";
import { factorAt } from "../capacity/ledger/throttle";
import { type Direction, type Purpose, purposeOf } from "../capacity/metering/direction";
import { isActive, type Job } from "./job";
import { rateOf } from "./limits";

/**
 * What holds a job back. `throttled`: DynamoDB gives less than the limit; `rate`: the limit itself; `workers`: they do not use
 * what the limit allows; `failures`: no unit makes progress, some are retrying.
 */
export type Bottleneck = "throttled" | "rate" | "workers" | "failures";

/** The attributes of a ledger that show its state. */
export type LedgerState = Pick<LedgerItem, "until" | "factor" | "factorAt">;

/** The current ledgers of a job's limits. Absent: the ledger doesn't exist, or wasn't read. */
export type Ledgers = Readonly<Partial<Record<Purpose, LedgerState>>>;

/** What the workers consume now, capacity units per second. Lookups are known only as a sum so far, so they have no rate. */
export type Rates = Readonly<Record<Direction, number>>;

export interface HeldBack {
  readonly bottleneck?: Bottleneck;
  /** The direction of that limit; only for jobs that change a table, or would. */
  readonly limitedBy?: Direction;
  /** Share of the limit that throttling leaves in force. */
  readonly throttleFactor?: number;
}

/** If less than this share of the limit is used, the workers are slow. */
const LITTLE = 0.9;
/**
 * Capacity whose promise ended up to this long ago still counts as used, milliseconds: workers reserve a quarter of a second
 * at a time.
 */
const RECENT_MS = 500;

/** @param phases numbers of units. @param now milliseconds since the epoch. */
export function heldBack(
  job: Job,
  phases: { readonly working: number; readonly retrying: number },
  rates: Rates,
  now: number,
  ledgers: Ledgers,
): HeldBack {
  if (!isActive(job)) return {};
  const purposes = job.limits.map(purposeOf);
  const direction = (purpose: Purpose): Direction => (purpose === "write" ? "write" : "read");
  const which = (by: Purpose) => (purposes.every((each) => each === "read") ? {} : { limitedBy: direction(by) });
  const factor = (purpose: Purpose) => (ledgers[purpose] ? factorAt(ledgers[purpose], now) : 1);
  const [throttled] = purposes.filter((each) => factor(each) < 1).sort((a, b) => factor(a) - factor(b));
  if (throttled !== undefined) {
    return { bottleneck: "throttled", ...which(throttled), throttleFactor: factor(throttled) };
  }
  const moving = rates.read > 0 || rates.write > 0;
  if (phases.retrying > 0 && !moving) return { bottleneck: "failures" };
  if (phases.working === 0 && !moving) return {};
  const waited = (each: Purpose) => (ledgers[each]?.until ?? Number.NEGATIVE_INFINITY) > now - RECENT_MS;
  const used = (each: Purpose) => (each === "lookup" ? 0 : rates[each]) / rateOf(job, each);
  const [bound] = purposes.filter((each) => waited(each) || used(each) >= LITTLE).sort((a, b) => used(b) - used(a));
  if (bound !== undefined) return { bottleneck: "rate", ...which(bound) };
  return moving ? { bottleneck: "workers" } : {};
}
