/** The invocations that read a job's pages: their number, duration and usage. Pure. */
import { firstChains } from "../capacity/metering/workerSpeed";
import { type Handing, queueHanding } from "./handing";
import type { JobPlan } from "./jobPlan";
import type { Load } from "./load";
import * as model from "./model";
import { addUsage, times, type Usage } from "./usage";

export interface Chains {
  /** Workers that run at once. */
  readonly workers: number;
  /** Time from the request to the end of the job. */
  readonly seconds: number;
  /** Share of the billed time in which workers wait for capacity, 0 to 1. */
  readonly waiting: number;
  /** Invocations of workers, and how many of them begin with a delay. */
  readonly turns: number;
  readonly delayed: number;
  readonly usage: Usage;
}

/** How a job's workers read its pages. */
interface Reading {
  readonly workers: number;
  /** Time from the first page to the last. */
  readonly seconds: number;
  /** Invocations of workers. */
  readonly turns: number;
  /** Lambda's time. */
  readonly billedSeconds: number;
  readonly checkpoints: number;
  /** The ledger's requests, besides two updates for each turn. */
  readonly ledger: Partial<Usage>;
}

const MEGABYTES_PER_GIGABYTE = 1024;

/** As many workers at once as the rate feeds. @param handing how the driver hands work to them; default: the queue driver. */
export function chainsOf(plan: JobPlan, load: Load, handing: Handing = queueHanding): Chains {
  const workers = firstChains(load.feeds, plan.units, plan.workers.maximumConcurrency);
  const reads = load.units / load.workerRate;
  const pageSeconds = Math.max((workers * load.units) / load.rate, reads) / load.count;
  // A worker's first page doesn't wait, and nobody waits after the last one. Writes wait within their page.
  const free = plan.changes === undefined ? workers : 0;
  const waits = (pageSeconds - reads / load.count) * Math.max(0, load.count - free);
  const seconds = (reads + waits) / workers;
  const apart = pageSeconds > model.LONGEST_WAIT_SECONDS;
  const successions = handing.successions({ workers, units: plan.units, seconds });
  const reading = apart
    ? pageByPage(workers, seconds, successions, load)
    : together(workers, seconds, pageSeconds, successions, plan, load);
  const { turns, billedSeconds, checkpoints, ledger } = reading;
  const gigabytes = plan.workers.memoryMegabytes / MEGABYTES_PER_GIGABYTE;
  const handOns = turns - successions;
  const usage = addUsage(
    { invocations: turns, billedMs: 1000 * billedSeconds, gigabyteSeconds: gigabytes * billedSeconds },
    times(turns, handing.turn),
    times(handOns, handing.handOn),
    times(workers, handing.worker),
    times(plan.units, handing.unit),
    { writeUnits: checkpoints, readUnits: model.HEADS_PER_SECOND * billedSeconds },
    ledger,
    plan.work.operation === "export" ? exportUsage(plan, checkpoints, handOns) : {},
    plan.source === undefined ? {} : { gets: model.SOURCE.start + model.SOURCE.turn * turns + plan.units + handOns },
  );
  // A worker that hands on with a delay does not wait.
  const waiting = apart || waits === 0 ? 0 : waits / billedSeconds;
  return { workers, seconds: model.START_SECONDS + seconds, waiting, turns, delayed: apart ? handOns : 0, usage };
}

/** Pages are so far apart that each has a separate invocation. */
function pageByPage(workers: number, seconds: number, successions: number, { count }: Load): Reading {
  const billedSeconds = count * model.SHORT_TURN_SECONDS;
  return { workers, seconds, turns: Math.max(successions, count), billedSeconds, checkpoints: 0, ledger: {} };
}

/** Workers read page after page, and wait for capacity in between. */
function together(
  workers: number,
  seconds: number,
  pageSeconds: number,
  successions: number,
  plan: JobPlan,
  load: Load,
): Reading {
  const turns = successions * Math.max(1, Math.ceil((workers * seconds) / successions / workSeconds(plan)));
  return {
    ...{ workers, seconds, turns },
    billedSeconds: workers * seconds + turns * model.TURN_SECONDS,
    checkpoints: checkpointsOf(plan, load, pageSeconds),
    ledger: ledgerUse(workers, seconds, turns, pageSeconds),
  };
}

/**
 * The last page of a unit has no checkpoint, because the unit ends with it.
 * @param pageSeconds of a worker, from one page to the next.
 */
function checkpointsOf({ units }: JobPlan, { count, rate, fullUnits }: Load, pageSeconds: number): number {
  const ofJob = (model.CHECKPOINT_SECONDS * rate) / fullUnits;
  const ofWorker = model.LONGEST_CHECKPOINT_SECONDS / pageSeconds;
  const apart = Math.max(1, Math.floor(Math.min(ofJob, ofWorker)));
  return Math.max(0, count / apart - units / (apart === 1 ? 1 : 2));
}

function ledgerUse(workers: number, seconds: number, turns: number, pageSeconds: number): Reading["ledger"] {
  const busy = workers * seconds;
  const visits = model.VISITS.find(({ most }) => workers <= most);
  if (visits === undefined) return { writeUnits: model.VISITS_OF_MANY * seconds };
  const { most: _, ...each } = visits;
  if (workers > 1) return times(busy, each);
  if (pageSeconds > model.LONG_PAGE_SECONDS) return { writeUnits: busy / pageSeconds };
  return addUsage(times(busy, each), { writeUnits: turns * Math.min(seconds, 1) * model.FIRST_VISITS });
}

/** The seconds of an invocation in which pages are read. */
function workSeconds({ workers: { timeoutSeconds } }: JobPlan): number {
  return timeoutSeconds - Math.min(model.WIND_UP_SECONDS, model.WIND_UP_SHARE * timeoutSeconds);
}

/**
 * The open object is put with every checkpoint and hand-on, and read back after a hand-on. If it is full, it is put as a whole
 * instead; a unit's last object is put at the unit's end.
 */
function exportUsage({ items, bytes, units }: JobPlan, checkpoints: number, handOns: number): Partial<Usage> {
  const lasts = Math.min(units, items);
  const objects = lasts * (Math.floor(bytes / units / model.OBJECT_BYTES) + 1);
  return addUsage(times(objects, model.OBJECT), {
    puts: checkpoints + handOns + lasts + model.MANIFEST_PUTS,
    gets: handOns,
  });
}
