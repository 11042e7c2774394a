import { setTimeout as sleep } from "node:timers/promises";
import type { ChildCloud } from "../../local/childCloud";
import { isActive } from "../../shared/jobs/job";
import { limitOf } from "../../shared/jobs/limits";
import type { StartRequest } from "../../shared/jobs/startRequest";
import type { Unit } from "../../shared/jobs/unit";
import type { FaultTally } from "../faultTally";
import { drained, type Patience } from "../scan/follow";
import type { ScanProgress } from "../scan/progress";
import { workerLog } from "../scan/workerLog";
import type { Backfill } from "./backfill";
import { chaos, type Strikes, workerOf } from "./faultRules";
import { type JobName, jobNames, TABLE } from "./jobs";
import { describeStandings, followAll, type Standings, standingsOf } from "./standings";

export interface ChaosOptions {
  cloud: ChildCloud;
  backfill: Backfill;
  tally: FaultTally;
  progress: ScanProgress;
  requests: Readonly<Record<JobName, StartRequest>>;
  /** Worker functions to kill. */
  kills: number;
  strikes: Strikes;
  /** Items that all jobs together read. */
  items: number;
  /** Capacity of the table and its indexes while it throttles, WCU/s. */
  narrow: number;
  quietSeconds: number;
  patience: Patience;
}

/** The observations while a job was paused. */
export interface PauseReport {
  /** Seconds from the pause until no worker held a unit. */
  heldSeconds: number;
  /** How long it was observed after that, in seconds. */
  quietSeconds: number;
  /** Units that progressed during the pause. */
  wentOn: number;
}

export interface ChaosRun {
  pause: PauseReport | undefined;
  /** When the rate was changed, milliseconds since the epoch; Infinity: never. */
  rateChangedAt: number;
  /** Messages or executions left in the end. */
  left: number;
}

/** The job that is paused, and the one whose rate changes by this factor. */
export const PAUSED: JobName = "rekey";
export const FASTER: { job: JobName; factor: number } = { job: "label", factor: 1.5 };

/** When it happens, by the share of all items that are done. */
const PAUSE_AT = 0.2;
const NARROW_AT = 0.35;
const WIDE_AT = 0.45;
const FASTER_AT = 0.6;

/**
 * Runs all jobs at the same time while workers are killed, as many as are wanted, messages or tasks come twice and calls fail. On the
 * way it pauses a job, checks that nothing progresses, and resumes it; lets the table throttle for a while; changes a rate.
 */
export async function runUnderChaos(options: ChaosOptions): Promise<ChaosRun> {
  const { backfill, tally, requests, items, patience, progress, cloud, narrow } = options;
  const killing = new Killing(options);
  const until = (share: number) =>
    followAll(backfill, patience, async (standings) => {
      killing.show(standings, await killing.look(standings.items / items));
      return standings.items >= share * items;
    });

  await tally.next(chaos(backfill.driver, options.strikes, true));
  await Promise.all(jobNames.map((name) => backfill.start(requests[name])));
  const pause = isActive((await until(PAUSE_AT)).jobs[PAUSED].job) ? await pauseAndLook(options) : undefined;
  await until(NARROW_AT);
  progress.phase("the table throttles");
  await cloud.administer("PUT", "capacity", narrowed(narrow));
  await until(WIDE_AT);
  progress.phase("it has enough capacity again");
  await cloud.administer("PUT", "capacity", { table: TABLE, mode: "record" });
  const { job } = (await until(FASTER_AT)).jobs[FASTER.job];
  const rateChangedAt = isActive(job) ? await changeRate(options) : Number.POSITIVE_INFINITY;
  await until(Number.POSITIVE_INFINITY);
  progress.phase("the last messages");
  const left = await drained(backfill, patience);
  await tally.next([]);
  return { pause, rateChangedAt, left };
}

function narrowed(wcu: number): object {
  const index = { rcu: 40_000, wcu };
  const indexes = { byRegion: index, byOwner: index };
  return { table: TABLE, mode: "provisioned", ...index, indexes, credit: 0, partitions: 1 };
}

async function changeRate({ backfill, progress }: ChaosOptions): Promise<number> {
  progress.phase("a rate changes");
  const limit = limitOf(await backfill.job(FASTER.job), "write")!;
  await backfill.control.changeRate(FASTER.job, limit, { table: FASTER.factor * limit.limits.table });
  return Date.now();
}

async function pauseAndLook({ backfill, progress, quietSeconds, patience }: ChaosOptions): Promise<PauseReport> {
  progress.phase(`${PAUSED} is paused`);
  await backfill.control.pause(PAUSED);
  const pausedAt = Date.now();
  const settled = await followAll(backfill, patience, async ({ jobs }) => jobs[PAUSED].units.every(isFree));
  const heldSeconds = (Date.now() - pausedAt) / 1_000;
  await sleep(quietSeconds * 1_000, undefined, patience);
  const after = (await standingsOf(backfill)).jobs[PAUSED].units;
  const wentOn = settled.jobs[PAUSED].units.filter(
    (unit) => after.find(({ number }) => number === unit.number)?.updatedAt !== unit.updatedAt,
  ).length;
  progress.phase(`${PAUSED} is resumed`);
  await backfill.start({ resume: PAUSED });
  return { heldSeconds, quietSeconds, wentOn };
}

function isFree({ owner, leaseUntil = 0 }: Unit): boolean {
  return owner === undefined || leaseUntil < Date.now();
}

/** How far ahead of the jobs' progress the kills are, so that all kills come before the jobs end. */
const HEAD_START = 0.2;
const HASTE = 1.5;
const LINE_EVERY_MS = 10_000;

/** Spreads the kills over the jobs. */
class Killing {
  #on = true;
  #shownAt = 0;

  constructor(private readonly options: ChaosOptions) {}

  /** @param share of the items that are done. @returns workers killed so far. */
  async look(share: number): Promise<number> {
    const { cloud, backfill, tally, kills, strikes } = this.options;
    const { killed } = workerLog(await cloud.logs(workerOf(backfill.driver)));
    const on = killed < kills * Math.min(1, HEAD_START + HASTE * share);
    if (on !== this.#on) await tally.next(chaos(backfill.driver, strikes, on));
    this.#on = on;
    return killed;
  }

  show(standings: Standings, killed: number): void {
    if (performance.now() - this.#shownAt < LINE_EVERY_MS) return;
    this.#shownAt = performance.now();
    this.options.progress.phase(`${describeStandings(standings)}; ${killed} kills`);
  }
}
