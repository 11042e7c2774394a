import {
  type AttributeValue,
  type CreateTableCommandInput,
  DynamoDBClient,
  DynamoDBServiceException,
  PutItemCommand,
  ResourceNotFoundException,
  ScanCommand,
  type ScanCommandInput,
  type ScanCommandOutput,
} from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { createTable, fillTable } from "../../../../local/fillTable";
import { withoutLog } from "../../../../shared/aws/clients";
import { readScansFast } from "../../../../shared/sources/table/scanResponses";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../../support/dynamoDbLocal";

type Item = Record<string, AttributeValue>;

const bytes = (...values: number[]) => new Uint8Array(values);
const every = bytes(...Array.from({ length: 256 }, (_, value) => value));
const texts = ["", '"B":"AAAA"', '{"BS":["AQ=="]}', '\\"B\\":', "Grüße 漢字 🎉 \u0000\u001f\u2028", "€".repeat(3_000)];

/** One item for each type, and one with all types. */
const kinds: Item[] = [
  { text: { S: "plain" } },
  ...texts.map((S) => ({ text: { S } })),
  { number: { N: "12345678901234567890123456789012345678" } },
  {
    number: {
      N: "-0.00000000000000000000000000000000000000000000000000000000000000000000000000000000000012345678901234567890123456789012345678",
    },
  },
  { number: { N: "9.9999999999999999999999999999999999999E+125" } },
  { yes: { BOOL: true }, no: { BOOL: false }, nothing: { NULL: true } },
  { binary: { B: every }, empty: { B: bytes() } },
  { strings: { SS: ["a", "B", '"B":'] }, numbers: { NS: ["1", "2.5", "12345678901234567890123456789012345678"] } },
  { binaries: { BS: [bytes(0), bytes(1, 2, 3), every] } },
  { list: { L: [{ B: every }, { L: [{ L: [{ B: bytes(7) }] }] }, { M: { a: { B: bytes(8) } } }, { NULL: true }] } },
  { map: { M: { deep: { M: { deeper: { M: { B: { B: bytes(9) }, BS: { BS: [bytes(1)] } } } } } } } },
  { emptyList: { L: [] }, emptyMap: { M: {} } },
  // Names that look like types.
  {
    B: { S: "AQID" },
    BS: { SS: ["AQID"] },
    S: { B: bytes(1) },
    M: { M: { L: { L: [{ S: "AQID" }] } } },
    L: { S: "x" },
  },
  {
    map: {
      M: {
        B: { S: "AQID" },
        BS: { L: [{ S: "AQID" }] },
        L: { M: { B: { N: "1" } } },
        M: { S: "M" },
        N: { BOOL: true },
      },
    },
  },
  { map: { M: { B: { M: { B: { S: "no binary" } } } } } },
  { "a.b c": { M: { "🎉": { B: bytes(200) } } } },
];

let database: DynamoDbLocal;
let plain: DynamoDBClient;
let fast: DynamoDBClient;
beforeAll(async () => {
  database = await startDynamoDbLocal();
  const client = () => {
    const credentials = { accessKeyId: "local", secretAccessKey: "local" };
    return new DynamoDBClient({ endpoint: database.endpoint, region: "eu-central-1", credentials, maxAttempts: 1 });
  };
  [plain, fast] = [client(), readScansFast(withoutLog(client()))];
  const binaryKey: Partial<CreateTableCommandInput> = {
    KeySchema: [{ AttributeName: "B", KeyType: "HASH" }],
    AttributeDefinitions: [{ AttributeName: "B", AttributeType: "B" }],
  };
  await Promise.all([
    createTable(plain, "kinds"),
    createTable(plain, "binary-keys", binaryKey),
    createTable(plain, "empty"),
  ]);
  await fillTable(plain, "kinds", kinds.length, (n) => ({ id: { S: `item-${n}` }, ...kinds[n] }));
  await fillTable(plain, "binary-keys", 20, (n) => ({ B: { B: bytes(n, 255 - n, 0) }, n: { N: String(n) } }));
});
afterAll(async () => {
  plain?.destroy();
  fast?.destroy();
  await database?.stop();
});

/** The answers of both clients, without the parts that differ between any two requests. */
async function both(input: ScanCommandInput): Promise<[ScanCommandOutput, ScanCommandOutput]> {
  const [expected, got] = await Promise.all([plain.send(new ScanCommand(input)), fast.send(new ScanCommand(input))]);
  expect(got.$metadata).toMatchObject({ httpStatusCode: 200, requestId: expect.stringMatching(/.+/), attempts: 1 });
  for (const output of [expected, got]) Reflect.deleteProperty(output, "$metadata");
  return [expected, got];
}

/** Exactly equal, including the types of binary values, and absent keys. */
async function same(input: ScanCommandInput): Promise<ScanCommandOutput> {
  const [expected, got] = await both(input);
  expect(got).toStrictEqual(expected);
  return got;
}

test("items of every kind are read as the SDK reads them", async () => {
  const { Items = [] } = await same({ TableName: "kinds" });
  expect(Items).toHaveLength(kinds.length);
  const byId = new Map(Items.map((item) => [item.id?.S, item]));
  // The SDK's answer also equals what was written, so nothing is compared only with itself.
  for (const [n, kind] of kinds.entries()) {
    if ("number" in kind || "numbers" in kind || "strings" in kind || "binaries" in kind) continue;
    expect(byId.get(`item-${n}`)).toEqual({ id: { S: `item-${n}` }, ...kind });
  }
});

test.each<[string, ScanCommandInput]>([
  ["no items", { TableName: "empty" }],
  ["one item", { TableName: "kinds", Limit: 1 }],
  ["a count only", { TableName: "kinds", Select: "COUNT" }],
  ["a segment", { TableName: "kinds", Segment: 1, TotalSegments: 3 }],
  [
    "a projection",
    {
      TableName: "kinds",
      ProjectionExpression: "id, #B, #map.#B, binaries[0]",
      ExpressionAttributeNames: { "#B": "B", "#map": "map" },
    },
  ],
  [
    "a filter on binary",
    {
      TableName: "kinds",
      FilterExpression: "#b = :b",
      ExpressionAttributeNames: { "#b": "binary" },
      ExpressionAttributeValues: { ":b": { B: every } },
    },
  ],
  [
    "a filter nothing passes",
    { TableName: "kinds", FilterExpression: "attribute_exists(#no)", ExpressionAttributeNames: { "#no": "nobody" } },
  ],
  ["what it cost in all", { TableName: "kinds", ReturnConsumedCapacity: "TOTAL" }],
  ["what it cost by index", { TableName: "kinds", ReturnConsumedCapacity: "INDEXES", ConsistentRead: true }],
])("%s", async (_, input) => {
  const output = await same(input);
  if (input.ReturnConsumedCapacity !== undefined) expect(output.ConsumedCapacity?.CapacityUnits).toBeGreaterThan(0);
});

test.each(["kinds", "binary-keys"])("%s, page after page, each from the other client's cursor", async (TableName) => {
  let ExclusiveStartKey: Item | undefined;
  const seen: Item[] = [];
  do {
    const { Items = [], LastEvaluatedKey } = await same({
      TableName,
      Limit: 3,
      ...(ExclusiveStartKey && { ExclusiveStartKey }),
    });
    seen.push(...Items);
    ExclusiveStartKey = LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  expect(seen).toHaveLength(TableName === "kinds" ? kinds.length : 20);
});

test("nested values of an item are read as the SDK reads them", async () => {
  await createTable(plain, "nested");
  const name = fc.constantFrom("B", "BS", "S", "M", "L", "N", "NS", "id2", "x");
  const { value } = fc.letrec<{ value: AttributeValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.record({ S: fc.oneof(fc.string({ unit: "grapheme" }), fc.base64String()) }) as fc.Arbitrary<AttributeValue>,
      fc.record({ B: fc.uint8Array({ maxLength: 20 }) }) as fc.Arbitrary<AttributeValue>,
      fc.record({
        BS: fc.uniqueArray(fc.uint8Array({ minLength: 1, maxLength: 5 }), {
          minLength: 1,
          maxLength: 3,
          selector: String,
        }),
      }) as fc.Arbitrary<AttributeValue>,
      fc.record({ N: fc.integer().map(String) }) as fc.Arbitrary<AttributeValue>,
      fc.record({ L: fc.array(tie("value"), { maxLength: 3 }) }) as fc.Arbitrary<AttributeValue>,
      fc.record({
        M: fc.dictionary(name, tie("value"), { maxKeys: 3, noNullPrototype: true }),
      }) as fc.Arbitrary<AttributeValue>,
    ),
  }));
  await fc.assert(
    fc.asyncProperty(fc.dictionary(name, value, { maxKeys: 4, noNullPrototype: true }), async (attributes) => {
      await plain.send(new PutItemCommand({ TableName: "nested", Item: { id: { S: "one" }, ...attributes } }));
      await same({ TableName: "nested" });
    }),
    { numRuns: 60 },
  );
});

describe("errors are the SDK's own", () => {
  test("of a table that is not there", async () => {
    const error = await fast.send(new ScanCommand({ TableName: "nowhere" })).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ResourceNotFoundException);
    expect(error).toMatchObject({ name: "ResourceNotFoundException", $metadata: { httpStatusCode: 400 } });
  });

  test("of an invalid filter", async () => {
    const send = (client: DynamoDBClient) =>
      client.send(new ScanCommand({ TableName: "kinds", FilterExpression: "a >" })).catch((thrown: unknown) => thrown);
    const [expected, got] = await Promise.all([send(plain), send(fast)]);
    expect(got).toBeInstanceOf(DynamoDBServiceException);
    expect(got).toMatchObject({ name: "ValidationException", message: (expected as Error).message });
  });

  test("and other calls are unchanged", async () => {
    const { Attributes } = await fast.send(
      new PutItemCommand({ TableName: "empty", Item: { id: { S: "a" }, b: { B: every } }, ReturnValues: "ALL_OLD" }),
    );
    expect(Attributes).toBeUndefined();
    const again = { TableName: "empty", Item: { id: { S: "a" } }, ReturnValues: "ALL_OLD" } as const;
    expect((await fast.send(new PutItemCommand(again))).Attributes).toEqual({ id: { S: "a" }, b: { B: every } });
  });
});

test("a client with fast reading of responses doesn't change other clients", () => {
  const other = new DynamoDBClient({ region: "eu-central-1" });
  const before = (other.config as unknown as { protocol: object }).protocol;
  expect(Object.hasOwn(before, "deserializeResponse")).toBe(false);
  readScansFast(other);
  expect((other.config as unknown as { protocol: object }).protocol).not.toBe(before);
  expect(Object.hasOwn(before, "deserializeResponse")).toBe(false);
});
