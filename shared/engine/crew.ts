/**
 * How many chains work on a job: as many as its rate feeds. A worker that waits for capacity costs as much as one that reads.
 *
 * Each worker measures for a few seconds which part of its time it did not wait for capacity, and how much of the limit it used. With
 * `chains` alike:
 *
 *   load = chains × busy share          workers that the present rate keeps busy
 *   used = chains × used share          part of the limit that is in use
 *
 * - More chains, where workers hardly wait and less than the limit is in use: chains / used.
 * - Fewer, where the load fits into fewer.
 * - After a change of the rate by a factor, load × factor at once.
 *
 * The number of chains is in the job's head. Whoever changes it does so on condition that nobody else has; chains whose number is
 * not below it retire.
 */
import type { Clock } from "../clock";
import type { ChainTurn, Driver } from "../drivers/driver";
import type { JobHead } from "../jobs/job";
import type { ChainStore, JobStore } from "../jobs/stores";
import { mayRetire } from "./protocol";
import { firstTurn } from "./turns";

/** For how long a worker measures before it judges, milliseconds. */
const WINDOW_MS = 3_000;
/** Workers that are busy for more than this part of their time may be too few. */
const SATURATED = 0.9;
/** After a change of the rate within a shorter time than this, the measurement before it decides, milliseconds. */
const SHORT_MS = 1_000;
/** The limit counts as used from here on. */
const USED = 0.96;
/** How busy workers are to be after a change: with some slack for the differences between them. */
const TARGET = 0.85;
/** Fewer chains only where these are not busier than that. */
const TARGET_OF_FEWER = 0.9;
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
  const bounded = (wanted: number) => Math.max(1, Math.min(most, MOST_GROWTH * chains, Math.ceil(wanted)));
  if (factor > 1) return Math.max(chains, bounded((load * factor) / TARGET));
  if (factor < 1) return Math.min(chains, bounded((load * factor) / TARGET));
  const allUsed = chains * used;
  if (busy > SATURATED && allUsed < USED) return Math.max(chains, bounded(chains / Math.max(allUsed, 1 / MOST_GROWTH)));
  return Math.min(chains, bounded(load / TARGET_OF_FEWER));
}

/** RCU/s that one worker reaches by itself, cautiously; see `npm run bench -- worker-memory`. */
export const RCU_PER_WORKER = 500;

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

/** The judgement of one worker, in one turn. */
export class Crew {
  private head: JobHead | undefined;
  private from: { readonly at: number; readonly use: CapacityUse } | undefined;
  private before: Measured | undefined;

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
    else if (now.at - from.at >= WINDOW_MS || now.use.perSecond !== from.use.perSecond) {
      this.from = now;
      const found = measured(from, now);
      const { before = found } = this;
      await this.judge(now.at - from.at < SHORT_MS ? { ...before, factor: found.factor } : found);
      this.before = found;
    }
    return this.head === undefined || !mayRetire(this.options.chain, this.head);
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

function measured(
  from: { readonly at: number; readonly use: CapacityUse },
  to: { readonly at: number; readonly use: CapacityUse },
): Measured {
  const elapsed = Math.max(1, to.at - from.at);
  const share = (ms: number) => Math.max(0, Math.min(1, ms / elapsed));
  const [before, after] = [from.use.perSecond, to.use.perSecond];
  return {
    busy: 1 - share(to.use.waitedMs - from.use.waitedMs),
    used: Math.max(0, to.use.spentMs - from.use.spentMs) / elapsed,
    factor: before === undefined || after === undefined ? 1 : after / before,
  };
}
