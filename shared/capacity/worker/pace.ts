/** The times that shape how workers visit the ledger, and what follows from them. Each number says why it is what it is. */

/** A slice is spent evenly over this long, or in its own time where it is longer. Short, so that a change shows soon. */
export const SPREAD_MS = 250;
/** Unspent credit of a slice stays valid for this long after its spread. */
export const GRACE_MS = 250;
/** A worker comes for its next slice this often after a change, milliseconds. */
export const SHORTEST_PERIOD_MS = 250;
/** One of few workers comes no less often than this, milliseconds, however long nothing has changed. */
export const LONGEST_PERIOD_MS = 1000;
/** Less than the two seconds in which every worker learns of a change, by what a slow ledger takes to answer. */
const LONGEST_SLEEP_MS = 1400;
/** So many workers are few, whatever their requests cost. */
export const FEW_WORKERS = 8;
/** So many are few where requests are large and each worker's share of the longest period holds more than one of them. */
const MOST_FEW_WORKERS = 16;
/** Requests of that many workers are large from this on, milliseconds. */
const FEW_REQUEST_MS = 20;
/** At least so many requests in such a share, or visits race for single requests. */
const FEW_REQUESTS = 1.5;
/** All workers together visit the ledger about this often a second. Leaves half of 500 for joins, returns, corrections. */
export const VISITS_PER_SECOND = 212;
/** First visits of workers that join together: fewer a second, because each has just cost a join. */
const FIRST_VISITS_PER_SECOND = 120;
/** Therefore the first slice is larger than a fair share by this. */
export const FIRST_SHARE = VISITS_PER_SECOND / FIRST_VISITS_PER_SECOND;
/** How long before its next slice should start a worker reserves it: ledger latency and clock skew, with margin. */
export const LEAD_MS = 150;
/** Nobody reserves when capacity is promised further ahead than this. */
export const HORIZON_MS = 200;
/**
 * Where a fair share is less than a request, only this part of that: visits are many for each request, and the less is
 * promised ahead, the sooner a request that costs more than estimated holds up others, and the less is given back late.
 */
const CROWDED_HORIZON = 0.35;
/**
 * Where a fair share is less than a request, a slice may have begun this long ago: its request starts half a spread after
 * the slice's start, so nothing is late yet, and what a worker that left has given back is not lost.
 */
export const PAST_MS = 100;
/** There all workers reserve this much later than elsewhere, for the same reasons. */
const LATER_MS = 60;
/** Further ahead by this for each turn that a worker missed: as much as clocks may differ. */
const PASSED_OVER_MS = 50;
/** Below this much promised ahead the ledger is running dry, and every worker with work takes more than its share. */
export const LOW_MS = 100;
/** What the first request of a job, whose cost nobody knows, reserves. Corrected as soon as it is done. */
export const PROBE_MS = 1000;
/** While the ledger is paused, a worker that waits or is asked looks about this often whether it goes on. */
export const PAUSED_LOOK_MS = 1000;
/** So long before all that is promised is used up, one of few workers looks whether the others come, milliseconds. */
export const CHECK_MS = 80;
/** A worker that needs nothing looks at the ledger all the same after this long, milliseconds. */
export const LOOK_MS = 1000;
/** And thinks about what it needs after this long, milliseconds, unless a request has to wait before. */
export const CONTENT_MS = 20;
/** A worker that could not reach the ledger tries again after this long, milliseconds. */
export const RETRY_MS = 1000;

/**
 * Whether so many workers are few, whose visits grow rare while nothing changes. The visits of more than eight cost little compared
 * to a rate that can feed them, unless it feeds them with large requests: then they are what the job's ledger costs.
 * `cost`: of a request, milliseconds of account time; 0 while nobody knows.
 */
export function areFew(workers: number, cost: number): boolean {
  if (workers <= FEW_WORKERS) return true;
  const large = cost >= FEW_REQUEST_MS && FEW_REQUESTS * cost * workers <= LONGEST_PERIOD_MS;
  return workers <= MOST_FEW_WORKERS && large;
}

/** How often, in milliseconds, each of `workers` may visit the ledger. */
export function visitGapMs(workers: number): number {
  return (1000 * workers) / VISITS_PER_SECOND;
}

/**
 * A worker that waits sleeps no longer than this, however far ahead capacity is promised: up to 400 workers so that each
 * learns within two seconds what an operator changed.
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
 * The largest slice that a worker can spend in time, in milliseconds, that could spend `paceMs` of account time in each
 * millisecond: a slice lasts {@link SPREAD_MS}, or as long as itself where that is longer, and most of its grace.
 */
export function longestSpanMs(paceMs: number, alone: boolean): number {
  const grace = (alone ? 0.6 : 0.3) * GRACE_MS;
  const sure = alone ? paceMs : paceMs / 1.25;
  const short = sure * (SPREAD_MS + grace);
  if (short <= SPREAD_MS) return short;
  return sure >= 1 ? Number.POSITIVE_INFINITY : (sure * grace) / (1 - sure);
}

/**
 * How far ahead a worker may reserve that is owed `owed` milliseconds of account time: the full horizon once it is owed
 * `turn` (a share or a request, whichever is more), less the more it had beyond its share, so that those who had least come
 * first when the ledger runs dry; and more when it was passed over, or workers whose clocks are slow would always be.
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

/** Less than this promised ahead: whoever comes takes more than it is owed. */
export function lowMs(crowded: boolean): number {
  return crowded ? 0.2 * LOW_MS - LATER_MS : LOW_MS;
}

/** How much of a request must be held for it to start: most of it where a share is less than a request, else half. */
export function heldToStart(estimate: number, crowded: boolean): number {
  return crowded ? 0.7 * estimate : estimate / 2;
}

/** How many whole requests `held` is good for, by {@link heldToStart}. */
export function wholeRequests(held: number, estimate: number, crowded: boolean): number {
  return Math.max(0, Math.floor((held - heldToStart(estimate, crowded)) / estimate + 1));
}

/** A worker's books at a visit; all but `wanted` and `crowded` in milliseconds of account time. */
export interface Need {
  /** Reserved and unspent, negative in debt. */
  readonly held: number;
  /** Credit that should have been spent by now: who does not keep up asks for less. */
  readonly lag: number;
  /** Fair share not yet taken. */
  readonly owed: number;
  /** Cost of a request. */
  readonly estimate: number;
  /** Requests there is work for, those that are held for left out. */
  readonly wanted: number;
  /** A fair share of one visit is less than one request. */
  readonly crowded: boolean;
}

/**
 * How much to reserve, in milliseconds, so that whole requests come out even; 0 when nothing is needed. `atLeast`:
 * requests to reserve for even if not owed.
 */
export function spanToReserve({ held, lag, owed, estimate, wanted, crowded }: Need, atLeast = 0): number {
  const remainder = held - wholeRequests(held, estimate, crowded) * estimate;
  const late = Math.max(0, Math.floor(lag / estimate));
  const owedRequests = Math.max(atLeast, Math.floor((owed + remainder) / estimate + 1e-6));
  const requests = Math.min(owedRequests - late, wanted);
  return requests < 1 ? 0 : requests * estimate - remainder;
}

/**
 * For how many requests there is work: those that wait, and as many as the worker could make until the slice after the
 * next one begins, and half as many again, as no two requests take equally long; but no more than it could make before
 * credit becomes void. A worker that wants little leaves the rest to the others.
 */
export function wantedRequests(waiting: number, requestsPerMs: number, period: number, span: number): number {
  const valid = Math.max(SPREAD_MS, span) + GRACE_MS;
  return waiting + Math.round(requestsPerMs * Math.min(1.5 * period, 1.05 * valid));
}
