import {
  BatchGetItemCommand,
  CreateTableCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { failure, key, type ModelledGateway, modelledGateway, putItem, recorded, text } from "./modelledGateway";

const TableName = "reads";
/**
 * An item has a little less than 4 KB: 1 RCU for a strong read, 0.5 for an eventual one. In a page, sizes add up before
 * rounding.
 */
const ITEM_TEXT = 3_900;

let gateway: ModelledGateway;
beforeAll(async () => {
  gateway = await modelledGateway();
  const string = (AttributeName: string) => ({ AttributeName, AttributeType: "S" as const });
  const index = (IndexName: string, hash: string, range: string) => ({
    IndexName,
    KeySchema: [
      { AttributeName: hash, KeyType: "HASH" as const },
      { AttributeName: range, KeyType: "RANGE" as const },
    ],
    Projection: { ProjectionType: "ALL" as const },
  });
  await gateway.client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: index("", "pk", "sk").KeySchema,
      AttributeDefinitions: ["pk", "sk", "group", "at"].map(string),
      GlobalSecondaryIndexes: [index("byGroup", "group", "sk")],
      LocalSecondaryIndexes: [index("byTime", "pk", "at")],
    }),
  );
  for (let number = 0; number < 10; number++) {
    const Item = { sk: { S: `s${number}` }, group: { S: "g" }, at: { S: `t${number}` }, text: text(ITEM_TEXT) };
    await putItem(gateway, TableName, "p", { Item });
  }
});
afterAll(() => gateway?.stop());
beforeEach(async () => {
  gateway.throttling.off();
  await gateway.throttling.set({ table: TableName, mode: "record" });
});

const rcu = (index?: string) => recorded(gateway, TableName, "rcu", index);
const of = (pk: string) => ({
  KeyConditionExpression: "pk = :pk",
  ExpressionAttributeValues: { ":pk": { S: pk } },
});
const ofGroup = {
  KeyConditionExpression: "#g = :g",
  ExpressionAttributeNames: { "#g": "group" },
  ExpressionAttributeValues: { ":g": { S: "g" } },
};
const keys = (...numbers: number[]) => numbers.map((number) => ({ ...key("p"), sk: { S: `s${number}` } }));
const scan = (more: object = {}) => gateway.client.send(new ScanCommand({ TableName, ...more }));
const query = (more: object) => gateway.client.send(new QueryCommand({ TableName, ...more }));

type Units = { table: number; byGroup?: number; byTime?: number };

test.each<[string, () => Promise<unknown>, Units]>([
  ["a scan", () => scan(), { table: 5 }],
  ["a consistent scan", () => scan({ ConsistentRead: true }), { table: 10 }],
  [
    "a scan whose filter lets nothing through",
    () => scan({ FilterExpression: "attribute_exists(nobody)" }),
    { table: 5 },
  ],
  ["a scan that only counts", () => scan({ Select: "COUNT" }), { table: 5 }],
  ["a page of a scan", () => scan({ Limit: 4 }), { table: 2 }],
  [
    "all segments of a scan",
    () => Promise.all([0, 1, 2].map((Segment) => scan({ Segment, TotalSegments: 3, ConsistentRead: true }))),
    { table: 10 },
  ],
  ["a scan of a global index", () => scan({ IndexName: "byGroup" }), { table: 0, byGroup: 5 }],
  ["a scan of a local index, which is the table's", () => scan({ IndexName: "byTime" }), { table: 5, byTime: 5 }],
  ["a query", () => query(of("p")), { table: 5 }],
  // AWS charges at least 0.5 RCU; see the table in docs/decisions/0040-capacity-model.md.
  ["a query that finds nothing", () => query(of("nobody")), { table: 0 }],
  [
    "a page of a scan after the last item",
    () => scan({ ExclusiveStartKey: { ...key("p"), sk: { S: "s9" } } }),
    { table: 0 },
  ],
  ["a query of a global index", () => query({ IndexName: "byGroup", ...ofGroup }), { table: 0, byGroup: 5 }],
  [
    "a consistent query of a local index",
    () => query({ IndexName: "byTime", ConsistentRead: true, ...of("p") }),
    { table: 10, byTime: 10 },
  ],
  [
    "a batch",
    () =>
      gateway.client.send(
        new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: keys(0, 1, 2), ConsistentRead: true } } }),
      ),
    { table: 3 },
  ],
  [
    "a transaction, twice",
    () =>
      gateway.client.send(
        new TransactGetItemsCommand({ TransactItems: keys(0, 1).map((Key) => ({ Get: { TableName, Key } })) }),
      ),
    { table: 4 },
  ],
])("%s is recorded with what it read", async (_, read, units) => {
  await read();
  const { table, byGroup = 0, byTime = 0 } = units;
  expect({ table: rcu(), byGroup: rcu("byGroup"), byTime: rcu("byTime") }).toEqual({ table, byGroup, byTime });
});

test("pages of an index are throttled by the index's capacity alone, and by its partition", async () => {
  const indexes = { byGroup: { rcu: 1, wcu: 1 } };
  await gateway.throttling.set({ table: TableName, mode: "provisioned", rcu: 100, wcu: 100, credit: 1, indexes });
  await query({ IndexName: "byGroup", ...ofGroup });
  expect(await failure(query({ IndexName: "byGroup", ...ofGroup }))).toMatchObject({
    name: "ProvisionedThroughputExceededException",
    ThrottlingReasons: [{ reason: "IndexReadProvisionedThroughputExceeded" }],
  });
  await scan();
  const { indexes: slots, consumption } = gateway.throttling.consumption(TableName);
  expect(slots.byGroup?.reduce((sum, { throttled }) => sum + throttled, 0)).toBe(1);
  expect(consumption.reduce((sum, { throttled }) => sum + throttled, 0)).toBe(0);
});
