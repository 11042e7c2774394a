import type { DynamoDBClient, TableDescription } from "@aws-sdk/client-dynamodb";
import { identifyTable, identityOf } from "../../../shared/tables/identity";

const description: TableDescription = {
  TableArn: "arn:aws:dynamodb:eu-west-1:111122223333:table/orders",
  TableId: "9c6a",
  CreationDateTime: new Date(1_234),
  GlobalSecondaryIndexes: [
    {
      IndexName: "by-day",
      KeySchema: [
        { AttributeName: "day", KeyType: "HASH" },
        { AttributeName: "id", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["b", "a"] },
    },
  ],
  LocalSecondaryIndexes: [
    {
      IndexName: "by-size",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      Projection: { ProjectionType: "ALL" },
    },
  ],
};
const table = { arn: "arn:aws:dynamodb:eu-west-1:111122223333:table/orders", id: "9c6a", createdAt: 1_234 };
const BY_DAY = '{"keys":[["HASH","day"],["RANGE","id"]],"projection":"INCLUDE","attributes":["a","b"]}';

test("a table has its id and time, an index its definition", () => {
  expect(identityOf(description, undefined)).toEqual(table);
  expect(identityOf(description, "by-day")).toEqual({ ...table, index: BY_DAY });
  expect(identityOf(description, "by-size")).toEqual({
    ...table,
    index: '{"keys":[["HASH","id"]],"projection":"ALL","attributes":[]}',
  });
  expect(identityOf(description, "by-name")).toEqual(table);
});

test("facts that DynamoDB does not report are left out", () => {
  expect(identityOf({}, "by-day")).toEqual({});
});

test.each<[string, object]>([
  ["other keys", { KeySchema: [{ AttributeName: "day", KeyType: "HASH" }] }],
  ["its keys swapped", { KeySchema: description.GlobalSecondaryIndexes![0]!.KeySchema!.toReversed() }],
  ["another projection", { Projection: { ProjectionType: "ALL" } }],
  ["other attributes", { Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["a", "c"] } }],
])("an index with %s is another", (_, changes) => {
  const index = { ...description.GlobalSecondaryIndexes![0], ...changes };
  expect(identityOf({ ...description, GlobalSecondaryIndexes: [index] }, "by-day").index).not.toBe(BY_DAY);
});

test("the order in which DynamoDB lists attributes doesn't matter", () => {
  const Projection = { ProjectionType: "INCLUDE" as const, NonKeyAttributes: ["a", "b"] };
  const index = { ...description.GlobalSecondaryIndexes![0], Projection };
  expect(identityOf({ ...description, GlobalSecondaryIndexes: [index] }, "by-day").index).toBe(BY_DAY);
});

test("DynamoDB is asked for the table", async () => {
  const asked: unknown[] = [];
  const send = async ({ input }: { input: unknown }) => {
    asked.push(input);
    return { Table: description };
  };
  const client = { send } as unknown as DynamoDBClient;
  const spec = { kind: "table", table: "orders", consistentRead: false, index: "by-day" } as const;
  expect(await identifyTable(spec, client)).toEqual({ ...table, index: BY_DAY });
  expect(asked).toEqual([{ TableName: "orders" }]);
});
