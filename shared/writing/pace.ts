/** How many writes go into a request, and how many requests are under way at once. */
import type { ConsumedCapacity } from "@aws-sdk/client-dynamodb";
import { addConsumption, type Consumption, consumptionOf, nothing } from "../capacity/metering/consumption";
import { type CapacityLimits, costMs, lowestLimit } from "../capacity/metering/limits";

/** BatchExecuteStatement and BatchWriteItem take at most so many writes. */
export const MOST_IN_BATCH = 25;

/**
 * What one request may cost, milliseconds of the limit. A request consumes all at once, and the requests of many workers come
 * together by chance: of eight workers whose batches cost 50 ms each, some second exceeds the limit by 17 %; with 15 ms by 8 %
 * (`npm run bench -- backfill-capacity`). From 1,700 WCU/s on, batches of 25 small writes are below that.
 */
const BATCH_MS = 15;

/** How long a request takes at most in the usual case, waiting for its turn not counted, milliseconds. */
const LATENCY_MS = 20;
/** Requests under way where there is no limit. */
const MOST_REQUESTS = 32;
/** One to wait for its answer, one to follow. */
const LEAST_REQUESTS = 2;

/**
 * Writes in a batch, 1 to 25.
 * @param msPerWrite what a write costs, milliseconds of the limit; undefined: there is no limit.
 */
export function batchSize(msPerWrite: number | undefined): number {
  if (msPerWrite === undefined) return MOST_IN_BATCH;
  return Math.min(MOST_IN_BATCH, Math.max(1, Math.floor(BATCH_MS / msPerWrite)));
}

/**
 * Requests of `size` writes to have under way: as many as use the rate up, no more, so that a pause finds little under way.
 * @param msPerWrite what a write costs, milliseconds of the limit; undefined: there is no limit.
 * @param most where there is no limit, or a high one.
 */
export function requestsAtOnce(msPerWrite: number | undefined, size: number, most = MOST_REQUESTS): number {
  if (msPerWrite === undefined) return most;
  const needed = Math.ceil(LATENCY_MS / (msPerWrite * size));
  return Math.min(most, Math.max(LEAST_REQUESTS, needed));
}

/** Weight of the newest request in the average. */
const NEWEST = 0.1;

/** What a write consumes on average, of the table and of each index, by what responses report. */
export class WriteCost {
  private average: Consumption | undefined;

  /** @param guess capacity units, of the table and of each index, until responses have shown more. */
  constructor(private readonly guess: number) {}

  /** What a write costs, milliseconds of the limits: of table and indexes the one that it uses up most. Undefined: no limits. */
  ms(limits: CapacityLimits | undefined): number | undefined {
    if (limits === undefined) return undefined;
    return this.average === undefined ? (1_000 * this.guess) / lowestLimit(limits) : costMs(this.average, limits);
  }

  /** @param writes how many the units were consumed by. */
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
