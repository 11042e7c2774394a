/** Capacity units that a request consumed on one table. */
export interface Consumption {
  /** Of the table and its local secondary indexes, which share the table's capacity. */
  table: number;
  /** Of each index by its name: global ones, and local ones again by themselves. */
  indexes: Record<string, number>;
}

type Part = { CapacityUnits?: number };

/** `ConsumedCapacity` as DynamoDB's JSON writes it. */
export interface ConsumedCapacity {
  TableName: string;
  CapacityUnits?: number;
  Table?: Part;
  LocalSecondaryIndexes?: Record<string, Part>;
  GlobalSecondaryIndexes?: Record<string, Part>;
}

/** Reads what DynamoDB reports for `ReturnConsumedCapacity: INDEXES`. */
export function consumptionOf(capacity: ConsumedCapacity): Consumption {
  const local = units(capacity.LocalSecondaryIndexes);
  const global = units(capacity.GlobalSecondaryIndexes);
  const own = capacity.Table?.CapacityUnits ?? 0;
  const table = Object.values(local).reduce((sum, part) => sum + part, own);
  return { table, indexes: { ...local, ...global } };
}

/** What the caller gets to see of it, according to its own `ReturnConsumedCapacity`. */
export function reducedTo(wish: unknown, capacity: ConsumedCapacity): ConsumedCapacity | undefined {
  if (wish === "INDEXES") return capacity;
  if (wish !== "TOTAL") return undefined;
  const { TableName, CapacityUnits = 0 } = capacity;
  return { TableName, CapacityUnits };
}

function units(parts: Record<string, Part> = {}): Record<string, number> {
  return Object.fromEntries(Object.entries(parts).map(([name, { CapacityUnits = 0 }]) => [name, CapacityUnits]));
}
