/**
 * The crew of a job is its chains. There are only as many as the rate feeds, because a worker that waits for capacity costs
 * as much as one that reads.
 *
 * Each worker measures two shares over a few seconds: of its time, the part in which it didn't wait for capacity (busy); of
 * the limit, the part that it used (used). If all chains are alike:
 *
 *   need = busy / used        workers like this one that the whole limit keeps busy, however the limit is shared among them
 *   load = chains × busy      workers that are busy now; less than the need if another job uses the limit too
 *
 * - More chains if workers wait little and the need is greater: as many as it takes, with some slack.
 * - Fewer if need or load is so much smaller that errors of measurement can't explain it.
 * - After a change of the rate by a factor, need × factor at once.
 *
 * Between the two lies a range in which the number stays, so that it doesn't follow every measurement. The job's head
 * holds the number of chains. A worker changes it on condition that nobody else has. Chains whose own number is equal
 * to it or above retire.
 */
import type { Clock } from "../clock";
import type { ChainTurn, Driver } from "../drivers/driver";
import type { Chain } from "../jobs/chain";
import type { JobHead } from "../jobs/job";
import type { ChainStore, JobStore } from "../jobs/stores";
import { mayRetire } from "./protocol";
import { firstTurn } from "./turns";

/** How often a worker judges, milliseconds. It measures over the last two such windows. */
const WINDOW_MS = 3_000;
/** If the rate changes sooner than this after a judgement, the measurement before that judgement decides, milliseconds. */
const SHORT_MS = 1_000;
/**
 * Below this share of busy time, more workers don't help. With large pages, workers wait for a quarter of their time even if
 * the limit isn't used up: credit comes evenly, pages don't.
 */
const SATURATED = 0.7;
/**
 * Add chains if they would be busier than `MOST_BUSY`; drop some if the rest would still be less busy than `LEAST_BUSY`.
 * After a change they are busy for `TARGET`.
 */
const MOST_BUSY = 0.95;
const LEAST_BUSY = 0.7;
const TARGET = 0.85;
/**
 * Load is less exact than need, because workers don't get equal shares within seconds. So the need counts as at most this
 * many times the load.
 */
const NEED_BY_LOAD = 1.5;
/** The number of chains grows by at most this factor at once: a measurement of three seconds may mislead. */
const MOST_GROWTH = 4;

export interface Measured {
  /** Share of the time in which the worker didn't wait for capacity, 0 to 1. */
  readonly busy: number;
  /** Share of the limit that this worker used, 0 and more. */
  readonly used: number;
  /** Factor by which the limit has changed since. */
  readonly factor: number;
}

/** The number of chains that fits. @param most workers there can be. */
export function fittingChains(chains: number, { busy, used, factor }: Measured, most: number): number {
  const load = chains * busy;
  const need = used > 0 ? busy / used : Number.POSITIVE_INFINITY;
  const bounded = (wanted: number) => Math.max(1, Math.min(most, MOST_GROWTH * chains, Math.ceil(wanted)));
  if (factor !== 1) {
    const fitting = bounded(((used > 0 ? need : load) * factor) / TARGET);
    return factor > 1 ? Math.max(chains, fitting) : Math.min(chains, fitting);
  }
  if (busy > SATURATED && need > MOST_BUSY * chains) return Math.max(chains, bounded(need / TARGET));
  const least = Math.min(need, NEED_BY_LOAD * load);
  return bounded(least / LEAST_BUSY) < chains ? bounded(least / TARGET) : chains;
}

/** A worker's use of capacity, as sums since the turn began. */
export interface CapacityUse {
  /** Milliseconds in which it waited. */
  readonly waitedMs: number;
  /** Milliseconds of account time it spent; see shared/capacity/metering/limits.ts. */
  readonly spentMs: number;
  /** Capacity units per second that all workers together may consume; undefined if unknown. */
  readonly perSecond: number | undefined;
}

export interface CrewOptions {
  readonly chain: number;
  readonly jobs: Pick<JobStore, "head" | "setChains">;
  readonly chains: Pick<ChainStore, "read">;
  readonly driver: Driver;
  readonly clock: Pick<Clock, "now">;
  readonly use: () => CapacityUse;
  /** Most workers there can be. */
  readonly most: number;
}

interface Moment {
  readonly at: number;
  readonly use: CapacityUse;
}

/** The judgement of one worker, in one turn. */
export class Crew {
  private head: JobHead | undefined;
  /** When it judged last, and the judgement before, from which it measures. */
  private from: Moment | undefined;
  private before: Moment | undefined;
  private measured: Measured | undefined;

  constructor(private readonly options: CrewOptions) {}

  /** Called when the job's head was read. */
  see(head: JobHead): void {
    this.head = head;
  }

  /** Called between two pages. Resolves to false if the chain is one too many; then it retires. */
  async goOn(): Promise<boolean> {
    const { clock, use } = this.options;
    const now = { at: clock.now(), use: use() };
    const { from } = this;
    if (from?.use.perSecond === undefined) this.from = now;
    else if (now.use.perSecond !== from.use.perSecond) await this.changed(from, now);
    else if (now.at - from.at >= WINDOW_MS) {
      const { before = from } = this;
      [this.before, this.from] = [from, now];
      this.measured = measured(before, now);
      await this.judge(this.measured);
    }
    return this.head === undefined || !mayRetire(this.options.chain, this.head);
  }

  /** Called when the rate has changed. */
  private async changed(from: Moment, now: Moment): Promise<void> {
    const since = measured(from, now);
    const { measured: before = since } = this;
    [this.before, this.from] = [undefined, now];
    // Kept for a next change that comes soon.
    this.measured = now.at - from.at < SHORT_MS ? before : since;
    await this.judge({ ...this.measured, factor: since.factor });
  }

  private async judge(measure: Measured): Promise<void> {
    const { jobs, most } = this.options;
    const head = await jobs.head(this.head!.id);
    if (head === undefined) return;
    this.head = head;
    const left = Math.max(1, head.units - head.claimed + head.chains);
    // Chains that have not claimed a unit yet count twice in `left`.
    const wanted = fittingChains(head.chains, measure, Math.min(most, left, head.units));
    if (wanted === head.chains) return;
    if (wanted > head.chains) await this.add(head, wanted);
    if (await jobs.setChains(head, wanted)) this.head = { ...head, chains: wanted };
  }

  /** Sends the messages first. If another worker is quicker, or this one is stopped, too many chains run, and those retire. */
  private async add({ id, chains: from, epoch }: JobHead, to: number): Promise<void> {
    const { chains, driver, chain: own } = this.options;
    const turns: ChainTurn[] = [];
    for (let chain = from; chain < to; chain++) {
      // This chain was one too many, and no longer is.
      if (chain === own) continue;
      turns.push({ job: id, chain, turn: Math.max(nextTurn(await chains.read(id, chain)), firstTurn(epoch)) });
    }
    await driver.dispatch(turns);
  }
}

/**
 * The turn of a message that begins the chain. A worker that holds this chain is one too many and about to retire, and then the
 * turn rises.
 */
export function nextTurn(chain: Chain | undefined): number {
  if (chain === undefined) return 0;
  return chain.owner === undefined ? chain.turn : chain.turn + 1;
}

function measured(from: Moment, to: Moment): Measured {
  const elapsed = Math.max(1, to.at - from.at);
  const share = (ms: number) => Math.max(0, Math.min(1, ms / elapsed));
  const [before, after] = [from.use.perSecond, to.use.perSecond];
  return {
    busy: 1 - share(to.use.waitedMs - from.use.waitedMs),
    used: Math.max(0, to.use.spentMs - from.use.spentMs) / elapsed,
    factor: before === undefined || after === undefined ? 1 : after / before,
  };
}
