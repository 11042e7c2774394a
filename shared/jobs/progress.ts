/** How far a job has come, computed from its record and its units' checkpoints. Pure. */
import { readBytes } from "../capacity/metering/capacityUnits";
import { isActive, type Job } from "./job";
import { rateOf } from "./rate";
import type { Unit, UnitCounts } from "./unit";

/** Those worth a look come first. `waiting`: not begun, or between two workers; `cancelled`: the same, and for good. */
export const unitPhases = ["failed", "working", "waiting", "cancelled", "done"] as const;
export type UnitPhase = (typeof unitPhases)[number];

export interface UnitProgress {
  readonly unit: number;
  readonly phase: UnitPhase;
  readonly counts: UnitCounts;
  /** Bytes read, from what the pages consumed: up to 4 KB too much for each. */
  readonly bytes: number;
  readonly rcuPerSecond: number;
  readonly attempts: number;
  readonly result?: unknown;
  /** Why it failed, or why its last attempt did. */
  readonly reason?: string;
}

export interface JobProgress {
  readonly id: string;
  readonly state: Job["state"];
  readonly table: string;
  readonly operation: string;
  readonly units: { readonly total: number } & Readonly<Record<UnitPhase, number>>;
  readonly counts: UnitCounts;
  /** Bytes read, from what the pages consumed: up to 4 KB too much for each. */
  readonly bytes: number;
  /** What the workers consume now and what they may, RCU/s. */
  readonly rcuPerSecond: number;
  readonly targetRcuPerSecond: number;
  /** 0 to 1, estimated from the table's own item count and size; 1 only when all is done. */
  readonly share: number;
  /** Estimated; undefined while nothing moves or nothing can be said. */
  readonly secondsLeft?: number;
  /** Since the job was made, until it ended. */
  readonly seconds: number;
  readonly failures: readonly { readonly unit: number; readonly reason: string }[];
  readonly result?: unknown;
  /** Why the job failed although its units did not. */
  readonly reason?: string;
}

/** A unit that was not heard of for so long is not consuming anything, milliseconds. */
const SILENT_MS = 10_000;
/** What a job that is not done shows at most. */
const NEARLY_ALL = 0.99;

export function unitProgress(unit: Unit, job: Pick<Job, "source" | "state">, now: number): UnitProgress {
  const { number, counts, attempts, result, reason, rcuPerSecond, updatedAt } = unit;
  const phase = phaseOf(unit, job, now);
  const moving = phase === "working" && now - updatedAt < SILENT_MS;
  return {
    unit: number,
    phase,
    counts,
    bytes: bytesOf(counts, job),
    rcuPerSecond: moving ? rcuPerSecond : 0,
    attempts,
    ...(result === undefined ? {} : { result }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** `units`: those that were begun, in any order. `now`: milliseconds since the epoch. */
export function jobProgress(job: Job, units: readonly UnitProgress[], now: number): JobProgress {
  const phases = { waiting: 0, working: 0, done: 0, failed: 0, cancelled: 0 };
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
  const secondsLeft = timeLeft(job, share, counts.rcu, rcuPerSecond);
  return {
    id: job.id,
    state: job.state,
    table: job.source.table,
    operation: job.operation.name,
    units: { total: job.units, ...phases },
    counts,
    bytes: bytesOf(counts, job),
    rcuPerSecond,
    targetRcuPerSecond: rateOf(job.limits),
    share,
    ...(secondsLeft === undefined ? {} : { secondsLeft }),
    seconds: ((job.endedAt ?? now) - job.createdAt) / 1000,
    ...(job.reason === undefined ? {} : { reason: job.reason }),
    failures: units.flatMap(({ unit, phase, reason }) => (phase === "failed" ? [{ unit, reason: reason ?? "" }] : [])),
    ...(job.result === undefined ? {} : { result: job.result }),
  };
}

function bytesOf({ rcu }: UnitCounts, { source }: Pick<Job, "source">): number {
  return readBytes(rcu, source.consistentRead ? "strong" : "eventual");
}

function phaseOf({ state, owner, leaseUntil = 0 }: Unit, job: Pick<Job, "state">, now: number): UnitPhase {
  if (state !== "active") return state;
  return owner !== undefined && leaseUntil > now ? "working" : unheld(job);
}

/** Of an unfinished unit that no worker holds. */
function unheld({ state }: Pick<Job, "state">): UnitPhase {
  return state === "cancelled" ? "cancelled" : "waiting";
}

/**
 * Items read by items estimated (or bytes by bytes, where only these are known), or units done by units where that says
 * more: the estimate is up to six hours old.
 */
function shareDone(job: Job, done: number, counts: UnitCounts): number {
  if (job.state === "completed") return 1;
  const { estimatedItems, estimatedBytes, units } = job;
  const byBytes = estimatedBytes > 0 ? bytesOf(counts, job) / estimatedBytes : 0;
  const byEstimate = estimatedItems > 0 ? counts.scannedItems / estimatedItems : byBytes;
  return Math.min(NEARLY_ALL, Math.max(byEstimate, done / units));
}

/**
 * What is left costs as much per share as what is done, at the present rate; never faster than the job may, and at that rate
 * while nothing can be told yet of its own.
 */
function timeLeft(job: Job, share: number, rcu: number, rcuPerSecond: number): number | undefined {
  if (!isActive(job) || share === 0) return undefined;
  const most = rateOf(job.limits);
  const rate = rcuPerSecond === 0 ? most : Math.min(most, rcuPerSecond);
  return ((rcu / share) * (1 - share)) / rate;
}
