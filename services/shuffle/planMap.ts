/** Chooses the kind of Map for a job's numbers, the number of lanes at once, and the turns of each batch. Pure. */
import { LONGEST_WAIT_SECONDS, WIND_UP_SECONDS, WIND_UP_SHARE } from "../../shared/cost/model";
import { turnsWithin } from "./history";
import { type Bounds, OWN_BOUNDS, REST_BYTES } from "./limits";

export interface MapPlan {
  readonly mode: "none" | "inline" | "distributed";
  /** Lanes at once. */
  readonly concurrency: number;
  /** Most turns that a lane may take at a batch in this execution. */
  readonly turns: number;
}

export interface Batches {
  /** Number of batches. */
  readonly count: number;
  /** Their list as JSON, bytes. */
  readonly bytes: number;
  /** Lanes that the job's rate feeds: `firstChains` of shared/capacity/metering/workerSpeed.ts. */
  readonly feeds: number;
  /** Turns that a batch is expected to take. */
  readonly turns: number;
}

/** Units differ in size: the largest may take this many times as many turns as the average. */
const SPREAD = 2;

/**
 * Inline if at most 40 lanes run at once, the list fits into the state, and history has room for all expected turns.
 * Otherwise each batch is a child execution.
 */
export function planMap({ count, bytes, feeds, turns: expected }: Batches, bounds: Bounds = OWN_BOUNDS): MapPlan {
  if (count === 0) return { mode: "none", concurrency: 1, turns: 1 };
  const concurrency = Math.max(1, Math.min(feeds, count, bounds.distributedConcurrency));
  const inline = turnsWithin("inline", count, bounds.historyEvents);
  const fits =
    concurrency <= bounds.inlineConcurrency &&
    bytes <= bounds.stateBytes - REST_BYTES &&
    inline >= Math.ceil(SPREAD * expected);
  if (fits) return { mode: "inline", concurrency, turns: inline };
  return { mode: "distributed", concurrency, turns: turnsWithin("distributed", count, bounds.historyEvents) };
}

export interface Work {
  /** Duration of the whole job at its rate, seconds. */
  readonly seconds: number;
  /** Pages of the whole job. Default: they follow each other closely. */
  readonly pages?: number;
  /** Batches of all units, at the execution's batch size, and lanes that work on them at once. */
  readonly batches: number;
  readonly lanes: number;
  /** Longest invocation of a worker, seconds. */
  readonly timeoutSeconds: number;
}

/**
 * The expected number of a batch's turns. A worker that would wait long for its next page hands on instead, so that each page has
 * its own turn.
 */
export function expectedTurns({
  seconds,
  pages = Number.POSITIVE_INFINITY,
  batches,
  lanes,
  timeoutSeconds,
}: Work): number {
  const laneSeconds = (seconds * lanes) / batches;
  const pageSeconds = (seconds * lanes) / pages;
  const workSeconds = timeoutSeconds - Math.min(WIND_UP_SECONDS, WIND_UP_SHARE * timeoutSeconds);
  const turnSeconds = pageSeconds > LONGEST_WAIT_SECONDS ? pageSeconds : workSeconds;
  return Math.max(1, Math.ceil(laneSeconds / turnSeconds));
}
