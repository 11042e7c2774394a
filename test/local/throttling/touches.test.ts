import { piecesOf } from "../../../local/gateway/throttling/pieces";
import { positionOf } from "../../../local/gateway/throttling/position";
import { touchesOf } from "../../../local/gateway/throttling/touches";

const schema = { hashKey: "pk", globalIndexes: { byGroup: ["group"], byDay: ["day", "hour"] } };
const S = (S: string) => ({ S });
const Key = { pk: S("a"), sk: S("1") };
const a = positionOf(S("a"));
const group = positionOf(S("g"));
const TableName = "orders";

function touched(action: string, input: Record<string, unknown>) {
  return (piecesOf(action, input)?.pieces ?? []).map((piece) => [
    piece.table,
    piece.direction,
    ...touchesOf(piece, schema),
  ]);
}

const values = { ":g": S("g"), ":a": S("a"), ":b": S("b") };

test.each<[string, string, Record<string, unknown>, unknown[]]>([
  ["a get", "GetItem", { TableName, Key }, ["read", { position: a, units: 0.5 }]],
  ["a consistent get", "GetItem", { TableName, Key, ConsistentRead: true }, ["read", { position: a, units: 1 }]],
  [
    "a table named by its ARN",
    "GetItem",
    { TableName: "arn:aws:dynamodb:eu-west-1:1:table/orders", Key },
    ["read", { position: a, units: 0.5 }],
  ],
  [
    "a query",
    "Query",
    { TableName, KeyConditionExpression: "pk = :a AND begins_with(sk, :b)", ExpressionAttributeValues: values },
    ["read", { position: a, units: 0.5 }],
  ],
  [
    "a query with its sort key first and names in place of attributes",
    "Query",
    {
      TableName,
      KeyConditionExpression: "(#s = :b) AND (#p=:a)",
      ExpressionAttributeNames: { "#p": "pk", "#s": "sk" },
      ExpressionAttributeValues: values,
    },
    ["read", { position: a, units: 0.5 }],
  ],
  [
    "a query in the older form",
    "Query",
    { TableName, KeyConditions: { pk: { AttributeValueList: [S("a")], ComparisonOperator: "EQ" } } },
    ["read", { position: a, units: 0.5 }],
  ],
  [
    "a query of a global index",
    "Query",
    { TableName, IndexName: "byGroup", KeyConditionExpression: "group = :g", ExpressionAttributeValues: values },
    ["read", { position: group, units: 0.5, index: "byGroup" }],
  ],
  [
    "a query of a local index, which shares the table's capacity",
    "Query",
    { TableName, IndexName: "byAge", KeyConditionExpression: "pk = :a", ExpressionAttributeValues: values },
    ["read", { position: a, units: 0.5 }],
  ],
  ["a scan", "Scan", { TableName, Segment: 3, TotalSegments: 4 }, ["read", { position: 0.75, units: 0.5 }]],
  [
    "a scan of an index",
    "Scan",
    { TableName, IndexName: "byGroup" },
    ["read", { position: 0, units: 0.5, index: "byGroup" }],
  ],
  [
    "a put, which touches the indexes whose keys it has",
    "PutItem",
    { TableName, Item: { ...Key, group: S("g"), day: S("1"), text: S("x".repeat(1_500)) } },
    ["write", { position: a, units: 2 }, { index: "byGroup", position: group, units: 1 }],
  ],
  [
    "an update, which may touch any index",
    "UpdateItem",
    { TableName, Key },
    ["write", { position: a, units: 1 }, { index: "byGroup", units: 1 }, { index: "byDay", units: 1 }],
  ],
])("%s", (_, action, input, touches) => {
  expect(touched(action, input)).toEqual([["orders", ...touches]]);
});

test("a batch touches what its parts touch, in the order of the request", () => {
  const RequestItems = {
    orders: [{ PutRequest: { Item: Key } }, { DeleteRequest: { Key } }],
    others: [{ PutRequest: { Item: Key } }],
  };
  const put = { position: a, units: 1 };
  expect(touched("BatchWriteItem", { RequestItems })).toEqual([
    ["orders", "write", put],
    ["orders", "write", put, { index: "byGroup", units: 1 }, { index: "byDay", units: 1 }],
    ["others", "write", put],
  ]);
  const gets = { orders: { Keys: [Key, Key], ConsistentRead: true } };
  expect(touched("BatchGetItem", { RequestItems: gets })).toEqual(
    [1, 2].map(() => ["orders", "read", { position: a, units: 1 }]),
  );
});

test("a transaction costs a table twice and an index once, and a condition check touches no index", () => {
  const TransactItems = [
    { Put: { TableName, Item: { ...Key, group: S("g") } } },
    { ConditionCheck: { TableName, Key } },
  ];
  expect(touched("TransactWriteItems", { TransactItems })).toEqual([
    ["orders", "write", { position: a, units: 2 }, { index: "byGroup", position: group, units: 1 }],
    ["orders", "write", { position: a, units: 2 }],
  ]);
  expect(touched("TransactGetItems", { TransactItems: [{ Get: { TableName, Key } }] })).toEqual([
    ["orders", "read", { position: a, units: 2 }],
  ]);
});

test.each(["DescribeTable", "CreateTable", "ExecuteStatement"])("%s has no pieces", (action) => {
  expect(piecesOf(action, { TableName })).toBeUndefined();
});
