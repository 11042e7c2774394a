import { DeleteItemCommand, DynamoDBClient, ScanCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { fillTable } from "../../../local/fillTable";
import type { Item } from "../../../shared/aws/itemSize";
import { capacityPlugin } from "../../../shared/capacity/plugin/capacityPlugin";
import { sendBatchesFast } from "../../../shared/writing/batchShortcut";
import type { Decide } from "../../../shared/writing/conditionalWrite";
import type { Outcome } from "../../../shared/writing/outcomes";
import { type Settled, settleItems } from "../../../shared/writing/settleItems";
import { writerOf } from "../../../shared/writing/writerOf";
import type { DynamoDbLocal } from "../../support/dynamoDbLocal";
import { RecordingGate, settings } from "../capacity/plugin/limitedTables";
import { retrying } from "./stubClient";
import { keyOf, put, startGround, TABLE } from "./writersGround";

const ITEMS = 90;
const idOf = (n: number) => `item-${String(n).padStart(3, "0")}`;
const itemOf = (n: number): Item => ({ ...keyOf(idOf(n)), status: { S: "open" }, n: { N: String(n) } });
const keysOf = (item: Item): Item => ({ 'p."k': item['p."k']!, select: item.select! });

/**
 * Adds `label`, made of `status` and `n`, and skips closed items. Every third item needs an UpdateItem, because of its name.
 */
const decide: Decide = (item) => {
  const { status, n } = item;
  if (status?.S === "closed") return { do: "count", outcome: "skipped" };
  const name = Number(n?.N) % 3 === 0 ? "#label" : "label";
  const value = { S: `${status?.S}#${n?.N}` };
  if (item[name]?.S === value.S) return { do: "count", outcome: "already" };
  const seen = ["status", "n", name].map((each) => ({ path: [each] as [string], value: item[each] }));
  return {
    do: "write",
    write: { key: keysOf(item), change: { kind: "update", set: { [name]: value }, remove: [] }, seen },
  };
};

const counts = (settled: readonly Settled[]): Partial<Record<Outcome, number>> => {
  const result: Partial<Record<Outcome, number>> = {};
  for (const { outcome } of settled) result[outcome] = (result[outcome] ?? 0) + 1;
  return result;
};

describe("a page, on DynamoDB Local", () => {
  let local: DynamoDbLocal;
  let client: DynamoDBClient;
  const gate = new RecordingGate();
  const settle = (items: readonly Item[]) =>
    settleItems(items, decide, keysOf, writerOf(TABLE, { client, retry: retrying(), limits: () => undefined }));

  beforeAll(async () => {
    local = await startGround();
    const plain = new DynamoDBClient({ ...settings, endpoint: local.endpoint, maxAttempts: 1 });
    client = sendBatchesFast(plain, [capacityPlugin(gate, { table: TABLE, direction: "write" })]);
    await fillTable(local.client, TABLE, ITEMS, itemOf);
  });
  afterAll(async () => {
    client?.destroy();
    await local?.stop();
  });

  const change = async (n: number, status: string) => {
    const ExpressionAttributeValues = { ":s": { S: status } };
    const names = { UpdateExpression: "SET #s = :s", ExpressionAttributeNames: { "#s": "status" } };
    const Key = keyOf(idOf(n));
    await local.client.send(new UpdateItemCommand({ TableName: TABLE, Key, ...names, ExpressionAttributeValues }));
  };

  test("that others changed meanwhile ends in exact outcomes, and no item comes back", async () => {
    const page = Array.from({ length: ITEMS }, (_, n) => itemOf(n));
    for (let n = 0; n < 10; n++)
      await local.client.send(new DeleteItemCommand({ TableName: TABLE, Key: keyOf(idOf(n)) }));
    for (let n = 10; n < 20; n++) await change(n, "closed");
    for (let n = 20; n < 30; n++) await change(n, "paid");
    const settled = await settle(page);
    expect(counts(settled)).toEqual({ gone: 10, skipped: 10, updated: 70 });
    expect(settled[25]?.written?.before.status).toEqual({ S: "paid" });
    const { Items = [] } = await local.client.send(new ScanCommand({ TableName: TABLE }));
    expect(Items).toHaveLength(80);
    for (const { status, n, label, "#label": odd } of Items) {
      const expected = status?.S === "closed" ? undefined : { S: `${status?.S}#${n?.N}` };
      expect(label ?? odd).toEqual(expected);
    }
  });

  test("that is repeated counts its own writes as `already`", async () => {
    const page = Array.from({ length: ITEMS }, (_, n) => itemOf(n));
    expect(counts(await settle(page))).toEqual({ gone: 10, skipped: 10, already: 70 });
  });

  test("with the same item twice counts it twice and writes it once", async () => {
    await put(local.client, itemOf(100));
    await put(local.client, itemOf(101));
    const page = [itemOf(100), itemOf(101), itemOf(100)];
    expect((await settle(page)).map(({ outcome }) => outcome)).toEqual(["updated", "updated", "already"]);
  });

  test("waits for capacity with each request", async () => {
    gate.ended = [];
    for (let n = 200; n < 230; n++) await put(local.client, itemOf(n));
    await settle(Array.from({ length: 30 }, (_, n) => itemOf(200 + n)));
    // Ten updates, and two batches of statements, for which DynamoDB Local reports no consumption.
    expect(gate.ended).toEqual(["kept", "kept", ...Array(10).fill({ table: 1 })]);
  });
});
