/**
 * The consumption of one write, on a table and on each of its indexes.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html#LSI.ThroughputConsiderations.Writes
 */

import { sameItem } from "../aws/expressions/sameValue";
import { type Item, itemBytes } from "../aws/itemSize";
import { writeCapacityUnits } from "../capacity/metering/capacityUnits";
import type { Consumption } from "../capacity/metering/consumption";
import type { IndexSchema, TableSchema } from "./schema";

/**
 * Overhead of each entry of a local secondary index, bytes. The developer guide names it for storage (LSI, "Storage
 * considerations"). DynamoDB Local includes it in the cost of writes, for local indexes only. Too much is better than too
 * little.
 */
const LOCAL_ENTRY_BYTES = 100;

/**
 * Write units of a write that succeeded, from the item before and after it; undefined: no item. Pure.
 *
 * Local secondary indexes consume the table's capacity, so they are part of `table` and stand among the indexes again, as
 * in `consumptionOf`. An index that the write leaves alone is not among them.
 */
export function writeConsumption(before: Item | undefined, after: Item | undefined, schema: TableSchema): Consumption {
  let table = writeCapacityUnits(Math.max(itemBytes(before ?? {}), itemBytes(after ?? {})));
  const indexes: Record<string, number> = Object.create(null);
  for (const index of schema.indexes) {
    const units = indexUnits(entryOf(before, index, schema), entryOf(after, index, schema), index);
    if (units === 0) continue;
    indexes[index.name] = units;
    if (index.kind === "local") table += units;
  }
  return Object.keys(indexes).length === 0 ? { table } : { table, indexes };
}

/**
 * Write units of table and global indexes together: what AWS bills on demand. Those of local indexes are part of the table's.
 */
export function allWriteUnits(
  { table, indexes = {} }: Consumption,
  schema: Pick<TableSchema, "indexes"> | undefined,
): number {
  const isLocal = (name: string) => schema?.indexes.some((index) => index.name === name && index.kind === "local");
  return Object.entries(indexes).reduce((sum, [name, units]) => (isLocal(name) ? sum : sum + units), table);
}

/**
 * An entry is put, deleted, or changed in place; if a key of the index changes, the old entry is deleted and a new one put.
 * "Only the size of projected attributes" counts, the keys of table and index included.
 */
function indexUnits(before: Item | undefined, after: Item | undefined, { keys, kind }: IndexSchema): number {
  const overhead = kind === "local" ? LOCAL_ENTRY_BYTES : 0;
  const units = (entry: Item | undefined) => (entry ? writeCapacityUnits(itemBytes(entry) + overhead) : 0);
  const both = units(before) + units(after);
  if (before === undefined || after === undefined) return both;
  if (sameItem(before, after)) return 0;
  return sameItem(only(before, keys), only(after, keys)) ? Math.max(units(before), units(after)) : both;
}

/** An item's entry in an index; undefined unless the item has all of the index's keys, of the right types. */
function entryOf(item: Item | undefined, index: IndexSchema, { keys, keyTypes }: TableSchema): Item | undefined {
  if (item === undefined || !index.keys.every((key) => hasKey(item, key, keyTypes))) return undefined;
  return index.projection === "ALL" ? item : only(item, [...keys, ...index.keys, ...index.projection]);
}

function hasKey(item: Item, key: string, types: TableSchema["keyTypes"]): boolean {
  return Object.hasOwn(item, key) && item[key]?.[types[key]!] !== undefined;
}

function only(item: Item, names: readonly string[]): Item {
  const held = names.filter((name) => Object.hasOwn(item, name));
  return Object.fromEntries(held.map((name) => [name, item[name]!]));
}
