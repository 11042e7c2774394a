import { type AttributeValue, CreateTableCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { atMostItemBytes, itemBytes, numberBytes } from "../../../shared/aws/itemSize";
import {
  failedWriteCapacityUnits,
  readCapacityUnits,
  writeCapacityUnits,
} from "../../../shared/capacity/metering/capacityUnits";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../support/dynamoDbLocal";

const values: AttributeValue[] = [
  { S: "hello" },
  { S: "" },
  { S: "grüße €" },
  ...[
    "0",
    "1",
    "12",
    "123",
    "-1",
    "-123",
    "1.2",
    "0.12",
    "0.012",
    "100",
    "1200",
    "12000",
    "9.99",
    "-99.9",
    "100.001",
  ].map((N) => ({ N })),
  ...["1e100", "1.5e-100", "12345678901234567890123456789012345678", "-12345678901234567890123456789012345678"].map(
    (N) => ({ N }),
  ),
  { B: new Uint8Array(7) },
  { BOOL: true },
  { NULL: true },
  { SS: ["ab", "cde"] },
  { NS: ["1", "234", "-5"] },
  { BS: [new Uint8Array(3), new Uint8Array(4)] },
  { L: [] },
  { M: {} },
  { L: [{ S: "a" }, { N: "12" }] },
  { M: { ab: { L: [{ BOOL: true }] }, c: { M: {} } } },
  { L: [{ L: [] }, { M: { x: { S: "yy" } } }] },
];

describe("the size of an item", () => {
  let local: DynamoDbLocal;
  let keys = 10_000;

  beforeAll(async () => {
    local = await startDynamoDbLocal();
    await local.client.send(
      new CreateTableCommand({
        TableName: "sizes",
        KeySchema: [{ AttributeName: "k", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "k", AttributeType: "S" }],
        BillingMode: "PAY_PER_REQUEST",
      }),
    );
  });

  afterAll(() => local?.stop());

  /** Write units that DynamoDB Local charges for a new item with `v` in it, whose size is `bytes` by our rules. */
  async function charged(v: AttributeValue, bytes: number): Promise<number | undefined> {
    const bare = { k: { S: String(keys++) }, v, p: { S: "" } };
    const Item = { ...bare, p: { S: "x".repeat(bytes - itemBytes(bare)) } };
    const put = new PutItemCommand({ TableName: "sizes", Item, ReturnConsumedCapacity: "TOTAL" });
    return (await local.client.send(put)).ConsumedCapacity?.CapacityUnits;
  }

  test.each(values.map((value) => [JSON.stringify(value), value] as const))(
    "equals DynamoDB Local's meter, to the byte: %s",
    async (_, value) => {
      expect([await charged(value, 1024), await charged(value, 1025)]).toEqual([1, 2]);
    },
  );

  test("of random numbers equals DynamoDB Local's meter", async () => {
    const number = fc.tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: -90, max: 90 }));
    await fc.assert(
      fc.asyncProperty(number, async ([digits, exponent]) => {
        const value = { N: `${digits}e${exponent}` };
        expect([await charged(value, 1024), await charged(value, 1025)]).toEqual([1, 2]);
      }),
      { numRuns: 100 },
    );
  });
});

test("a number's size does not depend on how it is written", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 0, max: 9 }), (value, zeros) => {
      const bytes = numberBytes(String(value));
      expect(numberBytes(`${value}.${"0".repeat(zeros)}`)).toBe(bytes);
      expect(numberBytes(`${value}${"0".repeat(zeros)}e-${zeros}`)).toBe(bytes);
    }),
  );
});

describe("capacity units of a size", () => {
  test.each([
    [0, 0.5, 1, 2],
    [4096, 0.5, 1, 2],
    [4097, 1, 2, 4],
    [10_000, 1.5, 3, 6],
  ])(
    "reading %d bytes: %d eventually, %d strongly consistent, %d in a transaction",
    (bytes, eventual, strong, both) => {
      const units = (["eventual", "strong", "transactional"] as const).map((how) => readCapacityUnits(bytes, how));
      expect(units).toEqual([eventual, strong, both]);
    },
  );

  test("writing takes one for each kilobyte begun, and twice as much in a transaction", () => {
    expect([
      writeCapacityUnits(0),
      writeCapacityUnits(1024),
      writeCapacityUnits(1025),
      writeCapacityUnits(1025, true),
    ]).toEqual([1, 1, 2, 4]);
  });

  test("a failed condition takes the units of the larger item, or one unit if there was no item", () => {
    expect([
      failedWriteCapacityUnits(3000, 100),
      failedWriteCapacityUnits(100, 3000),
      failedWriteCapacityUnits(0, 0),
    ]).toEqual([3, 3, 1]);
  });
});

test("the bound is at least the size, and at most three times as much for long texts", () => {
  for (const value of values)
    expect(atMostItemBytes({ grüße: value })).toBeGreaterThanOrEqual(itemBytes({ grüße: value }));
  for (const [character, bytes] of [
    ["a", 1],
    ["ü", 2],
    ["€", 3],
    ["🙂", 4],
  ] as const) {
    const item = { k: { S: character.repeat(100) } };
    expect(itemBytes(item)).toBe(1 + 100 * bytes);
    expect(atMostItemBytes(item)).toBe(3 + 3 * item.k.S.length);
  }
});
