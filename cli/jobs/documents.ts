/** What `--json` prints about jobs: times as ISO 8601, and no fields that only workers need. Pure. */
import type { AuditEntry } from "../../shared/jobs/audit";
import { driverOf, type Job, type JobHead } from "../../shared/jobs/job";
import type { JobProgress, UnitProgress } from "../../shared/jobs/progress";
import { timestamp } from "../text/json";
import type { Snapshot } from "./snapshot";

/** A job in a list. */
export function headDocument(head: JobHead) {
  const { epoch: _epoch, claimed: _claimed, chains: _chains, announced: _announced, usage: _usage, ...shown } = head;
  const { createdAt, resumedAt, endedAt, expiresAt } = head;
  return {
    ...shown,
    driver: driverOf(head),
    createdAt: timestamp(createdAt),
    ...(resumedAt === undefined ? {} : { resumedAt: timestamp(resumedAt) }),
    ...(endedAt === undefined ? {} : { endedAt: timestamp(endedAt) }),
    // DynamoDB expires records by seconds.
    ...(expiresAt === undefined ? {} : { expiresAt: timestamp(expiresAt * 1_000) }),
  };
}

/** An entry of a job's audit list. */
export function auditDocument({ at, ...entry }: AuditEntry) {
  return { at: timestamp(at), ...entry };
}

/** A job as it stood at one moment, with its progress and its units. */
export function snapshotDocument({ job, progress, units, at }: Snapshot) {
  const { source, operation, keys } = job;
  return {
    at: timestamp(at),
    job: { ...headDocument(headOf(job)), source, operation, ...(keys && { keys }) },
    progress: withRetries(progress),
    units: units.map(withTimes),
  };
}

/** The job without the fields that only its own record has. */
function headOf({ identity: _identity, target: _target, targetIdentity: _targetIdentity, ...head }: Job): JobHead {
  return head;
}

/** The progress alone. */
export function progressDocument({ progress, at }: Pick<Snapshot, "progress" | "at">) {
  return { at: timestamp(at), ...withRetries(progress) };
}

function withRetries({ retries, ...progress }: JobProgress) {
  return { ...progress, retries: retries.map(withTimes) };
}

function withTimes<Timed extends Pick<UnitProgress, "retryAt" | "retryingSince">>(unit: Timed) {
  const { retryAt, retryingSince, ...rest } = unit;
  return {
    ...rest,
    ...(retryAt === undefined ? {} : { retryAt: timestamp(retryAt) }),
    ...(retryingSince === undefined ? {} : { retryingSince: timestamp(retryingSince) }),
  };
}
