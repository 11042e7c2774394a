import { GetItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { createTable, stringKeys } from "../../../local/fillTable";
import type { Item } from "../../../shared/aws/itemSize";
import { BatchPutter, type BatchPutterOptions } from "../../../shared/writing/batchPut";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../support/dynamoDbLocal";
import { exception, retrying, type Sent, StubClient } from "./stubClient";

const item = (n: number, more: Item = {}): Item => ({ pk: { S: `p${n}` }, sk: { N: String(n) }, ...more });
const items = (count: number) => Array.from({ length: count }, (_, n) => item(n));
const written = (count: number) => Array(count).fill({ end: "written" });
const putsOf = ({ input }: Sent): Item[] =>
  input.RequestItems.copy.map(({ PutRequest }: { PutRequest: { Item: Item } }) => PutRequest.Item);

function putter({ client }: Pick<StubClient, "client">, options: Partial<BatchPutterOptions> = {}): BatchPutter {
  return new BatchPutter({
    client,
    table: "copy",
    keys: ["pk", "sk"],
    retry: retrying(),
    limits: () => undefined,
    ...options,
  });
}

describe("with a client that gives prepared answers", () => {
  const unprocessed = (puts: readonly Item[]) => {
    return { UnprocessedItems: { copy: puts.map((Item) => ({ PutRequest: { Item } })) } };
  };

  test("25 items go into a request", async () => {
    const dynamodb = new StubClient(() => ({}));
    expect(await putter(dynamodb).put(items(60))).toEqual(written(60));
    expect(dynamodb.sent.map((sent) => putsOf(sent).length)).toEqual([25, 25, 10]);
  });

  test("only items that were left unprocessed are put again", async () => {
    const passed: unknown[] = [];
    const dynamodb = new StubClient((sent, number) => (number < 2 ? unprocessed(putsOf(sent).slice(-3 + number)) : {}));
    expect(await putter(dynamodb, { retry: retrying(passed) }).put(items(10))).toEqual(written(10));
    expect(dynamodb.sent.map((sent) => putsOf(sent).map(({ sk }) => sk?.N))).toEqual([
      [..."0123456789"],
      ["7", "8", "9"],
      ["8", "9"],
    ]);
    expect(passed).toHaveLength(2);
  });

  test("an item is found among the unprocessed ones, however its number is written", async () => {
    const dynamodb = new StubClient((_, number) => (number === 0 ? unprocessed([item(1)]) : {}));
    await putter(dynamodb).put([item(0), { pk: { S: "p1" }, sk: { N: "1.0" } }]);
    expect(dynamodb.sent.map((sent) => putsOf(sent).length)).toEqual([2, 1]);
  });

  test("an unprocessed item that was never sent is an error", async () => {
    const dynamodb = new StubClient(() => unprocessed([item(99)]));
    await expect(putter(dynamodb).put(items(2))).rejects.toThrow("was not sent");
  });

  test("no request holds a key twice", async () => {
    const dynamodb = new StubClient(() => ({}));
    const twice = [item(0, { v: { S: "first" } }), item(1), item(0, { v: { S: "second" } })];
    expect(await putter(dynamodb).put(twice)).toEqual(written(3));
    expect(dynamodb.sent.map((sent) => putsOf(sent).length)).toEqual([2, 1]);
  });

  test("a request holds 4 MB of items", async () => {
    const dynamodb = new StubClient(() => ({}));
    await putter(dynamodb).put(items(25).map((each) => ({ ...each, fill: { S: "x".repeat(390_000) } })));
    expect(dynamodb.sent.map((sent) => putsOf(sent).length)).toEqual([10, 10, 5]);
  });

  test("large items at a low rate are put one by one, before any response has shown their cost", async () => {
    const dynamodb = new StubClient(() => ({}));
    const large = items(4).map((each) => ({ ...each, fill: { S: "x".repeat(20_000) } }));
    await putter(dynamodb, { limits: () => ({ table: 100 }) }).put(large);
    expect(dynamodb.sent.map((sent) => putsOf(sent).length)).toEqual([1, 1, 1, 1]);
  });

  test.each([
    ["a rejected item", exception("ValidationException", "bad")],
    ["an item collection that is full", exception("ItemCollectionSizeLimitExceededException", "bad")],
    ["a request that is too large", exception("Unknown", "bad", { httpStatusCode: 413 })],
  ])("%s fails alone", async (_, error) => {
    const dynamodb = new StubClient((sent) => {
      if (putsOf(sent).some(({ sk }) => sk?.N === "5")) throw error;
      return {};
    });
    const answers = await putter(dynamodb).put(items(12));
    const failed = { end: "failed", code: error.name, reason: "bad", attempts: expect.any(Number) };
    expect(answers).toEqual(items(12).map((_, n) => (n === 5 ? failed : { end: "written" })));
  });

  test("an error that concerns all items is thrown", async () => {
    const dynamodb = new StubClient(() => {
      throw exception("ResourceNotFoundException");
    });
    await expect(putter(dynamodb).put(items(100))).rejects.toThrow("ResourceNotFound");
  });
});

describe("on DynamoDB Local", () => {
  let local: DynamoDbLocal;
  beforeAll(async () => {
    local = await startDynamoDbLocal();
    const { KeySchema } = stringKeys("pk", "sk");
    const AttributeDefinitions = [
      { AttributeName: "pk", AttributeType: "S" as const },
      { AttributeName: "sk", AttributeType: "N" as const },
    ];
    await createTable(local.client, "copy", { KeySchema, AttributeDefinitions });
  });
  afterAll(() => local?.stop());

  test("items are put, and bad ones fail with DynamoDB's reason", async () => {
    const all = [
      ...items(40),
      item(40, { fill: { S: "x".repeat(410_000) } }),
      { pk: { S: "no sort key" } },
      item(41, { n: { N: "no number" } }),
      item(42, { b: { B: new Uint8Array([1, 2]) } }),
    ];
    const answers = await putter(local).put(all);
    expect(answers.slice(0, 40)).toEqual(written(40));
    const failed = { end: "failed", code: "ValidationException", reason: expect.stringMatching(/.+/) };
    expect(answers.slice(40)).toMatchObject([failed, failed, failed, { end: "written" }]);
    const { Count } = await local.client.send(new ScanCommand({ TableName: "copy", Select: "COUNT" }));
    expect(Count).toBe(41);
    const { Item } = await local.client.send(
      new GetItemCommand({ TableName: "copy", Key: { pk: { S: "p42" }, sk: { N: "42" } } }),
    );
    expect(Item).toEqual(item(42, { b: { B: new Uint8Array([1, 2]) } }));
  });
});
