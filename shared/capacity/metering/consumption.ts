/** The consumption that DynamoDB reports for a request, reduced to the resources that have limits. */
import type { ConsumedCapacity } from "@aws-sdk/client-dynamodb";

/** Capacity units of one request, or of several added up, on one table. */
export interface Consumption {
  /** Units of the table itself and of its local secondary indexes, which share the table's provisioned capacity. */
  readonly table: number;
  /** Units of each index by name: global secondary indexes, and local ones too, which count for the table as well. */
  readonly indexes?: Readonly<Record<string, number>>;
}

export const nothing: Consumption = { table: 0 };

/** The difference between a growing sum and an earlier state of it. */
export function sinceConsumption(now: Consumption, before: Consumption): Consumption {
  const table = now.table - before.table;
  if (now.indexes === undefined) return { table };
  const indexes = byName();
  const earlier = Object.assign(byName(), before.indexes);
  for (const name in now.indexes) indexes[name] = now.indexes[name]! - (earlier[name] ?? 0);
  return { table, indexes };
}

/**
 * Reads a `ConsumedCapacity` asked for with `ReturnConsumedCapacity: INDEXES`. With `TOTAL` there is only the sum over
 * table and indexes, which is then charged to the table: too much rather than too little.
 */
export function consumptionOf(capacity: ConsumedCapacity): Consumption {
  const own = capacity.Table?.CapacityUnits ?? (hasIndexes(capacity) ? 0 : (capacity.CapacityUnits ?? 0));
  const { LocalSecondaryIndexes: local, GlobalSecondaryIndexes: global } = capacity;
  if (local === undefined && global === undefined) return { table: own };
  const indexes = byName();
  let table = own;
  for (const name in local) {
    indexes[name] = local[name]?.CapacityUnits ?? 0;
    table += indexes[name];
  }
  for (const name in global) indexes[name] = global[name]?.CapacityUnits ?? 0;
  return { table, indexes };
}

function hasIndexes(capacity: ConsumedCapacity): boolean {
  return capacity.LocalSecondaryIndexes !== undefined || capacity.GlobalSecondaryIndexes !== undefined;
}

/** Adds up resource by resource. */
export function addConsumption(a: Consumption, b: Consumption): Consumption {
  if (b.indexes === undefined) return { ...a, table: a.table + b.table };
  const indexes = Object.assign(byName(), a.indexes);
  for (const name in b.indexes) indexes[name] = (indexes[name] ?? 0) + b.indexes[name]!;
  return { table: a.table + b.table, indexes };
}

/** It has no prototype, because an index may have any name, even `constructor`. */
function byName(): Record<string, number> {
  return Object.create(null) as Record<string, number>;
}
