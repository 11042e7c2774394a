/** The outcome of each statement of a call, and its consumption. */
import type { ConsumedCapacity } from "@aws-sdk/client-dynamodb";
import { type Item, itemBytes } from "../../../../shared/aws/itemSize";
import {
  failedWriteCapacityUnits,
  readCapacityUnits,
  writeCapacityUnits,
} from "../../../../shared/capacity/metering/capacityUnits";
import { addConsumption, type Consumption, nothing } from "../../../../shared/capacity/metering/consumption";
import type { TableSchema } from "../../../../shared/tables/schema";
import { writeConsumption } from "../../../../shared/tables/writeConsumption";
import { itemOf, type WireItem, wireItemBytes } from "../../wire";
import type { Output } from "../measure";
import type { Prepared } from "./prepared";

/**
 * `done`: it succeeded. `failed`: it met an unexpected item, which also consumes capacity. `refused`: DynamoDB did not do
 * it for another reason, and it consumed nothing.
 */
export type End = "done" | "failed" | "refused";

const FAILED: readonly string[] = ["ConditionalCheckFailed", "DuplicateItem"];

export interface StatementOutput extends Output {
  /** The responses of a batch. */
  Responses?: { Error?: { Code?: string; Item?: WireItem }; Item?: WireItem }[];
  /** The items of a single SELECT. */
  Items?: WireItem[];
}

/** The ends of the statements that were sent, in their order. */
export function endsOf(action: string, status: number, output: StatementOutput, count: number): End[] {
  const type = output.__type
    ?.split("#")
    .at(-1)
    ?.replace(/Exception$/, "");
  const all = (end: End) => Array.from({ length: count }, () => end);
  if (status === 200 && action === "BatchExecuteStatement") {
    return Array.from({ length: count }, (_, i) => endOf(output.Responses?.[i]?.Error));
  }
  if (status === 200) return all("done");
  // The consumption of a cancelled transaction is not documented. Here it is that of a successful one, as in measure.ts.
  return all(type === "TransactionCanceled" || FAILED.includes(type ?? "") ? "failed" : "refused");
}

function endOf(error: { Code?: string } | undefined): End {
  if (!error) return "done";
  return FAILED.includes(error.Code ?? "") ? "failed" : "refused";
}

/** The items that failed statements met, in their order; undefined if DynamoDB returns none. */
export function metBy(output: StatementOutput, count: number): (Item | undefined)[] {
  const { Responses, CancellationReasons, Item, __type } = output;
  const met = Responses?.map(({ Error: error }) => error?.Item) ?? CancellationReasons?.map((reason) => reason.Item);
  const items = met ?? (__type === undefined ? [] : [Item]);
  return Array.from({ length: count }, (_, i) => items[i] && itemOf(items[i]));
}

/** The facts about a statement after its answer. */
export interface Seen {
  readonly end: End;
  /** The item as it was right before, and as it is now. */
  readonly before: Item | undefined;
  readonly after: Item | undefined;
  /** The items of a page, as far as the SELECT returns them. */
  readonly page: readonly WireItem[];
}

/** A page counts by the size of what it returned, without what a filter or a projection leaves out. */
export function consumedBy(statement: Prepared, { end, before, after, page }: Seen): Consumption {
  const { piece, parsed, schema } = statement;
  if (end === "refused") return nothing;
  if (piece.direction === "read") return end === "done" ? readBy(statement, before, page) : nothing;
  if (end === "failed") {
    const units = failedWriteCapacityUnits(itemBytes(before ?? {}), wireItemBytes(parsed.item), piece.times === 2);
    return { table: units };
  }
  if (parsed.verb === "exists") return { table: writeCapacityUnits(itemBytes(before ?? {}), piece.times === 2) };
  const once = writeConsumption(before, after, schema);
  return piece.times === 2 ? addConsumption(once, withoutIndexes(once, schema)) : once;
}

/** Units of the table's own entry. A transaction doubles only these. */
function withoutIndexes({ table, indexes = {} }: Consumption, schema: TableSchema): Consumption {
  const local = schema.indexes.filter(({ kind }) => kind === "local").map(({ name }) => indexes[name] ?? 0);
  return { table: local.reduce((rest, units) => rest - units, table) };
}

function readBy({ piece, item, schema }: Prepared, before: Item | undefined, page: readonly WireItem[]): Consumption {
  const consistency = piece.times === 2 ? "transactional" : piece.entry.ConsistentRead ? "strong" : "eventual";
  if (item) return { table: readCapacityUnits(itemBytes(before ?? {}), consistency) };
  const bytes = page.reduce((sum, each) => sum + wireItemBytes(each), 0);
  const units = readCapacityUnits(bytes, consistency);
  const index = schema.indexes.find(({ name }) => name === piece.entry.IndexName);
  if (!index) return { table: units };
  return { table: index.kind === "local" ? units : 0, indexes: { [index.name]: units } };
}

/** A consumption as DynamoDB reports it, in full. */
export function reported({ table, indexes = {} }: Consumption, schema: TableSchema): ConsumedCapacity {
  const of = (kind: "global" | "local") =>
    schema.indexes.flatMap((index) => {
      const CapacityUnits = index.kind === kind ? indexes[index.name] : undefined;
      return CapacityUnits === undefined ? [] : [[index.name, { CapacityUnits }] as const];
    });
  const [local, global] = [of("local"), of("global")];
  const sum = (entries: typeof local) => entries.reduce((total, [, { CapacityUnits }]) => total + CapacityUnits, 0);
  return {
    TableName: schema.name,
    CapacityUnits: table + sum(global),
    Table: { CapacityUnits: table - sum(local) },
    ...(local.length > 0 && { LocalSecondaryIndexes: Object.fromEntries(local) }),
    ...(global.length > 0 && { GlobalSecondaryIndexes: Object.fromEntries(global) }),
  };
}
