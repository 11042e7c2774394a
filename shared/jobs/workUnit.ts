/** The loop over a unit's pages: read, operate, checkpoint. Knows neither queue nor workflow, neither Scan nor export. */
import type { Clock } from "../clock";
import { SluiceError } from "../errors";
import type { Operation, Tools } from "../operations/operation";
import type { Job } from "./job";
import { movingRate } from "./movingRate";
import type { Stretch } from "./protocol";
import type { Source } from "./source";
import type { Checkpoint } from "./stores";
import type { Unit } from "./unit";

export interface WorkUnitOptions {
  readonly job: Job;
  readonly unit: Unit;
  readonly source: Source;
  readonly operation: Operation;
  readonly tools: Tools;
  readonly clock: Clock;
  /** From when on no further page is begun, milliseconds since the epoch. */
  readonly stopAt: number;
  /** Makes progress durable. Rejects when the lease is lost. */
  readonly save: (checkpoint: Checkpoint) => Promise<void>;
}

/**
 * Works page after page until the unit is exhausted, time is short, or the job is paused. One page is under way at a time:
 * after a crash no more than that one is read again. Other units make up for the waiting.
 */
export async function workUnit(options: WorkUnitOptions): Promise<Stretch> {
  const { job, unit, source, operation, tools, clock, stopAt, save } = options;
  let { cursor, counts, result, rcuPerSecond } = unit;
  let before = clock.now();
  let pages = 0;
  while (clock.now() < stopAt) {
    const page = await read(() => source.read(cursor, tools.signal));
    if (page === "paused" || page === "deadline") return { end: "stopped", paused: page === "paused" };
    const position = { job: job.id, unit: unit.number, page: counts.pages };
    const { items, scannedItems, rcu } = page;
    const last = page.cursor === undefined;
    const { source: from, operation: chosen } = job;
    const given = { items, scannedItems, rcu, position, source: from, params: chosen.params, last };
    result = await operation.page(given, result, tools);
    counts = {
      pages: counts.pages + 1,
      scannedItems: counts.scannedItems + scannedItems,
      items: counts.items + items.length,
      rcu: counts.rcu + rcu,
    };
    const now = clock.now();
    const seconds = (now - before) / 1000;
    before = now;
    // Before the first page nothing was waited for: what it cost is waited out after it.
    if (pages > 0) rcuPerSecond = movingRate(rcuPerSecond, rcu, seconds);
    pages++;
    const checkpoint = { cursor: page.cursor, counts, result, rcuPerSecond };
    if (last) return { end: "exhausted", checkpoint };
    await save(checkpoint);
    cursor = page.cursor;
  }
  return { end: "stopped", paused: false };
}

/** A page, or why the limiter lets none through. */
async function read<T>(page: () => Promise<T>): Promise<T | "paused" | "deadline"> {
  try {
    return await page();
  } catch (error) {
    if (error instanceof SluiceError && error.code === "capacity.paused") return "paused";
    if (error instanceof SluiceError && error.code === "capacity.deadline") return "deadline";
    throw error;
  }
}
