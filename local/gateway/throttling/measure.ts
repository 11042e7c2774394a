import type { Capacity, ConsumedCapacity } from "@aws-sdk/client-dynamodb";
import { failedWriteCapacityUnits } from "../../../shared/capacity/metering/capacityUnits";
import {
  addConsumption,
  type Consumption,
  consumptionOf,
  nothing,
} from "../../../shared/capacity/metering/consumption";
import { type WireItem, wireItemBytes } from "../wire";
import { type Entry, type Form, type Piece, tableName, type Understood } from "./pieces";

type Json = Readonly<Record<string, unknown>>;

/** The parts of an answer of DynamoDB that matter here. */
export interface Output {
  __type?: string;
  ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[];
  /** The item that failed a condition. */
  Item?: WireItem;
  CancellationReasons?: { Code?: string; Item?: WireItem }[];
  [name: string]: unknown;
}

/**
 * The request, changed so that the answer shows its consumption. For failed conditions, whose consumption neither AWS nor
 * DynamoDB Local reports, the answer shows the item that they met.
 */
export function measured(input: Json, { form, pieces }: Understood): Json {
  const asking = { ...input, ReturnConsumedCapacity: "INDEXES" };
  if (form === "single") return withItemOfFailure(asking, pieces[0]?.entry);
  if (form !== "transaction" || !Array.isArray(input.TransactItems)) return asking;
  const items = (input.TransactItems as Record<string, Entry>[]).map((item) =>
    Object.fromEntries(Object.entries(item).map(([kind, entry]) => [kind, withItemOfFailure(entry, entry)])),
  );
  return { ...asking, TransactItems: items };
}

function withItemOfFailure<T extends object>(request: T, entry: Entry | undefined): T {
  const conditional = entry?.ConditionExpression !== undefined || entry?.Expected !== undefined;
  return conditional ? { ...request, ReturnValuesOnConditionCheckFailure: "ALL_OLD" } : request;
}

/**
 * The answer with the figures of AWS: a transaction pays twice for its tables, and once for their indexes, while DynamoDB
 * Local doubles both. Measured on AWS: https://github.com/nubo-db/dynoxide/pull/188
 */
export function withRealUnits(output: Output, form: Form): Output {
  if (form !== "transaction" || output.ConsumedCapacity === undefined) return output;
  return { ...output, ConsumedCapacity: [output.ConsumedCapacity].flat().map(withSingleIndexes) };
}

function withSingleIndexes(capacity: ConsumedCapacity): ConsumedCapacity {
  const { LocalSecondaryIndexes: local, GlobalSecondaryIndexes: global, CapacityUnits = 0, ...rest } = capacity;
  const tooMuch = (sumOf(local) + sumOf(global)) / 2;
  return {
    ...rest,
    CapacityUnits: CapacityUnits - tooMuch,
    ...(local && { LocalSecondaryIndexes: halved(local) }),
    ...(global && { GlobalSecondaryIndexes: halved(global) }),
  };
}

type ByIndex = Readonly<Record<string, Capacity>>;

function halved(indexes: ByIndex): Record<string, Capacity> {
  return Object.fromEntries(
    Object.entries(indexes).map(([name, { CapacityUnits = 0 }]) => [name, { CapacityUnits: CapacityUnits / 2 }]),
  );
}

function sumOf(indexes: ByIndex = {}): number {
  return Object.values(indexes).reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
}

/** The consumption of a request, by table. A request that DynamoDB rejects as invalid (400) consumes nothing. */
export function consumed(pieces: readonly Piece[], output: Output): Map<string, Consumption> {
  if (output.__type?.endsWith("#ConditionalCheckFailedException")) return failed(pieces, [output]);
  if (output.__type?.endsWith("#TransactionCanceledException")) return failed(pieces, output.CancellationReasons ?? []);
  const sum = new Map<string, Consumption>();
  for (const capacity of [output.ConsumedCapacity ?? []].flat()) {
    add(sum, tableName(capacity.TableName), consumptionOf(capacity));
  }
  return sum;
}

/**
 * Whether the caller itself asks for everything that {@link measured} would ask for. Then request and answer can pass
 * unchanged.
 */
export function asksForAll(input: Json, { form, pieces }: Understood): boolean {
  const conditional = pieces.some(
    ({ entry }) => entry.ConditionExpression !== undefined || entry.Expected !== undefined,
  );
  return input.ReturnConsumedCapacity === "INDEXES" && form === "single" && !conditional;
}

/** Capacity units of a table, or of one of its global secondary indexes. */
export interface BilledUnits {
  readonly table: string;
  /** Undefined: the table itself and its local secondary indexes. */
  readonly index?: string;
  readonly units: number;
}

/** The capacity units that are billed for a request: each table and each global secondary index by itself. */
export function billedUnits(pieces: readonly Piece[], output: Output): BilledUnits[] {
  const capacities = [output.ConsumedCapacity ?? []].flat();
  if (capacities.length > 0) return capacities.flatMap(billedOf);
  // A failed condition consumes nothing of indexes.
  return [...consumed(pieces, output)].map(([table, { table: units }]) => ({ table, units }));
}

export function billedOf({
  TableName,
  CapacityUnits = 0,
  GlobalSecondaryIndexes = {},
}: ConsumedCapacity): BilledUnits[] {
  const table = tableName(TableName);
  const indexes = Object.entries(GlobalSecondaryIndexes).map(([index, { CapacityUnits: units = 0 }]) => ({
    ...{ table, index, units },
  }));
  const own = CapacityUnits - sumOf(GlobalSecondaryIndexes);
  return own === 0 && indexes.length > 0 ? indexes : [{ table, units: own }, ...indexes];
}

/**
 * "If a ConditionExpression evaluates to false …, DynamoDB still consumes write capacity from the table. The amount
 * consumed is dependent on the size of the item (whether it's an existing item in the table or a new one …)", the larger
 * of the two, and 1 WCU where there is none; of indexes nothing (developer guide, WorkingWithItems, "Conditional writes").
 * The consumption of a cancelled transaction is not documented. Here it is that of a successful one, for each of its
 * items.
 */
function failed(pieces: readonly Piece[], met: readonly { Item?: WireItem }[]): Map<string, Consumption> {
  const sum = new Map<string, Consumption>();
  for (const [place, { table, entry, times, direction }] of pieces.entries()) {
    if (direction === "read") continue;
    const [existing, put] = [met[place]?.Item ?? {}, entry.Item ?? {}].map(wireItemBytes) as [number, number];
    add(sum, table, { table: failedWriteCapacityUnits(existing, put, times === 2) });
  }
  return sum;
}

function add(sum: Map<string, Consumption>, table: string, more: Consumption): void {
  sum.set(table, addConsumption(sum.get(table) ?? nothing, more));
}

/** The answer that the caller asked for, without the parts that only {@link measured} asked for. */
export function asWished(input: Json, pieces: readonly Piece[], output: Output): Output {
  const { ConsumedCapacity: capacity, Item: met, CancellationReasons: reasons, ...rest } = output;
  const wished: Output = rest;
  const reduced = [capacity ?? []].flat().flatMap((one) => reducedTo(input.ReturnConsumedCapacity, one) ?? []);
  const [first] = reduced;
  if (first) wished.ConsumedCapacity = Array.isArray(capacity) ? reduced : first;
  if (met && (output.__type === undefined || wantsItem(pieces[0]?.entry))) wished.Item = met;
  if (reasons) wished.CancellationReasons = reasons.map((reason, place) => reasonFor(pieces[place]?.entry, reason));
  return wished;
}

function reasonFor(entry: Entry | undefined, { Item, ...reason }: { Item?: WireItem }): object {
  return Item && wantsItem(entry) ? { ...reason, Item } : reason;
}

function wantsItem(entry: Entry | undefined): boolean {
  return entry?.ReturnValuesOnConditionCheckFailure === "ALL_OLD";
}

/** The consumption that a caller gets, by its own `ReturnConsumedCapacity`. */
export function reducedTo(wish: unknown, capacity: ConsumedCapacity): ConsumedCapacity | undefined {
  if (wish === "INDEXES") return capacity;
  const { TableName, CapacityUnits } = capacity;
  return wish === "TOTAL" ? { TableName, CapacityUnits } : undefined;
}
