/** The DynamoDB operations the plug-in knows: which capacity they use, of which table, and how to ask what they used. */

import { type Item, itemBytes } from "../../aws/itemSize";
import { writeCapacityUnits } from "../metering/capacityUnits";

export type Direction = "read" | "write";

/** A request's input, as far as the plug-in looks at it. */
export interface Input {
  readonly TableName?: string;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
  readonly TransactItems?: readonly TransactItem[];
  readonly ConditionExpression?: string;
  readonly Item?: Item;
  readonly ReturnConsumedCapacity?: string;
  readonly ReturnValuesOnConditionCheckFailure?: string;
}

type TransactAction = Pick<Input, "TableName" | "ConditionExpression" | "Item" | "ReturnValuesOnConditionCheckFailure">;
export type TransactItem = Readonly<Record<string, TransactAction | undefined>>;

const directions: Readonly<Record<string, Direction>> = {
  GetItemCommand: "read",
  QueryCommand: "read",
  ScanCommand: "read",
  BatchGetItemCommand: "read",
  PutItemCommand: "write",
  UpdateItemCommand: "write",
  DeleteItemCommand: "write",
  BatchWriteItemCommand: "write",
  TransactWriteItemsCommand: "write",
};

/** Whether a request uses capacity of this direction on this table (name, or ARN ending in it). */
export function governs(command: string | undefined, input: Input, table: string, direction: Direction): boolean {
  if (command === undefined || directions[command] !== direction) return false;
  if (input.RequestItems !== undefined) return Object.keys(input.RequestItems).some((name) => names(name, table));
  if (input.TransactItems !== undefined)
    return input.TransactItems.some((item) => names(action(item)?.TableName, table));
  return names(input.TableName, table);
}

/** True for the table's name and for its ARN. */
export function names(name: string | undefined, table: string): boolean {
  return name === table || name?.endsWith(`:table/${table}`) === true;
}

/** The input with everything asked for that metering needs. */
export function metered(input: Input): Input {
  const asked: Input = { ...input, ReturnConsumedCapacity: "INDEXES" };
  if (input.TransactItems !== undefined) return { ...asked, TransactItems: input.TransactItems.map(meteredAction) };
  return input.ConditionExpression === undefined ? asked : { ...asked, ReturnValuesOnConditionCheckFailure: "ALL_OLD" };
}

function meteredAction(item: TransactItem): TransactItem {
  const entries = Object.entries(item).map(([kind, given]) => {
    const conditional = given?.ConditionExpression !== undefined;
    return [kind, conditional ? { ...given, ReturnValuesOnConditionCheckFailure: "ALL_OLD" } : given];
  });
  return Object.fromEntries(entries);
}

/** The one action of an item of a transaction: `Put`, `Update`, `Delete` or `ConditionCheck`. */
export function action(item: TransactItem): TransactAction | undefined {
  return Object.values(item).find((given) => given !== undefined);
}

/**
 * Write units of a transaction that was cancelled: two for each kilobyte of each of its items on the table, by the larger
 * of the item that was there (`existing`, where a condition reported it) and the one to be put.
 */
export function cancelledUnits(input: Input, existing: readonly (Item | undefined)[], table: string): number {
  let units = 0;
  input.TransactItems?.forEach((item, i) => {
    const given = action(item);
    if (!names(given?.TableName, table)) return;
    units += writeCapacityUnits(Math.max(itemBytes(existing[i] ?? {}), itemBytes(given?.Item ?? {})), true);
  });
  return units;
}
