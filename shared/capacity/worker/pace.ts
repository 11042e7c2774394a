/**
 * The times that shape how workers visit the ledger, and the quantities derived from them. Each number has its reason
 * beside it.
 */

/** A small slice is spent over about this time, milliseconds. It is short, so that a change shows soon. */
export const SPREAD_MS = 250;
/** How long after its place in the ledger a slice is spent, on average, milliseconds. */
export const DELAY_MS = SPREAD_MS / 2;
/**
 * The accrual of small requests is averaged over this time, milliseconds: long enough that few workers, which take turns of up to
 * half a second, spend evenly.
 */
export const BLUR_MS = 450;
/** The same if the costs of requests are uneven. Then a worker reports sooner what the requests of a slice took too much. */
export const UNEVEN_BLUR_MS = 250;
/** Unspent credit of a slice stays valid for this long after it has accrued. */
export const GRACE_MS = 250;
/** After a change, a worker comes for its next slice at this interval, milliseconds. */
export const SHORTEST_PERIOD_MS = 250;
/** The longest interval between visits of one of few workers, milliseconds, however long nothing has changed. */
export const LONGEST_PERIOD_MS = 1000;
/** Every worker learns of a change within two seconds. This is shorter by the time that a slow ledger takes to answer. */
const LONGEST_SLEEP_MS = 1400;
/** Up to this many workers are few, whatever their requests cost. */
export const FEW_WORKERS = 8;
/**
 * Up to this many workers are few if requests are large and each worker's share of the longest period holds more than one
 * request.
 */
const MOST_FEW_WORKERS = 16;
/** For that rule, requests are large from this cost on, milliseconds. */
const FEW_REQUEST_MS = 20;
/** The least number of requests in such a share. With fewer, visits would race for single requests. */
const FEW_REQUESTS = 1.5;
/**
 * Visits of all workers together, a second. This is half of the 500 that the ledger can take; the rest is for joins,
 * returns and corrections.
 */
export const VISITS_PER_SECOND = 212;
/** First visits of workers that join together, a second: fewer, because each has just cost a join. */
const FIRST_VISITS_PER_SECOND = 120;
/** The factor by which the first slice is therefore larger than a fair share. */
export const FIRST_SHARE = VISITS_PER_SECOND / FIRST_VISITS_PER_SECOND;
/** How long before its next slice should start a worker reserves it: ledger latency and clock skew, with margin. */
export const LEAD_MS = 150;
/** Nobody reserves when capacity is promised further ahead than this. */
export const HORIZON_MS = 200;
/**
 * If a fair share is less than a request, only this part of that horizon. There are then many visits for each request.
 * The less is promised ahead, the sooner a request that costs more than estimated delays others, and the less is given
 * back late.
 */
const CROWDED_HORIZON = 0.35;
/**
 * If a fair share is less than a request, or a worker uses little of the limit, a slice may have begun this long ago. Its request
 * starts {@link DELAY_MS} after the slice's start, so nothing is late yet. Capacity that a leaving worker gave back is not lost, and
 * a request that comes now and then hardly waits.
 */
export const PAST_MS = 100;
/** If a fair share is less than a request, all workers reserve this much later, for the same reasons. */
const LATER_MS = 60;
/** For each turn that a worker missed it may reserve this much further ahead: as much as clocks may differ. */
const PASSED_OVER_MS = 50;
/** Below this much promised ahead the ledger is running dry, and every worker with work takes more than its share. */
export const LOW_MS = 100;
/** The reservation for a job's first request, whose cost is unknown. It is corrected as soon as the request is done. */
export const PROBE_MS = 1000;
/** While the ledger is paused, a worker with waiting requests checks at about this interval whether it was resumed. */
export const PAUSED_LOOK_MS = 1000;
/** This long before all promised capacity is used up, one of few workers checks whether the others reserve, milliseconds. */
export const CHECK_MS = 80;
/** A worker that needs nothing looks at the ledger after this long nevertheless, milliseconds. */
export const LOOK_MS = 1000;
/** It computes what it needs after this long, milliseconds, or as soon as a request has to wait. */
export const CONTENT_MS = 20;
/** A worker that could not reach the ledger tries again after this long, milliseconds; twice as long after each failure in a row. */
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 1000;

/**
 * Whether this many workers count as few, whose visits become rare while nothing changes. If a rate feeds more than eight workers,
 * their visits cost little in comparison. With large requests they don't: then visits are most of the ledger's cost. `cost`: of a
 * request, milliseconds of account time; 0 while nobody knows.
 */
export function areFew(workers: number, cost: number): boolean {
  if (workers <= FEW_WORKERS) return true;
  const large = cost >= FEW_REQUEST_MS && FEW_REQUESTS * cost * workers <= LONGEST_PERIOD_MS;
  return workers <= MOST_FEW_WORKERS && large;
}

/** When to try again after so many failures in a row, milliseconds. `random`: between 0 and 1; spreads the workers. */
export function retryMs(failures: number, random: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1)) * (0.75 + 0.25 * random);
}

/** How often, in milliseconds, each of `workers` may visit the ledger. */
export function visitGapMs(workers: number): number {
  return (1000 * workers) / VISITS_PER_SECOND;
}

/**
 * The longest sleep of a waiting worker, however far ahead capacity is promised. With up to 400 workers, each so learns
 * within two seconds of an operator's change.
 */
export function longestSleepMs(gap: number, few: boolean): number {
  const least = few ? LONGEST_SLEEP_MS : 500;
  return gap < 1900 ? Math.max(least, gap) : 1.5 * gap;
}

/** How long after joining a worker first visits the ledger, as one of `workers`: see {@link FIRST_VISITS_PER_SECOND}. */
export function firstVisitMs(workers: number): number {
  return (1000 * Math.max(0, workers - 1)) / FIRST_VISITS_PER_SECOND;
}

/** How long a worker's fair share of one visit lasts, in milliseconds. */
export function periodMs(workers: number): number {
  return Math.max(SHORTEST_PERIOD_MS, visitGapMs(workers));
}

/** The longest that a worker's period can become, in milliseconds. */
export function longestPeriodMs(workers: number, few: boolean): number {
  return few ? LONGEST_PERIOD_MS : periodMs(workers);
}

/**
 * The largest slice that a worker can spend in time, in milliseconds, if it can spend `paceMs` of account time in each
 * millisecond. A slice lasts {@link SPREAD_MS}, or its own length if that is longer, and most of its grace.
 */
export function longestSpanMs(paceMs: number, alone: boolean): number {
  const grace = (alone ? 0.6 : 0.3) * GRACE_MS;
  const sure = alone ? paceMs : paceMs / 1.25;
  const short = sure * (SPREAD_MS + grace);
  if (short <= SPREAD_MS) return short;
  return sure >= 1 ? Number.POSITIVE_INFINITY : (sure * grace) / (1 - sure);
}

/**
 * How far ahead a worker may reserve if it is owed `owed` milliseconds of account time. Once it is owed `turn` (a share or
 * a request, whichever is more), it may reserve up to the full horizon. The more it had beyond its share, the shorter its
 * horizon, so that those who had least come first when the ledger runs dry. If it was passed over, it may reserve further
 * ahead. Otherwise workers with slow clocks would always be passed over.
 */
export function horizonFor(owed: number, turn: number, crowded: boolean): number {
  const most = HORIZON_MS + Math.min(2, owed / turn - 1) * PASSED_OVER_MS;
  const least = Math.max(0.75 * LOW_MS, LOW_MS + ((HORIZON_MS - LOW_MS) * owed) / turn);
  return near(owed > turn ? most : least, crowded);
}

function near(horizon: number, crowded: boolean): number {
  return crowded ? CROWDED_HORIZON * horizon - LATER_MS : horizon;
}

/** How far ahead a worker may always reserve what it is owed. */
export function mostHorizon(crowded: boolean): number {
  return near(HORIZON_MS, crowded);
}

/** If less than this is promised ahead, a worker that comes takes more than it is owed. */
export function lowMs(crowded: boolean): number {
  return crowded ? 0.2 * LOW_MS - LATER_MS : LOW_MS;
}

/**
 * The part of a request's cost that must be held for the request to start: most of it if a share is less than a request,
 * else half.
 */
export function heldToStart(estimate: number, crowded: boolean): number {
  return crowded ? 0.7 * estimate : estimate / 2;
}

/** How many whole requests `held` allows, by {@link heldToStart}. */
export function wholeRequests(held: number, estimate: number, crowded: boolean): number {
  return Math.max(0, Math.floor((held - heldToStart(estimate, crowded)) / estimate + 1));
}

/** A worker's state at a visit; all but `wanted` and `crowded` in milliseconds of account time. */
export interface Need {
  /** Reserved and unspent, negative in debt. */
  readonly held: number;
  /** Credit that should have been spent by now. A worker that does not keep up asks for less. */
  readonly lag: number;
  /** Fair share not yet taken. */
  readonly owed: number;
  /** Cost of a request. */
  readonly estimate: number;
  /** Requests that there is work for, without those that credit is held for. */
  readonly wanted: number;
  /** A fair share of one visit is less than one request. */
  readonly crowded: boolean;
}

/**
 * How much to reserve, in milliseconds, for a whole number of requests; 0 if nothing is needed. `atLeast`: requests to
 * reserve for even if not owed.
 */
export function spanToReserve({ held, lag, owed, estimate, wanted, crowded }: Need, atLeast = 0): number {
  const remainder = held - wholeRequests(held, estimate, crowded) * estimate;
  const late = Math.max(0, Math.floor(lag / estimate));
  const owedRequests = Math.max(atLeast, Math.floor((owed + remainder) / estimate + 1e-6));
  const requests = Math.min(owedRequests - late, wanted);
  return requests < 1 ? 0 : requests * estimate - remainder;
}

/**
 * For how many requests there is work. These are the requests that wait, plus 1.5 times those that the worker could make
 * until the slice after the next one begins, because requests differ in duration. But they are no more than the worker
 * could make before its credit becomes void. A worker that wants little leaves the rest to the others.
 */
export function wantedRequests(waiting: number, requestsPerMs: number, period: number, span: number): number {
  const valid = Math.max(SPREAD_MS, span) + GRACE_MS;
  return waiting + Math.round(requestsPerMs * Math.min(1.5 * period, 1.05 * valid));
}
