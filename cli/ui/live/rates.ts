/**
 * A job's consumption of the limits of its table and each index, from its record, its units' records and its ledgers.
 * Pure.
 */
import { factorAt } from "../../../shared/capacity/ledger/throttle";
import type { Consumption } from "../../../shared/capacity/metering/consumption";
import { type Direction, purposeOf } from "../../../shared/capacity/metering/direction";
import type { Ledgers } from "../../../shared/jobs/bottleneck";
import type { Job, JobLimit } from "../../../shared/jobs/job";
import type { JobProgress } from "../../../shared/jobs/progress";
import type { Sample, Series } from "../contract";

/** One look at a job. */
export interface Look {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly job: Job;
  readonly progress: JobProgress;
  readonly ledgers: Ledgers;
}

/** The time over which the rate of an index is measured, milliseconds: checkpoints come about once a second and unevenly. */
const WINDOW_MS = 10_000;

/** The lines of a job's plot: each limit's table, and every index that was written to or has a limit of its own. */
export function seriesOf({ job, progress }: Pick<Look, "job" | "progress">): Series[] {
  return job.limits.flatMap((limit) => [
    { key: purposeOf(limit), label: tableLabel(job, limit), direction: limit.direction },
    ...indexesOf(limit, progress).map((index) => ({
      key: indexKey(limit.direction, index),
      label: `${verb(limit.direction)} index ${index}`,
      direction: limit.direction,
    })),
  ]);
}

/**
 * Rates at one look. For writes, an index has only a sum so far. So its rate is the table's rate, times the index's recent
 * consumption for each unit of the table.
 *
 * @param before earlier looks, the oldest first
 */
export function sampleOf(look: Look, before: readonly Look[]): Sample {
  const { job, progress, ledgers, at } = look;
  const consumed: Record<string, number> = {};
  const limit: Record<string, number> = {};
  for (const each of job.limits) {
    const { direction, limits } = each;
    const purpose = purposeOf(each);
    const ledger = ledgers[purpose];
    const factor = ledger === undefined ? 1 : factorAt(ledger, at);
    const rate = purpose === "lookup" ? lookupRate(look, before[0]) : rateOf(progress, direction);
    consumed[purpose] = rate;
    limit[purpose] = factor * limits.table;
    for (const index of indexesOf(each, progress)) {
      const key = indexKey(direction, index);
      consumed[key] = rate * perTableUnit(index, look, before);
      limit[key] = factor * (limits.indexes?.[index] ?? limits.table);
    }
  }
  return { at, consumed, limit };
}

/** The looks that a later sample needs: those in the window, and the one before it. */
export function recentLooks(looks: readonly Look[], now: number): Look[] {
  const first = looks.findLastIndex(({ at }) => at <= now - WINDOW_MS);
  return looks.slice(Math.max(0, first));
}

function rateOf({ rcuPerSecond, writing }: JobProgress, direction: Direction): number {
  return direction === "read" ? rcuPerSecond : (writing?.wcuPerSecond ?? 0);
}

/** Of lookups there is only a sum so far. */
function lookupRate({ progress, at }: Look, before: Look | undefined): number {
  const then = before?.progress.writing?.lookups?.rcu;
  const now = progress.writing?.lookups?.rcu;
  return before === undefined || then === undefined || now === undefined
    ? 0
    : (1_000 * (now - then)) / (at - before.at);
}

function tableLabel(job: Job, { direction, purpose, table }: JobLimit): string {
  if (purpose === "lookup") return `Lookups in table ${table}`;
  const index = direction === "read" ? job.work.index : undefined;
  return `${verb(direction)} ${index === undefined ? `table ${table}` : `index ${index}`}`;
}

const verb = (direction: Direction) => (direction === "read" ? "Reads of" : "Writes to");
const indexKey = (direction: Direction, index: string) => `${direction} ${index}`;

function indexesOf({ direction }: JobLimit, { writing }: JobProgress): string[] {
  return direction === "write" ? Object.keys(writing?.consumed.indexes ?? {}) : [];
}

/** Capacity units of an index for each one of the table: recently, or in all if nothing is recent. */
function perTableUnit(index: string, look: Look, before: readonly Look[]): number {
  const now = consumedBy(look);
  const then = consumedBy(before[0]);
  const lately = ratio(ofIndex(now, index) - ofIndex(then, index), now.table - then.table);
  return lately ?? ratio(ofIndex(now, index), now.table) ?? 0;
}

function consumedBy(look: Look | undefined): Consumption {
  return look?.progress.writing?.consumed ?? { table: 0 };
}

function ofIndex({ indexes = {} }: Consumption, index: string): number {
  return indexes[index] ?? 0;
}

function ratio(part: number, whole: number): number | undefined {
  return whole > 0 ? part / whole : undefined;
}
