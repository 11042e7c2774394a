/**
 * How many chains work on a job: as many as its rate feeds. A worker that waits for capacity costs as much as one that reads.
 *
 * Each worker measures for a few seconds which part of its time it did not wait for capacity (busy), and which part of the limit
 * it used (used). With `chains` alike:
 *
 *   need = busy / used        workers like this one that the whole limit keeps busy, however the limit is shared among them
 *   load = chains × busy      workers that are busy now; less than the need where another job uses the limit too
 *
 * - More chains, where workers wait little and the need is greater: as many as it takes, with some slack.
 * - Fewer, where need or load are so much smaller that measuring cannot be the reason.
 * - After a change of the rate by a factor, need × factor at once.
 *
 * Between more and fewer lies a range in which the number stays, so that it does not go up and down with what is measured.
 * The number of chains is in the job's head. Whoever changes it does so on condition that nobody else has; chains whose number is
 * not below it retire.
 */
import { RCU_PER_WORKER } from "../capacity/metering/workerSpeed";
import type { Clock } from "../clock";
import type { ChainTurn, Driver } from "../drivers/driver";
import type { JobHead } from "../jobs/job";
import type { ChainStore, JobStore } from "../jobs/stores";
import { mayRetire } from "./protocol";
import { firstTurn } from "./turns";

/** How often a worker judges, milliseconds. It goes by the last two of these times. */
const WINDOW_MS = 3_000;
/** After a change of the rate within a shorter time than this, the measurement before it decides, milliseconds. */
const SHORT_MS = 1_000;
/**
 * Workers that are less busy don't need more of their kind. Even while the limit is not used up they wait for a quarter of their time
 * where pages are large: credit comes evenly, pages don't.
 */
const SATURATED = 0.7;
/** More chains, where these were busier than that; fewer, where fewer would not be. Busy so much after a change. */
const MOST_BUSY = 0.95;
const LEAST_BUSY = 0.7;
const TARGET = 0.85;
/** Load is measured worse than need, because workers don't get equal shares within seconds: by so much the need is greater at most. */
const NEED_BY_LOAD = 1.5;
/** Not more than this many times as many at once: a measurement of three seconds may deceive. */
const MOST_GROWTH = 4;

export interface Measured {
  /** Part of the time in which the worker did not wait for capacity, 0 to 1. */
  readonly busy: number;
  /** Part of the limit that this worker used, 0 and more. */
  readonly used: number;
  /** By which factor the limit has changed since. */
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

/** With how many chains a job begins. @param perSecond capacity units per second that it may consume. */
export function firstChains(perSecond: number, units: number, most: number): number {
  return Math.max(1, Math.min(units, most, Math.ceil(perSecond / RCU_PER_WORKER)));
}

/** What a worker knows of its capacity, as sums since the turn began. */
export interface CapacityUse {
  /** Milliseconds in which it waited. */
  readonly waitedMs: number;
  /** Milliseconds of account time it spent; see shared/capacity/metering/limits.ts. */
  readonly spentMs: number;
  /** Capacity units per second that all workers together may consume; undefined: not known. */
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
  /** When it judged last, and from when on it measures: the time before that. */
  private from: Moment | undefined;
  private before: Moment | undefined;
  private measured: Measured | undefined;

  constructor(private readonly options: CrewOptions) {}

  /** The job's head was read. */
  see(head: JobHead): void {
    this.head = head;
  }

  /** Called between two pages. False: the chain is one too many, and retires. */
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

  /** The rate is another one. */
  private async changed(from: Moment, now: Moment): Promise<void> {
    const since = measured(from, now);
    const { measured: before = since } = this;
    [this.before, this.from] = [undefined, now];
    // What the next change goes by, if it comes soon.
    this.measured = now.at - from.at < SHORT_MS ? before : since;
    await this.judge({ ...this.measured, factor: since.factor });
  }

  private async judge(measure: Measured): Promise<void> {
    const { jobs, most } = this.options;
    const head = await jobs.head(this.head!.id);
    if (head === undefined) return;
    this.head = head;
    const left = Math.max(1, head.units - head.claimed + head.chains);
    const wanted = fittingChains(head.chains, measure, Math.min(most, left));
    if (wanted === head.chains) return;
    if (wanted > head.chains) await this.add(head, wanted);
    if (await jobs.setChains(head, wanted)) this.head = { ...head, chains: wanted };
  }

  /** The messages first: where somebody else is quicker, or this worker is stopped, there are chains too many, which retire. */
  private async add({ id, chains: from, epoch }: JobHead, to: number): Promise<void> {
    const { chains, driver } = this.options;
    const turns: ChainTurn[] = [];
    for (let chain = from; chain < to; chain++) {
      const before = await chains.read(id, chain);
      turns.push({ job: id, chain, turn: Math.max(before?.turn ?? 0, firstTurn(epoch)) });
    }
    await driver.dispatch(turns);
  }
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
