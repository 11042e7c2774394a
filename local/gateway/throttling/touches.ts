import { readCapacityUnits, writeCapacityUnits } from "../../../shared/capacity/metering/capacityUnits";
import { type Value, wireItemBytes } from "../wire";
import type { Entry, Piece } from "./pieces";
import { positionOf, scanPosition } from "./position";
import type { TableSchema } from "./schema";
import type { Touch } from "./tableCapacity";

/**
 * The resources that a piece certainly touches, and its least cost there.
 *
 * A put touches the indexes whose keys its item has. An update or delete may touch any index, so all of them must have
 * capacity; capacity of untouched ones is given back.
 */
export function touchesOf({ kind, entry, times }: Piece, schema: TableSchema): Touch[] {
  switch (kind) {
    case "get":
      return [{ ...at(entry.Key?.[schema.hashKey]), units: leastRead(entry, times) }];
    case "query":
      return [pageOf(entry, schema, (hashKey) => at(queriedKey(entry, hashKey)))];
    case "scan":
      return [pageOf(entry, schema, (hashKey) => ({ position: scannedPosition(entry, hashKey) }))];
    case "put":
      return putTouches(entry, schema, times);
    case "check":
      return [{ ...at(entry.Key?.[schema.hashKey]), units: times }];
    default: {
      const indexes = Object.keys(schema.globalIndexes).map((index) => ({ index, units: 1 }));
      return [{ ...at(entry.Key?.[schema.hashKey]), units: times }, ...indexes];
    }
  }
}

/** The least cost of a read: that of an item up to 4 KB, or of none. */
function leastRead({ ConsistentRead }: Entry, times = 1): number {
  return readCapacityUnits(0, times === 2 ? "transactional" : ConsistentRead ? "strong" : "eventual");
}

/** A page of a global secondary index consumes the index's capacity, one of a local index the table's. */
function pageOf(entry: Entry, schema: TableSchema, placed: (hashKey: string) => Pick<Touch, "position">): Touch {
  const index = entry.IndexName;
  const keys = index === undefined ? undefined : schema.globalIndexes[index];
  const touch = { ...placed(keys?.[0] ?? schema.hashKey), units: leastRead(entry) };
  return keys && index !== undefined ? { ...touch, index } : touch;
}

function putTouches({ Item: item = {} }: Entry, schema: TableSchema, times: number): Touch[] {
  const indexed = Object.entries(schema.globalIndexes).filter(([, keys]) => keys.every((key) => key in item));
  return [
    { ...at(item[schema.hashKey]), units: writeCapacityUnits(wireItemBytes(item), times === 2) },
    ...indexed.map(([index, [hashKey = ""]]) => ({ index, ...at(item[hashKey]), units: 1 })),
  ];
}

function at(key: Value | undefined): Pick<Touch, "position"> {
  return key ? { position: positionOf(key) } : {};
}

function scannedPosition({ Segment = 0, TotalSegments = 1, ExclusiveStartKey }: Entry, hashKey: string): number {
  return scanPosition(Segment, TotalSegments, ExclusiveStartKey?.[hashKey]);
}

/** A query's value for the partition key: always `name = :value`, or the older KeyConditions. */
function queriedKey(entry: Entry, hashKey: string): Value | undefined {
  const { KeyConditionExpression = "", KeyConditions, ExpressionAttributeNames = {} } = entry;
  for (const [, name = "", value = ""] of KeyConditionExpression.matchAll(/([#\w.-]+)\s*=\s*(:\w+)/g)) {
    if ((ExpressionAttributeNames[name] ?? name) === hashKey) return entry.ExpressionAttributeValues?.[value];
  }
  return KeyConditions?.[hashKey]?.AttributeValueList?.[0];
}
