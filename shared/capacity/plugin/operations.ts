/** The DynamoDB operations: which capacity they use, and of which table. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Item } from "../../aws/itemSize";
import type { Direction } from "../metering/direction";
import { parseStatement, type Statement } from "./partiql";

/** One PartiQL statement, as far as the plug-in looks at it. */
export interface StatementInput {
  readonly Statement?: string;
  readonly Parameters?: readonly AttributeValue[];
  readonly ReturnValuesOnConditionCheckFailure?: string;
}

/** A request's input, as far as the plug-in looks at it. */
export interface Input extends StatementInput {
  readonly TableName?: string;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
  readonly TransactItems?: readonly TransactItem[];
  readonly Statements?: readonly StatementInput[];
  readonly TransactStatements?: readonly StatementInput[];
  readonly ConditionExpression?: string;
  readonly Item?: Item;
  readonly ReturnConsumedCapacity?: string;
}

type TransactAction = Pick<Input, "TableName" | "ConditionExpression" | "Item" | "ReturnValuesOnConditionCheckFailure">;
export type TransactItem = Readonly<Record<string, TransactAction | undefined>>;

/**
 * How a request uses a table in one direction.
 *
 * - `none`: it doesn't use the table, and passes.
 * - `metered`: it waits for capacity and is charged what the response reports.
 * - `estimated`: it waits for capacity, and the estimate of an average request is charged.
 * - `unlimited`: the service would consume capacity at a rate that no client controls, so the request is refused.
 */
export type Use = "none" | "metered" | "estimated" | "unlimited";

type Kind = "statements" | { readonly direction: Direction; readonly use: Use };

const read: Kind = { direction: "read", use: "metered" };
const write: Kind = { direction: "write", use: "metered" };
const neither: Kind = { direction: "read", use: "none" };

/** Operations that consume capacity. */
const data: Readonly<Record<string, Kind>> = {
  GetItem: read,
  Query: read,
  Scan: read,
  BatchGetItem: read,
  TransactGetItems: read,
  // Has a separate capacity, in bytes, which no limit here covers.
  SearchVectors: { direction: "read", use: "estimated" },
  PutItem: write,
  UpdateItem: write,
  DeleteItem: write,
  BatchWriteItem: write,
  TransactWriteItems: write,
  StartBulkPutItems: { direction: "write", use: "unlimited" },
  ExecuteStatement: "statements",
  BatchExecuteStatement: "statements",
  ExecuteTransaction: "statements",
};

/** Operations that consume no capacity. */
const control = `
  CancelBulkOperation CreateBackup CreateGlobalTable CreateTable DeleteBackup DeleteResourcePolicy DeleteTable
  DescribeBackup DescribeBulkOperation DescribeContinuousBackups DescribeContributorInsights DescribeEndpoints
  DescribeExport DescribeGlobalTable DescribeGlobalTableSettings DescribeImport DescribeKinesisStreamingDestination
  DescribeLimits DescribeTable DescribeTableReplicaAutoScaling DescribeTimeToLive DisableKinesisStreamingDestination
  EnableKinesisStreamingDestination ExportTableToPointInTime GetResourcePolicy ImportTable ListBackups
  ListBulkOperations ListContributorInsights ListExports ListGlobalTables ListImports ListTables ListTagsOfResource
  PutResourcePolicy RestoreTableFromBackup RestoreTableToPointInTime TagResource UntagResource UpdateContinuousBackups
  UpdateContributorInsights UpdateGlobalTable UpdateGlobalTableSettings UpdateKinesisStreamingDestination UpdateTable
  UpdateTableReplicaAutoScaling UpdateTimeToLive`;

const kinds = new Map<string, Kind>([
  ...Object.entries(data).map(([name, kind]): [string, Kind] => [`${name}Command`, kind]),
  ...(control.match(/\w+/g) ?? []).map((name): [string, Kind] => [`${name}Command`, neither]),
]);

/**
 * How a request uses `table` (its name) in this direction. An operation that is not in this list, because it came with a
 * newer SDK, must not pass ungated: if it names the table it is `estimated`, in both directions.
 */
export function useOf(command: string | undefined, input: Input, table: string, direction: Direction): Use {
  const kind = kinds.get(command ?? "");
  if (kind === undefined) return mentions(input, table) ? "estimated" : "none";
  if (kind === "statements")
    return statementsOf(input).some((each) => uses(each, table, direction)) ? "metered" : "none";
  return kind.direction === direction && concerns(input, table) ? kind.use : "none";
}

/** True for the table's name and for its ARN. */
export function names(name: string | undefined, table: string): boolean {
  return name === table || name?.endsWith(`:table/${table}`) === true;
}

/** The one action of an item of a transaction: `Get`, `Put`, `Update`, `Delete` or `ConditionCheck`. */
export function action(item: TransactItem): TransactAction | undefined {
  return Object.values(item).find((given) => given !== undefined);
}

/** The PartiQL statements of a request, in their order; none of a request of another kind. */
export function statementsOf(input: Input): readonly StatementInput[] {
  return input.Statements ?? input.TransactStatements ?? (input.Statement === undefined ? [] : [input]);
}

/** `undefined`: it is unknown what the statement does. */
export function parsed({ Statement: text = "" }: StatementInput): Statement | undefined {
  return parseStatement(text);
}

/** Whether a statement uses the table in this direction. A statement of unknown form counts in both directions. */
export function uses(statement: StatementInput, table: string, direction?: Direction): boolean {
  const known = parsed(statement);
  if (known === undefined) return true;
  return names(known.table, table) && (direction === undefined || known.direction === direction);
}

function concerns(input: Input, table: string): boolean {
  if (input.RequestItems !== undefined) return Object.keys(input.RequestItems).some((name) => names(name, table));
  if (input.TransactItems !== undefined)
    return input.TransactItems.some((item) => names(action(item)?.TableName, table));
  return names(input.TableName, table);
}

/** Whether any text of the input is the table's name or ARN. */
function mentions(value: unknown, table: string): boolean {
  if (typeof value === "string") return names(value, table);
  return Object.entries(value ?? {}).some(([key, each]) => names(key, table) || mentions(each, table));
}
