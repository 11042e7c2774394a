import type { Call } from "../../call";
import { type ParsedStatement, parsedStatement, type StatementRequest, statementsOf } from "../../partiql/statement";
import type { Value, WireItem } from "../../wire";
import { arnOf, type ContextValue, type Need, type Place, type RequestContext } from "./need";

type Input = Record<string, unknown>;

/** Calls about one item of one table, and the field that names it. */
const ITEM_CALLS: Record<string, "Item" | "Key"> = {
  GetItem: "Key",
  PutItem: "Item",
  UpdateItem: "Key",
  DeleteItem: "Key",
};

/** Calls about one table or one of its indexes as a whole. */
const TABLE_CALLS: readonly string[] = [
  ...["Query", "Scan", "DescribeTable", "CreateTable", "UpdateTable", "DeleteTable"],
  ...["DescribeTimeToLive", "UpdateTimeToLive", "DescribeContinuousBackups", "UpdateContinuousBackups"],
];

/**
 * Parts of transactions and the actions that govern them: there is no permission for a transaction itself.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
 */
const TRANSACTION_PARTS: Record<string, { action: string; item: "Item" | "Key" }> = {
  Get: { action: "GetItem", item: "Key" },
  Put: { action: "PutItem", item: "Item" },
  Update: { action: "UpdateItem", item: "Key" },
  Delete: { action: "DeleteItem", item: "Key" },
  ConditionCheck: { action: "ConditionCheckItem", item: "Key" },
};

/** Actions of PartiQL statements. EXISTS evaluates a SELECT; that it needs the same permission is not documented. */
const STATEMENT_ACTIONS: Record<ParsedStatement["verb"], string> = {
  select: "PartiQLSelect",
  exists: "PartiQLSelect",
  insert: "PartiQLInsert",
  update: "PartiQLUpdate",
  delete: "PartiQLDelete",
};

/** The permissions that a DynamoDB call needs; undefined for calls that are not in the tables above. */
export function dynamodbNeeds({ action, input }: Pick<Call, "action" | "input">, place: Place): Need[] | undefined {
  if (action === "ListTables" || action === "ListExports") {
    return [{ action: `dynamodb:${action}`, resource: "*", context: {} }];
  }
  if (action === "TransactWriteItems" || action === "TransactGetItems") return transactionNeeds(action, input, place);
  // Batches have their own actions, one for each table.
  if (action === "BatchGetItem" || action === "BatchWriteItem") return batchNeeds(action, input, place);
  const statements = statementsOf(action, input);
  if (statements) return statementNeeds(action, input, statements, place);
  if (action === "ExportTableToPointInTime") return exportNeeds(input, place);
  const { ExportArn } = input;
  if (action === "DescribeExport") return [{ action: `dynamodb:${action}`, resource: String(ExportArn), context: {} }];
  const field = ITEM_CALLS[action];
  if (field) return [need(action, input, place, itemsContext([input[field] as WireItem], input, place))];
  if (TABLE_CALLS.includes(action)) return [need(action, input, place, queryContext(input, place))];
  return undefined;
}

function need(action: string, input: Input, place: Place, leadingKeys: RequestContext, enclosing = action): Need {
  return {
    action: `dynamodb:${action}`,
    resource: tableArn(input, place),
    context: {
      ...leadingKeys,
      "dynamodb:enclosingoperation": () => enclosing,
      "dynamodb:returnvalues": () => input.ReturnValues as string | undefined,
      "dynamodb:returnconsumedcapacity": () => input.ReturnConsumedCapacity as string | undefined,
      "dynamodb:select": () => input.Select as string | undefined,
    },
  };
}

function transactionNeeds(operation: string, { TransactItems = [] }: Input, place: Place): Need[] | undefined {
  const needs: Need[] = [];
  for (const entry of TransactItems as Record<string, Input>[]) {
    for (const [kind, part] of Object.entries(entry)) {
      const governed = TRANSACTION_PARTS[kind];
      if (!governed) return undefined;
      const leadingKeys = itemsContext([part[governed.item] as WireItem], part, place);
      needs.push(need(governed.action, part, place, leadingKeys, operation));
    }
  }
  return needs;
}

/**
 * The permission that each statement needs, in their order.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html
 */
function statementNeeds(
  operation: string,
  { ReturnConsumedCapacity }: Input,
  statements: readonly StatementRequest[],
  place: Place,
): Need[] | undefined {
  const needs: Need[] = [];
  for (const statement of statements) {
    const parsed = parsedStatement(statement);
    if (!parsed) return undefined;
    const input = { TableName: parsed.table, IndexName: parsed.index, ReturnConsumedCapacity };
    needs.push(need(STATEMENT_ACTIONS[parsed.verb], input, place, statementContext(parsed, place), operation));
  }
  return needs;
}

/** The hash key, if the statement gives it; a SELECT without it reads the whole table. */
function statementContext(parsed: ParsedStatement, place: Place): RequestContext {
  const { verb, table, index, equal, item } = parsed;
  const leadingKey = async () => {
    const hashKey = await place.hashKeyOf(table, index);
    return hashKey === undefined ? undefined : scalar((verb === "insert" ? item : equal)[hashKey]);
  };
  const keys = async (): Promise<ContextValue> => {
    const key = await leadingKey();
    return key === undefined ? undefined : [key];
  };
  if (verb !== "select") return { "dynamodb:leadingkeys": keys };
  const scans = async () => String((await leadingKey()) === undefined);
  return { "dynamodb:leadingkeys": keys, "dynamodb:fulltablescan": scans };
}

/**
 * The caller of an export must also be allowed to write into the bucket, at keys of which only the beginning is known.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport_Requesting.html
 */
function exportNeeds({ TableArn, S3Bucket, S3Prefix }: Input, place: Place): Need[] {
  const prefix = S3Prefix ? `${String(S3Prefix).replace(/\/$/, "")}/` : "";
  const resource = `arn:aws:s3:::${S3Bucket}/${prefix}AWSDynamoDB/_started`;
  const ofObjects = ["s3:PutObject", "s3:AbortMultipartUpload", "s3:PutObjectAcl"];
  return [
    need("ExportTableToPointInTime", { TableName: TableArn }, place, {}),
    ...ofObjects.map((action): Need => ({ action, resource, context: {} })),
  ];
}

function batchNeeds(action: string, { RequestItems = {} }: Input, place: Place): Need[] {
  return Object.entries(RequestItems as Record<string, unknown>).map(([TableName, requests]) => {
    const items = action === "BatchGetItem" ? (requests as { Keys: WireItem[] }).Keys : writtenItems(requests);
    return need(action, { TableName }, place, itemsContext(items, { TableName }, place));
  });
}

function writtenItems(requests: unknown): WireItem[] {
  type Write = { PutRequest?: { Item: WireItem }; DeleteRequest?: { Key: WireItem } };
  return (requests as Write[]).map(({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key ?? {});
}

/** `TableName` may be an ARN; a query or scan of an index is about the index alone. */
function tableArn({ TableName, IndexName }: Input, place: Place): string {
  const table = String(TableName);
  const arn = arnOf("dynamodb", place, table.startsWith("arn:") ? table : `table/${table}`);
  return IndexName === undefined ? arn : `${arn}/index/${IndexName}`;
}

/** The hash keys of the items a call names. */
function itemsContext(items: (WireItem | undefined)[], { TableName }: Input, place: Place): RequestContext {
  return {
    "dynamodb:leadingkeys": async () => {
      const hashKey = await place.hashKeyOf(tableName(TableName));
      const keys = items.map((item) => hashKey && scalar(item?.[hashKey]));
      return [...new Set(keys.filter((key) => key !== undefined))] as string[];
    },
  };
}

/** The hash key of a query, from the `name = :value` that every valid key condition contains. */
function queryContext(input: Input, place: Place): RequestContext {
  return {
    "dynamodb:leadingkeys": async (): Promise<ContextValue> => {
      if (typeof input.KeyConditionExpression !== "string") return undefined;
      const hashKey = await place.hashKeyOf(tableName(input.TableName), input.IndexName as string | undefined);
      const names = (input.ExpressionAttributeNames ?? {}) as Record<string, string>;
      const values = (input.ExpressionAttributeValues ?? {}) as WireItem;
      for (const [, name = "", value = ""] of input.KeyConditionExpression.matchAll(/([\w#.-]+)\s*=\s*(:\w+)/g)) {
        const key = (names[name] ?? name) === hashKey ? scalar(values[value]) : undefined;
        if (key !== undefined) return [key];
      }
      return undefined;
    },
  };
}

function tableName(given: unknown): string {
  return String(given).split("/").at(1) ?? String(given);
}

function scalar(attribute: Value | undefined): string | undefined {
  const value = attribute?.S ?? attribute?.N ?? attribute?.B;
  return value === undefined ? undefined : String(value);
}
