/**
 * RCU/s that one worker reads by itself, between a count and an export; see `npm run bench -- worker-memory`. Jobs get their
 * segments and their first chains by it. Then they go by what they measure (shared/engine/crew.ts).
 */
export const RCU_PER_WORKER = 400;

/** With how many chains a job of so many work units begins, `most` at most. @param perSecond capacity units per second that it may consume. */
export function firstChains(perSecond: number, units: number, most: number): number {
  return Math.max(1, Math.min(units, most, Math.ceil(perSecond / RCU_PER_WORKER)));
}

/**
 * A lane of the workflow driver rests about 0.3 s between two batches of numbers: its function ends, the next one begins and opens
 * the job's limits. If a batch lasts this long, seconds, that is 1 % of the time.
 */
const BATCH_SECONDS = 30;
/** Keeps a lane's state small, and a repeated turn cheap: it looks at each unit again. */
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
