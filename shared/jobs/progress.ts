/** How far a job has come, computed from its record and its units' checkpoints. Pure. */
import { readBytes } from "../capacity/metering/capacityUnits";
import { writtenIn } from "../writing/written";
import { type HeldBack, heldBack, type Ledgers, type Rates } from "./bottleneck";
import { isActive, type Job } from "./job";
import { rateOf } from "./limits";
import type { Unit, UnitCounts } from "./unit";
import { type WritingProgress, writingProgress } from "./writingProgress";

/**
 * The states that need attention come first. `retrying`: its last attempt failed and there was no progress since, or one
 * call of its worker keeps failing; `waiting`: not begun, or between two workers; `cancelled`: like `waiting`, but for
 * good.
 */
export const unitPhases = ["failed", "retrying", "working", "waiting", "cancelled", "done"] as const;
export type UnitPhase = (typeof unitPhases)[number];

export interface UnitProgress {
  readonly unit: number;
  readonly phase: UnitPhase;
  readonly counts: UnitCounts;
  /** The average of the last ten seconds, RCU/s. So the rates of a worker's units add up to its rate, however short they are. */
  readonly rcuPerSecond: number;
  /** The same, WCU/s of the table that the job changes. Absent: it changes none. */
  readonly wcuPerSecond?: number;
  readonly attempts: number;
  readonly result?: unknown;
  /** Why it failed, or why its last attempt did. */
  readonly reason?: string;
  /** When the next attempt is due, milliseconds since the epoch; only for a retrying unit between two attempts. */
  readonly retryAt?: number;
  /** Since when its worker has been retrying one call without success, milliseconds since the epoch. */
  readonly retryingSince?: number;
}

export interface JobProgress extends HeldBack {
  readonly id: string;
  readonly state: Job["state"];
  readonly table: string;
  readonly operation: string;
  readonly units: { readonly total: number } & Readonly<Record<UnitPhase, number>>;
  readonly counts: UnitCounts;
  /** The workers' consumption of the last ten seconds and their limit, RCU/s. Both are 0 for a job that reads no table. */
  readonly rcuPerSecond: number;
  readonly targetRcuPerSecond: number;
  /** Only for a job that changes a table. */
  readonly writing?: WritingProgress;
  /** 0 to 1, estimated from the table's own item count and size; 1 only when all is done. */
  readonly share: number;
  /** Estimated; undefined while there is no progress or no basis for an estimate. */
  readonly secondsLeft?: number;
  /** Since the job was made, until it ended. */
  readonly seconds: number;
  readonly failures: readonly { readonly unit: number; readonly reason: string }[];
  /** Units that are retrying, each with its last error, attempts since its last progress, and the time of the next. */
  readonly retries: readonly Pick<UnitProgress, "unit" | "reason" | "attempts" | "retryAt" | "retryingSince">[];
  readonly result?: unknown;
  /** Why the job failed although no unit did, or why a worker paused it. */
  readonly reason?: string;
}

/** Rates are averages of this time, or of the job's time if that is shorter, milliseconds. */
const WINDOW_MS = 10_000;
const SHORTEST_WINDOW_MS = 1_000;
/** A unit that a worker holds counts as consuming nothing after this long without progress, milliseconds. */
const SILENT_MS = 10_000;
/** The same for a unit between two workers: at a low rate the next one comes up to 20 seconds later. */
const SILENT_BETWEEN_MS = 30_000;
/** The largest share that an unfinished job shows. */
const NEARLY_ALL = 0.99;

export function unitProgress(unit: Unit, job: Pick<Job, "source" | "state" | "createdAt">, now: number): UnitProgress {
  const { number, counts, attempts, result, reason, retryAt, retryingSince, rcuPerSecond, wcuPerSecond } = unit;
  const phase = phaseOf(unit, job, now);
  const written = writtenIn(result)?.consumed.table ?? 0;
  const { windowSeconds, unitSeconds } = recentTime(unit, phase, job, now);
  const lately = (consumed: number, rate: number) =>
    unitSeconds === 0 ? 0 : Math.min(consumed, rate * unitSeconds) / windowSeconds;
  return {
    unit: number,
    phase,
    counts,
    // A unit of one page has no rate yet, or never has one: the limiter doesn't delay a first page.
    rcuPerSecond: lately(counts.rcu, rcuPerSecond === 0 ? Number.POSITIVE_INFINITY : rcuPerSecond),
    ...(wcuPerSecond === undefined ? {} : { wcuPerSecond: lately(written, wcuPerSecond) }),
    attempts,
    ...(result === undefined ? {} : { result }),
    ...(reason === undefined ? {} : { reason }),
    // While an attempt is under way, the record still has its due time.
    ...(retryAt === undefined || phase !== "retrying" || isHeld(unit, now) ? {} : { retryAt }),
    ...(retryingSince === undefined || !isHeld(unit, now) ? {} : { retryingSince }),
  };
}

/**
 * @param units those that were begun, in any order.
 * @param now milliseconds since the epoch.
 * @param ledgers the current ledgers of the job's limits. Default: they weren't read.
 */
export function jobProgress(job: Job, units: readonly UnitProgress[], now: number, ledgers: Ledgers = {}): JobProgress {
  const phases = { retrying: 0, waiting: 0, working: 0, done: 0, failed: 0, cancelled: 0 };
  phases[unheld(job)] = job.units - units.length;
  const counts = { pages: 0, scannedItems: 0, items: 0, rcu: 0 };
  let rcuPerSecond = 0;
  for (const unit of units) {
    phases[unit.phase]++;
    counts.pages += unit.counts.pages;
    counts.scannedItems += unit.counts.scannedItems;
    counts.items += unit.counts.items;
    counts.rcu += unit.counts.rcu;
    rcuPerSecond += unit.rcuPerSecond;
  }
  const share = shareDone(job, phases.done, counts);
  const seconds = ((job.endedAt ?? now) - job.createdAt) / 1000;
  const writing = writingProgress(job, units);
  const rates = { read: rcuPerSecond, write: writing?.wcuPerSecond ?? 0 };
  const used = { read: counts.rcu, write: writing?.dryRun === false ? writing.consumed.table : 0 };
  const byItems = phases.working > 0 && rateOf(job, "read") === 0 ? seconds : undefined;
  const secondsLeft = timeLeft(job, share, used, rates, byItems);
  return {
    id: job.id,
    state: job.state,
    table: job.work.table,
    operation: job.work.operation,
    units: { total: job.units, ...phases },
    counts,
    rcuPerSecond,
    targetRcuPerSecond: rateOf(job, "read"),
    ...(writing === undefined ? {} : { writing }),
    ...heldBack(job, phases, rates, now, ledgers),
    share,
    ...(secondsLeft === undefined ? {} : { secondsLeft }),
    seconds,
    ...(job.reason === undefined ? {} : { reason: job.reason }),
    retries: units
      .filter(({ phase }) => phase === "retrying")
      .map(({ unit, reason, attempts, retryAt, retryingSince }) => ({
        unit,
        attempts,
        ...(retryingSince === undefined ? {} : { retryingSince }),
        ...(reason === undefined ? {} : { reason }),
        ...(retryAt === undefined ? {} : { retryAt }),
      })),
    failures: units.flatMap(({ unit, phase, reason }) => (phase === "failed" ? [{ unit, reason: reason ?? "" }] : [])),
    ...(job.result === undefined ? {} : { result: job.result }),
  };
}

/** Bytes read, from what the pages consumed: up to 4 KB too much for each. */
function bytesOf({ rcu }: UnitCounts, { source }: Pick<Job, "source">): number {
  const strong = "consistentRead" in source && source.consistentRead;
  return readBytes(rcu, strong ? "strong" : "eventual");
}

/** The time over which rates are averaged, and the part of it in which the unit could consume. */
function recentTime(unit: Unit, phase: UnitPhase, job: Pick<Job, "state" | "createdAt">, now: number) {
  const windowMs = Math.min(WINDOW_MS, Math.max(SHORTEST_WINDOW_MS, now - job.createdAt));
  const silentMs = now - unit.updatedAt;
  const endedMs = phase === "done" && isActive(job) ? Math.max(0, windowMs - silentMs) : 0;
  const unitMs = isMoving(phase, unit.counts, job, silentMs) ? windowMs : endedMs;
  return { windowSeconds: windowMs / 1000, unitSeconds: unitMs / 1000 };
}

function isMoving(phase: UnitPhase, { pages }: UnitCounts, job: Pick<Job, "state">, silentMs: number): boolean {
  if (phase === "working") return silentMs < SILENT_MS;
  return phase === "waiting" && pages > 0 && isActive(job) && silentMs < SILENT_BETWEEN_MS;
}

function phaseOf(unit: Unit, job: Pick<Job, "state">, now: number): UnitPhase {
  const { state, reason } = unit;
  if (state !== "active") return state;
  // A reason stays until there is progress, so also while the next attempt is under way.
  if (isHeld(unit, now)) return reason === undefined ? "working" : "retrying";
  return isActive(job) && reason !== undefined ? "retrying" : unheld(job);
}

function isHeld({ owner, leaseUntil = 0 }: Unit, now: number): boolean {
  return owner !== undefined && leaseUntil > now;
}

/** For an unfinished unit that no worker holds. */
function unheld({ state }: Pick<Job, "state">): UnitPhase {
  return state === "cancelled" ? "cancelled" : "waiting";
}

/**
 * The share of the estimated items that were read (of bytes, if only these are known), or the share of units that are
 * done, whichever is more: the estimate may be six hours old.
 */
function shareDone(job: Job, done: number, counts: UnitCounts): number {
  if (job.state === "completed") return 1;
  const { estimatedItems, estimatedBytes, units } = job;
  const byBytes = estimatedBytes > 0 ? bytesOf(counts, job) / estimatedBytes : 0;
  const byEstimate = estimatedItems > 0 ? counts.scannedItems / estimatedItems : byBytes;
  return Math.min(NEARLY_ALL, Math.max(byEstimate, done / units));
}

/**
 * Assumes that the rest costs as much per share as the finished part, at the present rates and never above the job's
 * limits. The direction that is nearest to its limit counts: the other one is slow because it has little to do. For example,
 * later items may need no writes. Undefined while nothing was consumed, or while no worker makes progress.
 *
 * @param seconds time that the finished part took, which decides for a job that consumes nothing. Undefined: don't use it.
 */
function timeLeft(job: Job, share: number, used: Rates, rates: Rates, seconds: number | undefined): number | undefined {
  if (!isActive(job) || share === 0) return undefined;
  const rest = (1 - share) / share;
  const [nearest] = job.limits
    .flatMap(({ direction, limits }) => {
      const rate = Math.min(limits.table, rates[direction]);
      const isUsed = used[direction] > 0 && rate > 0;
      return isUsed ? [{ ofLimit: rate / limits.table, seconds: (used[direction] * rest) / rate }] : [];
    })
    .sort((a, b) => b.ofLimit - a.ofLimit || b.seconds - a.seconds);
  if (nearest !== undefined) return nearest.seconds;
  return seconds === undefined ? undefined : seconds * rest;
}
