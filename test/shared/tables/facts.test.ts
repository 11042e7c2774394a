import type { DynamoDBClient, TableDescription } from "@aws-sdk/client-dynamodb";
import { ResourceNotFoundException } from "@aws-sdk/client-dynamodb";
import { describeTable, tableFacts } from "../../../shared/tables/facts";
import { schemaOf } from "../../../shared/tables/schema";

/** DescribeTable's answer for a provisioned table with an index of each kind. */
const provisioned: TableDescription = {
  AttributeDefinitions: [
    { AttributeName: "customer", AttributeType: "S" },
    { AttributeName: "order", AttributeType: "S" },
    { AttributeName: "placed", AttributeType: "N" },
  ],
  TableName: "orders",
  KeySchema: [
    { AttributeName: "customer", KeyType: "HASH" },
    { AttributeName: "order", KeyType: "RANGE" },
  ],
  TableStatus: "ACTIVE",
  CreationDateTime: new Date("2025-03-04T05:06:07.891Z"),
  ProvisionedThroughput: { NumberOfDecreasesToday: 0, ReadCapacityUnits: 500, WriteCapacityUnits: 100 },
  TableSizeBytes: 73_400_320,
  ItemCount: 204_800,
  TableArn: "arn:aws:dynamodb:eu-west-1:111122223333:table/orders",
  TableId: "0b6c1f9a-2d53-4e53-9b0e-4b1a5a0c7f11",
  LocalSecondaryIndexes: [
    {
      IndexName: "by-placed",
      KeySchema: [
        { AttributeName: "customer", KeyType: "HASH" },
        { AttributeName: "placed", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "KEYS_ONLY" },
      IndexSizeBytes: 12_288_000,
      ItemCount: 204_700,
      IndexArn: "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/index/by-placed",
    },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: "by-day",
      KeySchema: [{ AttributeName: "placed", KeyType: "HASH" }],
      Projection: { ProjectionType: "ALL" },
      IndexStatus: "CREATING",
      Backfilling: true,
      ProvisionedThroughput: { NumberOfDecreasesToday: 0, ReadCapacityUnits: 50, WriteCapacityUnits: 100 },
      IndexSizeBytes: 1_024,
      ItemCount: 10,
      IndexArn: "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/index/by-day",
      WarmThroughput: { ReadUnitsPerSecond: 12_000, WriteUnitsPerSecond: 4_000, Status: "ACTIVE" },
    },
  ],
  DeletionProtectionEnabled: false,
  WarmThroughput: { ReadUnitsPerSecond: 12_000, WriteUnitsPerSecond: 4_000, Status: "ACTIVE" },
};

/** DescribeTable's answer for a table on demand. */
const onDemand: TableDescription = {
  TableName: "events",
  TableStatus: "ACTIVE",
  ProvisionedThroughput: { NumberOfDecreasesToday: 0, ReadCapacityUnits: 0, WriteCapacityUnits: 0 },
  TableSizeBytes: 0,
  ItemCount: 0,
  TableArn: "arn:aws:dynamodb:eu-west-1:111122223333:table/events",
  TableId: "f1f2c7a8-90aa-4cf0-8f4f-7cbe0df2a3f4",
  BillingModeSummary: { BillingMode: "PAY_PER_REQUEST", LastUpdateToPayPerRequestDateTime: new Date(0) },
};
const warm = (ReadUnitsPerSecond: number) => ({ WarmThroughput: { ReadUnitsPerSecond, WriteUnitsPerSecond: 4_000 } });
const most = (MaxReadRequestUnits: number) => ({
  OnDemandThroughput: { MaxReadRequestUnits, MaxWriteRequestUnits: -1 },
});

test("a provisioned table; its local index has the table's capacity, and its global index a separate one", () => {
  const of = (perSecond: number) => ({ perSecond, from: "provisioned", most: perSecond });
  const capacity = { read: of(500), write: of(100) };
  const identity = {
    arn: "arn:aws:dynamodb:eu-west-1:111122223333:table/orders",
    id: "0b6c1f9a-2d53-4e53-9b0e-4b1a5a0c7f11",
    createdAt: Date.UTC(2025, 2, 4, 5, 6, 7, 891),
  };
  const keys = '{"keys":[["HASH","customer"],["RANGE","placed"]],"projection":"KEYS_ONLY","attributes":[]}';
  const all = '{"keys":[["HASH","placed"]],"projection":"ALL","attributes":[]}';
  expect(tableFacts(provisioned)).toEqual({
    identity,
    status: "ACTIVE",
    items: 204_800,
    bytes: 73_400_320,
    ...capacity,
    schema: schemaOf(provisioned),
    indexes: {
      "by-placed": {
        ...{ kind: "local", status: "ACTIVE", items: 204_700, bytes: 12_288_000, ...capacity },
        identity: { ...identity, index: keys },
      },
      "by-day": {
        kind: "global",
        identity: { ...identity, index: all },
        status: "CREATING",
        items: 10,
        bytes: 1_024,
        read: of(50),
        write: of(100),
      },
    },
  });
});

test.each<[string, Partial<TableDescription>, object]>([
  ["nothing more", {}, { read: { perSecond: 12_000, from: "on-demand default", most: 40_000 } }],
  ["its initial warm throughput", warm(12_000), { read: { perSecond: 12_000, from: "warm throughput", most: 40_000 } }],
  [
    "warm throughput above the quota",
    warm(90_000),
    { read: { perSecond: 90_000, from: "warm throughput", most: 90_000 } },
  ],
  ["a maximum", { ...most(300), ...warm(12_000) }, { read: { perSecond: 300, from: "on-demand maximum", most: 300 } }],
  ["no maximum, in AWS's form", most(-1), { read: { perSecond: 12_000, from: "on-demand default", most: 40_000 } }],
])("a table on demand with %s", (_, changes, expected) => {
  expect(tableFacts({ ...onDemand, ...changes })).toMatchObject(expected);
});

test("an on-demand global index has a separate capacity", () => {
  const index = { IndexName: "by-day", IndexStatus: "ACTIVE", ...most(70) } as const;
  const { indexes } = tableFacts({ ...onDemand, ...most(300), GlobalSecondaryIndexes: [index] });
  expect(indexes["by-day"]).toMatchObject({
    ...{ read: { perSecond: 70, from: "on-demand maximum", most: 70 }, items: 0, bytes: 0 },
  });
});

test.each<[string, Partial<TableDescription>, object]>([
  ["nothing more", {}, { perSecond: 4_000, from: "on-demand default", most: 40_000 }],
  ["warm throughput", warm(12_000), { perSecond: 4_000, from: "warm throughput", most: 40_000 }],
])("the throughput of a table on demand, with %s", (_, changes, write) => {
  expect(tableFacts({ ...onDemand, ...changes })).toMatchObject({ write });
});

describe("asking DynamoDB", () => {
  const client = (send: () => Promise<unknown>) => ({ send }) as unknown as DynamoDBClient;

  test.each([
    ["not there", new ResourceNotFoundException({ message: "no such table", $metadata: {} }), "missing"],
    ["not the scanner's", Object.assign(new Error("no"), { name: "AccessDeniedException" }), "denied"],
  ])("a table that is %s has no facts", async (_, error, described) => {
    expect(
      await describeTable(
        client(() => Promise.reject(error)),
        "orders",
      ),
    ).toBe(described);
  });

  test("an existing table has the facts of its description", async () => {
    expect(
      await describeTable(
        client(async () => ({ Table: provisioned })),
        "orders",
      ),
    ).toEqual(tableFacts(provisioned));
  });

  test("any other answer is an error", async () => {
    const error = Object.assign(new Error("slow down"), { name: "ThrottlingException" });
    await expect(
      describeTable(
        client(() => Promise.reject(error)),
        "orders",
      ),
    ).rejects.toBe(error);
  });
});
