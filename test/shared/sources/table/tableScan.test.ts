import type { DynamoDBClient, ScanCommandInput, ScanCommandOutput } from "@aws-sdk/client-dynamodb";
import { PageSize } from "../../../../shared/sources/table/pageSize";
import type { TableSpec } from "../../../../shared/sources/table/spec";
import { TableScan } from "../../../../shared/sources/table/tableScan";

const { signal } = new AbortController();

function setUp(spec: Partial<TableSpec>, answer: Partial<ScanCommandOutput> | Error, rate?: number) {
  const sent: { input: ScanCommandInput; abortSignal: AbortSignal }[] = [];
  const client = {
    send: async ({ input }: { input: ScanCommandInput }, { abortSignal }: { abortSignal: AbortSignal }) => {
      sent.push({ input, abortSignal });
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  const whole: TableSpec = { kind: "table", table: "answers", consistentRead: false, ...spec };
  const observed = jest.spyOn(PageSize.prototype, "observe");
  observed.mockClear();
  let retried = 0;
  const scan = new TableScan(
    { spec: whole, unit: 2, units: 4, averageBytes: 4096 },
    {
      dynamodb: client as unknown as DynamoDBClient,
      s3: {} as never,
      budget: { perSecond: (direction) => (direction === "read" ? rate : undefined), mostItems: () => undefined },
      retry: (call) => {
        retried++;
        return call();
      },
    },
  );
  return { scan, sent, observed, retries: () => retried };
}

test("a page is one Scan request for the segment, from the cursor on", async () => {
  const cursor = { id: { S: "m" } };
  const output = { Items: [{ id: { S: "n" } }], ScannedCount: 7, LastEvaluatedKey: { id: { S: "n" } } };
  const { scan, sent, observed, retries } = setUp({}, { ...output, ConsumedCapacity: { CapacityUnits: 2.5 } }, 400);
  expect(await scan.read(cursor, signal)).toEqual({
    ...{ items: output.Items, scannedItems: 7, scannedBytes: 2.5 * 8192, cursor: output.LastEvaluatedKey, rcu: 2.5 },
  });
  expect(sent).toMatchObject([{ abortSignal: signal }]);
  expect(definedOnly(sent[0]!.input)).toEqual({
    ...{ TableName: "answers", Segment: 2, TotalSegments: 4, ExclusiveStartKey: cursor, Limit: 40 },
    ReturnConsumedCapacity: "INDEXES",
  });
  expect(observed).toHaveBeenCalledWith(7, 2.5, 1);
  expect(retries()).toBe(1);
});

test("a strongly consistent read has half as many bytes for the same charge", async () => {
  const { scan } = setUp({ consistentRead: true }, { ScannedCount: 3, ConsumedCapacity: { CapacityUnits: 3 } });
  expect(await scan.read(undefined, signal)).toMatchObject({ scannedBytes: 3 * 4096, rcu: 3 });
});

test("the first page has no position, and no limit if the rate needs none; an empty last page counts as a page", async () => {
  const { scan, sent } = setUp({}, {});
  expect(await scan.read(undefined, signal)).toEqual({
    ...{ items: [], scannedItems: 0, scannedBytes: 0, cursor: undefined, rcu: 0 },
  });
  expect(sent[0]!.input).not.toHaveProperty("ExclusiveStartKey");
  expect(sent[0]!.input).not.toHaveProperty("Limit");
  expect(sent[0]!.input.ConsistentRead).toBeUndefined();
});

test("the spec's fields go into the request", async () => {
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

test("a cursor is JSON, even for a binary key, and its use doesn't change it", async () => {
  const LastEvaluatedKey = { photo: { B: new Uint8Array([104, 105]) }, n: { N: "1" } };
  const { scan, sent } = setUp({}, { LastEvaluatedKey });
  const { cursor } = await scan.read(undefined, signal);
  expect(cursor).toEqual({ photo: { B: "aGk=" }, n: { N: "1" } });
  const kept = JSON.parse(JSON.stringify(cursor));
  await scan.read(kept, signal);
  expect(sent[1]!.input.ExclusiveStartKey).toEqual(LastEvaluatedKey);
  expect(kept).toEqual(cursor);
});

test("an error reaches the caller, and doesn't change the size of pages", async () => {
  const { scan, observed } = setUp({}, new Error("no such table"));
  await expect(scan.read(undefined, signal)).rejects.toThrow("no such table");
  expect(observed).not.toHaveBeenCalled();
});

function definedOnly(input: object): object {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}
