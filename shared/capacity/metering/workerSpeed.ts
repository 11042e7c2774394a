/**
 * RCU/s that one worker can read: a value between those of a count and of an export; see `npm run bench -- worker-memory`.
 * It gives the number of a job's segments and first chains. After that, workers measure (shared/engine/crew.ts).
 */
export const RCU_PER_WORKER = 400;

/**
 * The number of chains with which a job begins, `most` at most. `perSecond`: capacity units per second that it may consume.
 */
export function firstChains(perSecond: number, units: number, most: number): number {
  return Math.max(1, Math.min(units, most, Math.ceil(perSecond / RCU_PER_WORKER)));
}

/**
 * How long a batch of numbers should last, seconds. Between two batches a lane of the workflow driver is idle for about 0.3 s: its
 * function ends, and the next one starts and opens the job's limits. That is then 1 % of the time.
 */
const BATCH_SECONDS = 30;
/** The most numbers in a batch. It keeps a lane's state small, and a repeated turn cheap, which looks at each unit again. */
const MOST_PER_BATCH = 100;

export interface Lanes {
  /** Numbers to divide, 1 or more. */
  readonly count: number;
  /** Lanes at once, 1 or more. */
  readonly lanes: number;
  /** Seconds of the whole job at its rate; 0: unknown. */
  readonly seconds: number;
  /** All units of the job. */
  readonly units: number;
}

/** How many numbers a lane works on in one turn, if time allows: one, unless they are small. Each lane gets a batch at least. */
export function numbersPerBatch({ count, lanes, seconds, units }: Lanes): number {
  const unitSeconds = (seconds * lanes) / units;
  const bySize = seconds === 0 ? 1 : BATCH_SECONDS / unitSeconds;
  return Math.max(1, Math.floor(Math.min(bySize, count / lanes, MOST_PER_BATCH)));
}
