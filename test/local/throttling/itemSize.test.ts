import { CreateTableCommand, DescribeTableCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { itemSize, writeUnits } from "../../../local/gateway/throttling/itemSize";
import type { Value } from "../../../local/gateway/throttling/position";
import { type ModelledGateway, modelledGateway } from "./modelledGateway";

let gateway: ModelledGateway;
const TableName = "sizes";

beforeAll(async () => {
  gateway = await modelledGateway();
  await gateway.client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
    }),
  );
}, 60_000);
afterAll(() => gateway.stop());

const numbers = ["0", "-0", "1", "12", "120", "123", "-1", "-123.4", "-123.456", "12345", "0.001", "0.0123", "00.50"]
  .concat(["1e10", "1.5E-7", "12.5e1", "-1e-10", "12345678901234567890123456789012345678"])
  .map((N): Value => ({ N }));
const others: Value[] = [
  { S: "" },
  { S: "ä€😀" },
  { B: "AQID" },
  { BOOL: true },
  { NULL: true },
  { SS: ["a", "bcd"] },
  { NS: ["1", "22", "-3"] },
  { BS: ["AQ==", "AQID"] },
  { L: [] },
  { L: [{ S: "a" }, { N: "1" }, { L: [] }] },
  { M: {} },
  { M: { aa: { M: { b: { BOOL: false } } }, c: { NULL: true } } },
];

test.each([...numbers, ...others].map((value) => [JSON.stringify(value), value] as const))(
  "%s is as large as DynamoDB Local says",
  async (_, value) => {
    const item = { pk: { S: "k" }, ä: value };
    await gateway.client.send(new PutItemCommand({ TableName, Item: onTheWire(item) as never }));
    const { Table } = await gateway.client.send(new DescribeTableCommand({ TableName }));
    expect(itemSize(item)).toBe(Table?.TableSizeBytes);
  },
);

test.each([
  [0, 1],
  [1, 1],
  [1_024, 1],
  [1_025, 2],
  [409_600, 400],
])("%d bytes cost %d WCU", (bytes, units) => {
  expect(writeUnits(bytes)).toBe(units);
});

/** The SDK takes bytes where DynamoDB's JSON has base64. */
function onTheWire(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(onTheWire);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) => {
    if (name === "B") return [name, Buffer.from(inner, "base64")];
    if (name === "BS") return [name, inner.map((part: string) => Buffer.from(part, "base64"))];
    return [name, onTheWire(inner)];
  });
  return Object.fromEntries(entries);
}
