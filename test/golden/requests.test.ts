/** How the capacity plug-in handles requests and their answers. `sluice.capacity.plugin` must do the same. */
import { ConditionalCheckFailedException, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import type { Direction } from "../../shared/capacity/metering/direction";
import { errorAsAsked, metered, outputAsAsked } from "../../shared/capacity/plugin/asAsked";
import { type Input, useOf } from "../../shared/capacity/plugin/operations";
import { type Outcome, type Output, outcomeOf, outcomeOfError } from "../../shared/capacity/plugin/outcome";
import { parseStatement } from "../../shared/capacity/plugin/partiql";
import { expectGolden } from "../support/golden";

const TABLE = "bulk";
const ARN = `arn:aws:dynamodb:eu-central-1:123456789012:table/${TABLE}`;
const directions: readonly Direction[] = ["read", "write"];
const ALL_OLD = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" };

type Request = readonly [operation: string, input: Record<string, unknown>];
/** An error as the service reports it: HTTP status, code and what is modelled besides. */
type Failure = { status: number; code: string; item?: object; reasons?: object[] };
type Answer = { output: Record<string, unknown> } | Failure;

const item = (bytes: number) => ({ k: { S: "x".repeat(bytes - 1) } });
const odd = {
  "ä🙂": { S: "é\u0000" },
  n: { N: "-1.20e+5" },
  s: { SS: ["a", "ü"] },
  b: { B: new Uint8Array([0, 255]) },
  e: { M: {} },
};
const tables = [TABLE, ARN, "other", "bulky", `${ARN}/index/byG`, "x/table/bulk"];

const select = { Statement: 'SELECT * FROM "bulk"."byG" WHERE g=?', Parameters: [{ S: "1" }] };
const update = { Statement: "UPDATE bulk SET a=? WHERE k='1'", Parameters: [{ S: "x".repeat(1100) }] };
const shortUpdate = { ...update, Parameters: [{ S: "x" }] };
const remove = { Statement: "DELETE FROM bulk WHERE k='1'" };
const exists = { Statement: "EXISTS(SELECT * FROM bulk WHERE k='1')" };
const unknown = { Statement: "FROM bulk WHERE k='1' SET a=1" };
const elsewhere = { Statement: 'UPDATE "other" SET a=1 WHERE k=1' };
const insert = (value: object) => ({ Statement: `INSERT INTO ${TABLE} VALUE {'k': ?}`, Parameters: [value] });

const statements: readonly string[] = [
  ...[select, update, remove, exists, unknown, elsewhere].map(({ Statement }) => Statement),
  "",
  '  -- a comment\n /* FROM x */ select a, \'FROM y\', "from" from\t"t""q" . "i" where 1',
  "((SELECT * FROM t))",
  "SELECT * FROM",
  "SELECT * FROM 'text'",
  "SELECT 1",
  "INSERT INTO t VALUE {}",
  "INSERT t",
  "DELETE t",
  "UPDATE 'text'",
  "UPDATE t.i.j",
  "UPDATE $t_1.",
  "EXISTS",
  `UPDATE "${ARN}" SET a=1`,
  'UPDATE "ünï🙂" SET a=1',
  "UPDATE ü SET a=1",
  "\u00a0\ufeffUPDATE\u2003t",
  "\u0085UPDATE t",
  "\u001cUPDATE t",
  'UPDATE "unclosed',
  "UPDATE /* unclosed t",
];

const one = ["GetItem", "Query", "Scan", "PutItem", "UpdateItem", "DeleteItem", "SearchVectors", "StartBulkPutItems"];
const control = ["DescribeTable", "UpdateTable", "TagResource", "ExportTableToPointInTime", "NewOperation"];
const requests: readonly Request[] = [
  ...[...one, ...control].flatMap((operation) => tables.map((TableName): Request => [operation, { TableName }])),
  ...one.map((operation): Request => [operation, {}]),
  ["PutItem", { TableName: TABLE, Item: odd, ConditionExpression: "attribute_not_exists(k)" }],
  ["PutItem", { TableName: TABLE, Item: odd, ReturnConsumedCapacity: "TOTAL" }],
  ["DeleteItem", { TableName: TABLE, ConditionExpression: "a = b", ...ALL_OLD, ReturnConsumedCapacity: "INDEXES" }],
  ["BatchGetItem", { RequestItems: { other: { Keys: [] }, [TABLE]: { Keys: [] } } }],
  ["BatchGetItem", { RequestItems: { [ARN]: { Keys: [] } }, ReturnConsumedCapacity: "NONE" }],
  ["BatchGetItem", { RequestItems: {} }],
  ["BatchWriteItem", { RequestItems: { other: [], [TABLE]: [] } }],
  ["BatchWriteItem", { RequestItems: { bulky: [] } }],
  ["TransactGetItems", { TransactItems: [{ Get: { TableName: "other" } }, { Get: { TableName: ARN } }] }],
  ["TransactGetItems", { TransactItems: [{ Get: { TableName: TABLE } }], ReturnConsumedCapacity: "INDEXES" }],
  ["TransactGetItems", { TransactItems: [] }],
  [
    "TransactWriteItems",
    {
      TransactItems: [
        { Put: { TableName: TABLE, Item: odd } },
        { Update: { TableName: "other", ConditionExpression: "a = b" } },
        { Delete: { TableName: ARN, ConditionExpression: "a = b", ...ALL_OLD } },
        { ConditionCheck: { TableName: TABLE, ConditionExpression: "a = b" } },
      ],
    },
  ],
  ...[select, update, remove, exists, unknown, elsewhere, insert({ N: "1" })].flatMap((statement): Request[] => [
    ["ExecuteStatement", statement],
    ["ExecuteStatement", { ...statement, ...ALL_OLD, ReturnConsumedCapacity: "TOTAL" }],
    ["BatchExecuteStatement", { Statements: [statement, { ...elsewhere, ...ALL_OLD }] }],
    ["ExecuteTransaction", { TransactStatements: [statement, elsewhere] }],
    ["ExecuteTransaction", { TransactStatements: [statement, remove], ReturnConsumedCapacity: "TOTAL" }],
  ]),
  ["BatchExecuteStatement", { Statements: [] }],
  ["NewOperation", { Parts: [{ Get: { From: TABLE } }] }],
  ["NewOperation", { Tables: { [ARN]: {} } }],
  ["NewOperation", { TableName: "other", Number: 1, Bytes: new Uint8Array([1]), Flag: true, Nothing: null }],
];

const units = (
  TableName: string,
  table: number,
  local: Record<string, number> = {},
  global: Record<string, number> = {},
) => {
  const each = (indexes: Record<string, number>) =>
    Object.fromEntries(Object.entries(indexes).map(([name, CapacityUnits]) => [name, { CapacityUnits }]));
  const sum = [table, ...Object.values(local), ...Object.values(global)].reduce((a, b) => a + b);
  return {
    TableName,
    CapacityUnits: sum,
    Table: { CapacityUnits: table },
    ...(Object.keys(local).length > 0 && { LocalSecondaryIndexes: each(local) }),
    ...(Object.keys(global).length > 0 && { GlobalSecondaryIndexes: each(global) }),
  };
};
const failed = (Code?: string, Item?: object) => ({ Error: { ...(Code && { Code }), ...(Item && { Item }) } });
const none = { Code: "None" };
const met = (Item?: object) => ({ Code: "ConditionalCheckFailed", ...(Item && { Item }) });
const cancelled = (...reasons: object[]): Failure => ({ status: 400, code: "TransactionCanceledException", reasons });

const put = { TableName: TABLE, Item: item(10) };
const largePut = { TableName: TABLE, Item: item(2000) };
const transaction = {
  TransactItems: [
    { Put: largePut },
    { Update: { TableName: "other" } },
    { ConditionCheck: { TableName: ARN, ...ALL_OLD } },
  ],
};
const batch = { Statements: [shortUpdate, { ...remove, ...ALL_OLD }, elsewhere, unknown] };

const answers: readonly (readonly [input: Record<string, unknown>, answer: Answer])[] = [
  ...[undefined, "NONE", "TOTAL", "INDEXES"].flatMap((asked) => {
    const given = { ...put, ...(asked && { ReturnConsumedCapacity: asked }) };
    const full = () => units(TABLE, 2, { byL: 1.5 }, { byG: 3, constructor: 0.5 });
    return [
      { ConsumedCapacity: full() },
      { ConsumedCapacity: [full(), units("other", 9), units(ARN, 0, {}, { byG: 2 })] },
      { ConsumedCapacity: { TableName: TABLE, CapacityUnits: 7 } },
      { ConsumedCapacity: [] },
      {},
    ].map((output): [Record<string, unknown>, Answer] => [given, { output }]);
  }),
  [put, { output: { ConsumedCapacity: units("other", 9) } }],
  [put, { output: { ConsumedCapacity: units(TABLE, 0) } }],
  [put, { output: { ConsumedCapacity: [units(TABLE, 1)], UnprocessedItems: { [TABLE]: [] } } }],
  [put, { output: { UnprocessedItems: { other: [] } } }],
  [put, { output: { UnprocessedItems: {} } }],
  [put, { output: { ConsumedCapacity: [units(TABLE, 1)], UnprocessedKeys: { [ARN]: {} } } }],
  ...[
    [{}, {}, {}, {}],
    [failed("ConditionalCheckFailed", item(2049)), failed("ConditionalCheckFailed", item(9)), {}, {}],
    [failed("ConditionalCheckFailed"), failed("DuplicateItem"), failed("DuplicateItem"), failed("DuplicateItem")],
    [failed("ProvisionedThroughputExceeded"), {}, {}, {}],
    [{}, {}, failed("ThrottlingError"), {}],
    [{}, {}, {}, failed("RequestLimitExceeded")],
    [failed("ValidationError"), failed(), {}, {}],
    [],
  ].flatMap((Responses): [Record<string, unknown>, Answer][] => [
    [batch, { output: { Responses, ConsumedCapacity: [units(TABLE, 5)] } }],
    [batch, { output: { Responses } }],
  ]),
  ...[
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
    "ValidationException",
    "ResourceNotFoundException",
    "DuplicateItemException",
    "DuplicateItem",
    "AccessDeniedException",
  ].map((code): [Record<string, unknown>, Answer] => [put, { status: 400, code }]),
  [put, { status: 500, code: "InternalServerError" }],
  [put, { status: 503, code: "ServiceUnavailable" }],
  ...[undefined, item(1), item(1024), item(1025), item(2500), odd].flatMap(
    (found): [Record<string, unknown>, Answer][] => {
      const failure = { status: 400, code: "ConditionalCheckFailedException", ...(found && { item: found }) };
      return [
        [largePut, failure],
        [{ TableName: TABLE, ...ALL_OLD }, failure],
        [update, failure],
      ];
    },
  ),
  [transaction, cancelled(none, none, none)],
  [transaction, cancelled(met(item(3000)), met(item(4000)), met(item(1025)))],
  [transaction, cancelled(none, { Code: "ThrottlingError" }, none)],
  [transaction, cancelled(none, none, { Code: "ProvisionedThroughputExceeded" })],
  [transaction, cancelled()],
  [transaction, cancelled({ Code: "TransactionConflict" })],
  [{ TransactItems: [{ Get: { TableName: TABLE } }] }, cancelled({ Code: "TransactionConflict" })],
  ...[
    select,
    update,
    remove,
    exists,
    unknown,
    elsewhere,
    insert({ S: "x".repeat(2017) }),
    insert({ S: "x".repeat(2018) }),
  ].map((statement): [Record<string, unknown>, Answer] => [
    { TransactStatements: [statement, { ...update, ...ALL_OLD }] },
    cancelled(met(item(1500)), met(item(2500))),
  ]),
  [{ TransactStatements: [insert({ M: odd }), update] }, cancelled(none, met())],
];

test("requests, by table and direction", () => {
  const made = requests.map(([operation, input]) => ({
    operation,
    input,
    use: Object.fromEntries(
      directions.map((each) => [each, useOf(`${operation}Command`, input as Input, TABLE, each)]),
    ),
    asked: metered(input as Input),
  }));
  expectGolden("requests", plain(made));
});

test("statements", () => {
  expectGolden("statements", plain(statements.map((text) => ({ text, statement: parseStatement(text) ?? null }))));
});

test("answers to requests", () => {
  const made = answers.map(([input, answer]) => ({
    input,
    answer,
    ...("output" in answer ? good(input, answer) : bad(input, answer)),
  }));
  expectGolden("answers", plain(made));
});

function good(input: Input, { output }: { output: object }) {
  const outcome = outcomeOf(output as Output, input, TABLE);
  const left = structuredClone(output);
  outputAsAsked(left as Output, input);
  return { ...portable(outcome), left };
}

function bad(input: Input, failure: Failure) {
  const error = errorOf(failure);
  const outcome = outcomeOfError(error, input, TABLE);
  errorAsAsked(error, input);
  const { Item, CancellationReasons } = error as Partial<TransactionCanceledException> & { Item?: object };
  return {
    ...portable(outcome),
    left: { ...(Item && { Item }), ...(CancellationReasons && { CancellationReasons }) },
  };
}

/** Python has no `undefined`: no indexes and an empty map of them are the same. */
function portable({ consumed, throttled }: Outcome) {
  return {
    consumed: consumed === undefined ? null : { table: consumed.table, indexes: { ...consumed.indexes } },
    throttled,
  };
}

/** The error in the form in which the SDK's client would throw it. */
function errorOf({ status, code, item, reasons }: Failure): Error {
  const about = { message: "no", $metadata: { httpStatusCode: status } };
  if (code === "ConditionalCheckFailedException") {
    return new ConditionalCheckFailedException({ ...about, ...(item && { Item: item as never }) });
  }
  if (code === "TransactionCanceledException") {
    const CancellationReasons = (reasons ?? []).map((each) => ({ ...each }));
    return new TransactionCanceledException({ ...about, CancellationReasons });
  }
  return Object.assign(new Error("no"), { name: code, $fault: status < 500 ? "client" : "server" });
}

/** As JSON, with bytes as `{"$bytes": base64}`. */
function plain(value: unknown) {
  const replaced = (_: string, each: unknown) =>
    each instanceof Uint8Array ? { $bytes: Buffer.from(each).toString("base64") } : each;
  return JSON.parse(JSON.stringify(value, replaced));
}
