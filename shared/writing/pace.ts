/** How many writes go into a request, and how many requests are under way at once. */
import type { ConsumedCapacity } from "@aws-sdk/client-dynamodb";
import { addConsumption, consumptionOf, nothing } from "../capacity/metering/consumption";

/** BatchExecuteStatement and BatchWriteItem take at most so many writes. */
export const MOST_IN_BATCH = 25;

/** Share of a second's capacity that one request may cost: more at once would come in jolts. */
const BATCH_SHARE = 0.05;

/** How long a request takes at most in the usual case, waiting for its turn not counted, seconds. */
const LATENCY_S = 0.02;
/** Requests under way where there is no limit. */
const MOST_REQUESTS = 32;
/** One to wait for its answer, one to follow. */
const LEAST_REQUESTS = 2;

/**
 * Writes in a batch, 1 to 25.
 * @param perSecond capacity units per second; undefined: there is no limit.
 */
export function batchSize(perSecond: number | undefined, unitsPerWrite: number): number {
  if (perSecond === undefined) return MOST_IN_BATCH;
  const size = Math.floor((BATCH_SHARE * perSecond) / unitsPerWrite);
  return Math.min(MOST_IN_BATCH, Math.max(1, size));
}

/**
 * Requests of `size` writes to have under way: as many as use the rate up, no more, so that a pause finds little under way.
 * @param most where there is no limit, or a high one.
 */
export function requestsAtOnce(
  perSecond: number | undefined,
  unitsPerWrite: number,
  size: number,
  most = MOST_REQUESTS,
): number {
  if (perSecond === undefined) return most;
  const needed = Math.ceil((LATENCY_S * perSecond) / (unitsPerWrite * size));
  return Math.min(most, Math.max(LEAST_REQUESTS, needed));
}

/** Weight of the newest request in the average. */
const NEWEST = 0.1;

/** What a write costs on average, by what responses report; of table and indexes the one that is used most. */
export class UnitsPerWrite {
  private average: number | undefined;

  /** @param guess capacity units, as long as no response has reported any. */
  constructor(private readonly guess: number) {}

  get value(): number {
    return this.average ?? this.guess;
  }

  /** @param writes how many the units were consumed by. */
  learn(consumed: readonly ConsumedCapacity[] | undefined, writes: number): void {
    if (consumed === undefined || consumed.length === 0 || writes === 0) return;
    const { table, indexes = {} } = consumed.map(consumptionOf).reduce(addConsumption, nothing);
    const units = Math.max(table, ...Object.values(indexes)) / writes;
    if (units > 0) this.average = this.average === undefined ? units : this.average + NEWEST * (units - this.average);
  }
}
