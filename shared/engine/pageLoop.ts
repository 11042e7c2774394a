/** The loop over a unit's pages: read, operate, checkpoint. Knows neither queue nor workflow, neither Scan nor export. */
import type { Clock } from "../clock";
import { SluiceError } from "../errors";
import type { Job } from "../jobs/job";
import type { Checkpoint } from "../jobs/stores";
import type { Unit } from "../jobs/unit";
import type { Operation, Tools } from "../operations/operation";
import type { Source } from "../sources/source";
import type { Budget } from "./budget";
import { movingRate } from "./movingRate";
import type { Stretch } from "./unitWork";

export interface WorkPagesOptions {
  readonly job: Job;
  readonly unit: Unit;
  readonly source: Source;
  readonly operation: Operation;
  readonly tools: Tools;
  readonly budget: Pick<Budget, "observe">;
  readonly clock: Clock;
  /** When no further page is begun, milliseconds since the epoch. */
  readonly stopAt: number;
  /** Makes progress durable. Rejects when the lease is lost. */
  readonly save: (checkpoint: Checkpoint) => Promise<void>;
  /** Asked after every page but the unit's last; false ends the stretch as `retired`. Default: go on. */
  readonly goOn?: () => Promise<boolean>;
}

/** A checkpoint without its rate. */
type Progress = Omit<Checkpoint, "rcuPerSecond">;

/** Why the limiter lets no page through. `error`: what the page had failed with before it waited. */
type Refused = { readonly why: "paused" } | { readonly why: "capacity"; readonly error?: unknown };

/**
 * Works page after page until the unit is exhausted, time is short, or the job is paused. One page is under way at a time:
 * after a crash no more than that one is read again. Other units make up for the waiting.
 *
 * @throws what a page failed with, also where it failed until the time for capacity was over and no page succeeded.
 */
export async function workPages(options: WorkPagesOptions): Promise<Stretch> {
  const { clock, stopAt, save } = options;
  const { cursor, counts, result, rcuPerSecond: rate } = options.unit;
  let checkpoint: Checkpoint = { cursor, counts, result, rcuPerSecond: rate };
  let before = clock.now();
  let pages = 0;
  while (clock.now() < stopAt) {
    const progress = await workPage(checkpoint, options);
    if ("why" in progress) {
      if (progress.why === "paused") return { end: "paused" };
      if (pages === 0 && progress.error !== undefined) throw progress.error;
      return { end: "stopped", progressed: pages > 0, waited: true };
    }
    const now = clock.now();
    const seconds = (now - before) / 1000;
    before = now;
    let { rcuPerSecond } = checkpoint;
    // No wait precedes the first page; the loop waits out its cost afterwards.
    if (pages > 0) rcuPerSecond = movingRate(rcuPerSecond, progress.counts.rcu - checkpoint.counts.rcu, seconds);
    pages++;
    checkpoint = { ...progress, rcuPerSecond };
    if (checkpoint.cursor === undefined) return { end: "exhausted", checkpoint };
    await save(checkpoint);
    if ((await options.goOn?.()) === false) return { end: "retired" };
  }
  return { end: "stopped", progressed: pages > 0, waited: false };
}

/**
 * Reads and operates on the page after a checkpoint. A function of its own, because V8 keeps the variables of a suspended
 * function: in the loop the page would stay in memory while its checkpoint is saved and the next one read.
 */
async function workPage(from: Progress, options: WorkPagesOptions): Promise<Progress | Refused> {
  const { job, unit, source, operation, tools, budget, clock } = options;
  const page = await read(() => source.read(from.cursor, tools.signal));
  if ("why" in page) return page;
  const { items, scannedItems, scannedBytes, rcu, cursor } = page;
  const position = { job: job.id, unit: unit.number, page: from.counts.pages };
  const shared = { table: job.work.table, params: job.operation.params };
  const given = { items, scannedItems, scannedBytes, rcu, position, ...shared, last: cursor === undefined };
  const counts = {
    pages: from.counts.pages + 1,
    scannedItems: from.counts.scannedItems + scannedItems,
    items: from.counts.items + items.length,
    rcu: from.counts.rcu + rcu,
  };
  const begunAt = clock.now();
  const result = await operation.page(given, from.result, tools);
  budget.observe(items.length, clock.now() - begunAt);
  return { cursor, counts, result };
}

/** A page, or why the limiter lets none through. */
async function read<T extends object>(page: () => Promise<T>): Promise<T | Refused> {
  try {
    return await page();
  } catch (error) {
    if (error instanceof SluiceError && error.code === "capacity.paused") return { why: "paused" };
    if (error instanceof SluiceError && error.code === "capacity.deadline") {
      return { why: "capacity", ...(error.cause === undefined ? {} : { error: error.cause }) };
    }
    throw error;
  }
}
