import type { DynamoDBClient, ScanCommandInput, ScanCommandOutput } from "@aws-sdk/client-dynamodb";
import type { TableSource } from "../../../../shared/jobs/job";
import { PageSize } from "../../../../shared/sources/table/pageSize";
import { TableScan } from "../../../../shared/sources/table/tableScan";

const { signal } = new AbortController();

function setUp(source: Partial<TableSource>, answer: Partial<ScanCommandOutput> | Error, rate?: number) {
  const sent: { input: ScanCommandInput; abortSignal: AbortSignal }[] = [];
  const client = {
    send: async ({ input }: { input: ScanCommandInput }, { abortSignal }: { abortSignal: AbortSignal }) => {
      sent.push({ input, abortSignal });
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  const whole: TableSource = { kind: "table", table: "answers", consistentRead: false, ...source };
  const pageSize = new PageSize({ rcuPerSecond: () => rate, consistentRead: whole.consistentRead, averageBytes: 4096 });
  const observed = jest.spyOn(pageSize, "observe");
  const scan = new TableScan({
    ...{ client: client as unknown as DynamoDBClient, job: { source: whole, units: 4 }, segment: 2, pageSize },
    retry: (call, given) => {
      expect(given).toBe(signal);
      return call();
    },
  });
  return { scan, sent, observed };
}

test("a page is one Scan request of the segment, from the cursor on", async () => {
  const cursor = { id: { S: "m" } };
  const output = { Items: [{ id: { S: "n" } }], ScannedCount: 7, LastEvaluatedKey: { id: { S: "n" } } };
  const { scan, sent, observed } = setUp({}, { ...output, ConsumedCapacity: { CapacityUnits: 2.5 } }, 200);
  expect(await scan.read(cursor, signal)).toEqual({
    ...{ items: output.Items, scannedItems: 7, cursor: output.LastEvaluatedKey, rcu: 2.5 },
  });
  expect(sent).toMatchObject([{ abortSignal: signal }]);
  expect(definedOnly(sent[0]!.input)).toEqual({
    ...{ TableName: "answers", Segment: 2, TotalSegments: 4, ExclusiveStartKey: cursor, Limit: 20 },
    ReturnConsumedCapacity: "INDEXES",
  });
  expect(observed).toHaveBeenCalledWith(7, 2.5);
});

test("the first page has no position, and no limit where the rate needs none; an empty last page is a page", async () => {
  const { scan, sent } = setUp({}, {});
  expect(await scan.read(undefined, signal)).toEqual({ items: [], scannedItems: 0, cursor: undefined, rcu: 0 });
  expect(sent[0]!.input).not.toHaveProperty("ExclusiveStartKey");
  expect(sent[0]!.input).not.toHaveProperty("Limit");
});

test("what the source says goes into the request", async () => {
  const names = { "#a": "age" };
  const values = { ":a": { N: "5" } };
  const expressions = { filter: "#a > :a", projection: "id, #a", names, values };
  const { scan, sent } = setUp({ index: "byAge", consistentRead: true, ...expressions }, {});
  await scan.read(undefined, signal);
  expect(sent[0]!.input).toMatchObject({
    ...{ IndexName: "byAge", ConsistentRead: true, FilterExpression: "#a > :a", ProjectionExpression: "id, #a" },
    ...{ ExpressionAttributeNames: names, ExpressionAttributeValues: values },
  });
});

test("an error is the caller's, and says nothing about the size of pages", async () => {
  const { scan, observed } = setUp({}, new Error("no such table"));
  await expect(scan.read(undefined, signal)).rejects.toThrow("no such table");
  expect(observed).not.toHaveBeenCalled();
});

function definedOnly(input: object): object {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}
