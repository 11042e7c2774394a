/** How many writes go into a request, and how many requests there are at once. */
import type { ConsumedCapacity } from "@aws-sdk/client-dynamodb";
import { addConsumption, type Consumption, consumptionOf, nothing } from "../capacity/metering/consumption";
import { type CapacityLimits, costMs, lowestLimit } from "../capacity/metering/limits";

/** BatchExecuteStatement and BatchWriteItem take at most this many writes. */
export const MOST_IN_BATCH = 25;

/**
 * The most that one request may cost, milliseconds of the limit. A request consumes its whole cost at once, and requests of
 * many workers may coincide. With eight workers whose batches cost 50 ms each, the worst second exceeds the limit by 17 %;
 * with 15 ms, by 8 % (`npm run bench -- backfill-capacity`). From 1,700 WCU/s on, batches of 25 small writes are below that.
 */
const BATCH_MS = 15;

/** Requests are assumed to take this long until they are known to take longer, without waiting for their turn, milliseconds. */
const LATENCY_MS = 20;
/** The most requests at once, and their number if there is no limit. */
const MOST_REQUESTS = 32;
/** One to wait for its answer, one to follow. */
const LEAST_REQUESTS = 2;
/**
 * How many times as many requests to have as use up the rate on average. Requests differ in duration, and a worker that came late has
 * to catch up.
 */
const HEADROOM = 2;

/**
 * Writes in a batch, 1 to 25.
 * @param msPerWrite what a write costs, milliseconds of the limit; undefined: there is no limit.
 */
export function batchSize(msPerWrite: number | undefined): number {
  if (msPerWrite === undefined) return MOST_IN_BATCH;
  return Math.min(MOST_IN_BATCH, Math.max(1, Math.floor(BATCH_MS / msPerWrite)));
}

/**
 * How many requests of `size` writes to have at once: twice as many as use up the rate. Most of the rest wait for
 * capacity, so little is under way at a pause.
 * @param msPerWrite what a write costs, milliseconds of the limit; undefined: there is no limit.
 * @param requestMs how long a request takes lately, without waiting for its turn, milliseconds.
 * @param most bound if there is no limit, or a high one, or if requests are slow.
 */
export function requestsAtOnce(
  msPerWrite: number | undefined,
  size: number,
  requestMs = LATENCY_MS,
  most = MOST_REQUESTS,
): number {
  if (msPerWrite === undefined) return most;
  const needed = Math.ceil((HEADROOM * Math.max(LATENCY_MS, requestMs)) / (msPerWrite * size));
  return Math.min(most, Math.max(LEAST_REQUESTS, needed));
}

/** How many batches of so many writes to have at once; see {@link batchSize} and {@link requestsAtOnce}. */
export function batchesAtOnce(writes: number, msPerWrite: number | undefined, requestMs: number | undefined): number {
  const size = batchSize(msPerWrite);
  return Math.min(requestsAtOnce(msPerWrite, size, requestMs), Math.ceil(writes / size));
}

/** Weight of the newest request in the average. */
const NEWEST = 0.1;

/** The average consumption of a write, on the table and on each index, as responses report it. */
export class WriteCost {
  private average: Consumption | undefined;

  /** @param guess capacity units, of the table and of each index, until responses have shown more. */
  constructor(private readonly guess: number) {}

  /** The cost of a write, milliseconds of the limits: the largest of table and indexes. Undefined: no limits. */
  ms(limits: CapacityLimits | undefined): number | undefined {
    if (limits === undefined) return undefined;
    return this.average === undefined ? (1_000 * this.guess) / lowestLimit(limits) : costMs(this.average, limits);
  }

  /** @param writes number of writes that consumed the units. */
  learn(consumed: readonly ConsumedCapacity[] | undefined, writes: number): void {
    if (consumed === undefined || consumed.length === 0 || writes === 0) return;
    const newest = times(consumed.map(consumptionOf).reduce(addConsumption, nothing), 1 / writes);
    if (newest.table === 0) return;
    const { average } = this;
    this.average = average === undefined ? newest : addConsumption(times(average, 1 - NEWEST), times(newest, NEWEST));
  }
}

function times({ table, indexes }: Consumption, factor: number): Consumption {
  if (indexes === undefined) return { table: factor * table };
  const scaled = Object.create(null) as Record<string, number>;
  for (const name in indexes) scaled[name] = factor * indexes[name]!;
  return { table: factor * table, indexes: scaled };
}
