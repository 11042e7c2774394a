import { schemaOf } from "../../../shared/tables/schema";

test("reads keys, their types and indexes, the partition key first", () => {
  const schema = schemaOf({
    TableName: "orders",
    KeySchema: [
      { AttributeName: "sk", KeyType: "RANGE" },
      { AttributeName: "pk", KeyType: "HASH" },
    ],
    AttributeDefinitions: [
      { AttributeName: "pk", AttributeType: "S" },
      { AttributeName: "sk", AttributeType: "N" },
      { AttributeName: "at", AttributeType: "B" },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: "byTime",
        KeySchema: [{ AttributeName: "at", KeyType: "HASH" }],
        Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["total"] },
      },
    ],
    LocalSecondaryIndexes: [
      {
        IndexName: "local",
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "at", KeyType: "RANGE" },
        ],
        Projection: { ProjectionType: "ALL" },
      },
    ],
  });
  expect(schema).toEqual({
    name: "orders",
    keys: ["pk", "sk"],
    keyTypes: { pk: "S", sk: "N", at: "B" },
    indexes: [
      { name: "byTime", kind: "global", keys: ["at"], projection: ["total"] },
      { name: "local", kind: "local", keys: ["pk", "at"], projection: "ALL" },
    ],
  });
});

test("an index of keys only holds nothing else", () => {
  const byTime = { IndexName: "byTime", KeySchema: [], Projection: { ProjectionType: "KEYS_ONLY" as const } };
  expect(schemaOf({ TableName: "orders", GlobalSecondaryIndexes: [byTime] }).indexes[0]!.projection).toEqual([]);
});
