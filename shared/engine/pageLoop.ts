/** The loop over a unit's pages: read, operate, checkpoint. It is independent of drivers and of kinds of sources. */
import type { Clock } from "../clock";
import { SluiceError } from "../errors";
import type { Job } from "../jobs/job";
import type { Checkpoint } from "../jobs/stores";
import type { Unit } from "../jobs/unit";
import type { OperationWork, Tools } from "../operations/operation";
import type { Source } from "../sources/source";
import type { Budget } from "./budget";
import { ReadAhead } from "./readAhead";
import { type PageDone, type Progress, UnitProgress } from "./unitProgress";
import type { Stretch } from "./unitWork";

export interface WorkPagesOptions {
  readonly job: Job;
  readonly unit: Unit;
  readonly source: Source;
  readonly operation: OperationWork;
  readonly tools: Tools;
  readonly budget: Pick<Budget, "observe" | "perSecond">;
  readonly clock: Clock;
  /** After this no further page is begun, milliseconds since the epoch. */
  readonly stopAt: number;
  /** Makes progress durable. Rejects when the lease is lost. */
  readonly save: (checkpoint: Checkpoint) => Promise<void>;
  /**
   * Whether this worker should go on, or the job is paused; called after every page except the unit's last. Default: go
   * on.
   */
  readonly goOn?: () => Promise<boolean | "paused">;
  /** Called with the number of further items that failed for good; see unitProgress.ts. Default: nothing. */
  readonly onFailures?: (failures: number) => Promise<void>;
  /** Longest wait for capacity before a page, milliseconds; see unitProgress.ts. Default: none. */
  readonly longestWaitMs?: number;
}

/** Why the limiter lets no page through. */
type Refused =
  | { readonly why: "paused" }
  /**
   * `error`: the page's failure before it waited. `later`: when capacity comes, milliseconds since the epoch. `begun`: the
   * operation was at work on the page.
   */
  | { readonly why: "capacity"; readonly error?: unknown; readonly later?: number; readonly begun?: true };

/**
 * Works page after page until the unit is exhausted, time is short, the job is paused, capacity comes too late, or this
 * worker is not to go on. It operates on one page at a time, so a crash repeats little; see unitProgress.ts.
 *
 * @throws the error of a page, once the pages before it are saved; also if the page failed until its time for capacity was
 *   over and no page succeeded.
 */
export async function workPages(options: WorkPagesOptions): Promise<Stretch> {
  const progress = new UnitProgress(options.unit, options);
  const ahead = new ReadAhead(options);
  try {
    return await workOn(progress, ahead, options);
  } catch (error) {
    throw await progress.saveBefore(error);
  } finally {
    await ahead.end();
  }
}

async function workOn(progress: UnitProgress, ahead: ReadAhead, options: WorkPagesOptions): Promise<Stretch> {
  const { clock, stopAt, goOn = async () => true } = options;
  while (clock.now() < stopAt) {
    const page = await workPage(progress.newest, ahead, options);
    if ("why" in page) return refused(page, progress);
    await progress.add(page);
    if (progress.newest.cursor === undefined) return { end: "exhausted", checkpoint: (await progress.settle())! };
    const on = await goOn();
    if (on !== true) return { end: on === "paused" ? on : "retired", ...(await unsaved(progress)) };
  }
  return { end: "stopped", progressed: progress.pages > 0, waited: false, ...(await unsaved(progress)) };
}

async function refused(page: Refused, progress: UnitProgress): Promise<Stretch> {
  if (page.why === "paused") return { end: "paused", ...(await unsaved(progress)) };
  const { error, later, begun } = page;
  const progressed = progress.pages > 0;
  if (!progressed && error !== undefined) throw error;
  const when = { ...(later !== undefined && { later }), ...(begun && { begun }) };
  return { end: "stopped", progressed, waited: true, ...when, ...(await unsaved(progress)) };
}

async function unsaved(progress: UnitProgress): Promise<{ unsaved?: Checkpoint }> {
  const checkpoint = await progress.settle();
  return checkpoint === undefined ? {} : { unsaved: checkpoint };
}

/**
 * Reads and operates on the page after a checkpoint. This is a separate function, because V8 keeps the variables of a
 * suspended function: in the loop the page would stay in memory while its checkpoint is saved and the next page is read.
 */
async function workPage(from: Progress, ahead: ReadAhead, options: WorkPagesOptions): Promise<PageDone | Refused> {
  const { job, unit, operation, tools, clock } = options;
  const page = await refusable(() => ahead.read(from.cursor));
  if ("why" in page) return page;
  const { items, scannedItems, scannedBytes, rcu, cursor, missing = [], unreadable = [] } = page;
  const others = { ...(missing.length > 0 && { missing }), ...(unreadable.length > 0 && { unreadable }) };
  const position = { job: job.id, unit: unit.number, page: from.counts.pages };
  const { keys, target } = job;
  const about = { ...(keys && { keys }), ...(target && { target }) };
  const shared = { table: job.work.table, params: job.operation.params, ...about };
  const given = { items, ...others, scannedItems, scannedBytes, rcu, position, ...shared, last: cursor === undefined };
  const counts = {
    pages: from.counts.pages + 1,
    scannedItems: from.counts.scannedItems + scannedItems,
    items: from.counts.items + items.length + missing.length + unreadable.length,
    rcu: from.counts.rcu + rcu,
  };
  ahead.begin(cursor);
  const begunAt = clock.now();
  const operate = async () => ({ value: await operation.page(given, from.result, tools) });
  // A page's writes may meet a pause or the deadline. The unit's next worker repeats the page.
  const result = operation.writes ? await refusable(operate) : await operate();
  if ("why" in result) return result.why === "paused" ? result : { ...result, begun: true };
  const ms = clock.now() - begunAt;
  ahead.worked(ms);
  return { progress: { cursor, counts, result: result.value }, items: items.length, ms };
}

/** Does a part of a page, or returns why the limiter refuses one of its requests. */
async function refusable<T extends object>(part: () => Promise<T>): Promise<T | Refused> {
  try {
    return await part();
  } catch (error) {
    const refusal = error instanceof SluiceError ? refusalOf(error) : undefined;
    if (refusal === undefined) throw error;
    return refusal;
  }
}

function refusalOf({ code, value, cause }: SluiceError): Refused | undefined {
  const error = cause === undefined ? {} : { error: cause };
  if (code === "capacity.paused") return { why: "paused" };
  if (code === "capacity.deadline") return { why: "capacity", ...error };
  if (code === "capacity.later") return { why: "capacity", ...error, later: value as number };
  return undefined;
}
