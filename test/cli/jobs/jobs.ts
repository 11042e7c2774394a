import type { Snapshot } from "../../../cli/jobs/snapshot";
import type { LedgerState } from "../../../shared/jobs/bottleneck";
import type { Job, JobLimit } from "../../../shared/jobs/job";
import { jobProgress, unitProgress } from "../../../shared/jobs/progress";
import type { Unit } from "../../../shared/jobs/unit";
import { sampleJob } from "../../support/sampleJob";

/** 2025-11-22 10:12:00Z, when the jobs here were made. */
export const CREATED = Date.UTC(2025, 10, 22, 10, 12);
export const NOW = CREATED + 63_000;

/** Limits of so many read capacity units per second. */
export function reading(rcu: number): JobLimit[] {
  return [{ direction: "read", table: "surveys", limits: { table: rcu } }];
}

/** A running count of 4 units over 20,000 items, at 100 RCU/s. */
export function job(overrides: Partial<Job> = {}): Job {
  const estimate = { estimatedItems: 20_000, estimatedBytes: 8_000_000 };
  const source = { kind: "table", table: "surveys", consistentRead: false } as const;
  const work = { operation: "count", table: "surveys" };
  const limits = reading(100);
  return sampleJob({ id: "nightly", work, source, limits, units: 4, ...estimate, createdAt: CREATED, ...overrides });
}

/** A unit that a worker holds now, 2,100 items in. The last ten seconds' average is its whole consumption, 10.6 RCU/s. */
export function unit(overrides: Partial<Unit> = {}): Unit {
  return {
    number: 0,
    state: "active",
    turn: 1,
    owner: "worker",
    leaseUntil: NOW + 60_000,
    attempts: 1,
    counts: { pages: 2, scannedItems: 2_100, items: 2_100, rcu: 105.5 },
    rcuPerSecond: 24.6,
    updatedAt: NOW - 500,
    ...overrides,
  };
}

/** The fields of a unit whose second attempt failed. */
export const retrying = {
  owner: undefined,
  leaseUntil: undefined,
  attempts: 2,
  reason: "ThrottlingException: Rate exceeded",
  retryAt: NOW + 12_000,
} as unknown as Partial<Unit>;

/** A job as it stood at NOW. */
export function snapshot(
  of: Partial<Job>,
  units: Partial<Unit>[],
  at = NOW,
  read?: LedgerState,
  write?: LedgerState,
): Snapshot {
  const record = job(of);
  const progress = units.map((overrides) => unitProgress(unit(overrides), record, at));
  return {
    job: record,
    units: progress,
    progress: jobProgress(record, progress, at, { ...(read && { read }), ...(write && { write }) }),
    at,
  };
}
