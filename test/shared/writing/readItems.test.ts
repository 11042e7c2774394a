import type { BatchGetItemCommandInput } from "@aws-sdk/client-dynamodb";
import type { Item } from "../../../shared/aws/itemSize";
import { keyText } from "../../../shared/writing/keyText";
import { ItemReader } from "../../../shared/writing/readItems";
import { retrying, type Sent, StubClient } from "./stubClient";

const key = (n: number): Item => ({ id: { S: `k-${n}` }, n: { N: String(n) } });
const keys = (count: number) => Array.from({ length: count }, (_, n) => key(n));
const keysIn = ({ input }: Sent) => (input as BatchGetItemCommandInput).RequestItems!.orders!.Keys!;

/** Even keys have an item. Each key consumes `units`; `left` keys of a request stay undone. */
function reader({ units = 1, perSecond = undefined as number | undefined, left = (_: number): number => 0 } = {}) {
  const stub = new StubClient((sent, number) => {
    const asked = keysIn(sent);
    const done = asked.slice(0, asked.length - left(number));
    const items = done.filter(({ n }) => Number(n!.N) % 2 === 0).map((each) => ({ ...each, text: { S: "there" } }));
    return {
      Responses: { orders: items },
      UnprocessedKeys: done.length === asked.length ? {} : { orders: { Keys: asked.slice(done.length) } },
      ConsumedCapacity: [{ TableName: "orders", CapacityUnits: units * done.length }],
    };
  });
  const limits = () => (perSecond === undefined ? undefined : { table: perSecond });
  return { stub, items: new ItemReader("orders", { client: stub.client, retry: retrying(), limits }) };
}

test("items are found by their keys, each key is asked for once, and reads are strongly consistent", async () => {
  const { stub, items } = reader();
  const found = await items.read([{ n: { N: "2.0" }, id: { S: "k-2" } }, ...keys(4)]);
  expect([...found.keys()].sort()).toEqual([key(0), key(2)].map(keyText).sort());
  expect(found.get(keyText(key(2)))).toEqual({ ...key(2), text: { S: "there" } });
  expect(stub.sent.map(({ input }) => input)).toMatchObject([{ RequestItems: { orders: { ConsistentRead: true } } }]);
  expect(await items.read([])).toEqual(new Map());
  expect(stub.sent).toHaveLength(1);
});

test("keys that DynamoDB leaves unprocessed are asked for again, and no others", async () => {
  const { stub, items } = reader({ left: (number) => (number === 0 ? 2 : 0) });
  expect((await items.read(keys(5))).size).toBe(3);
  expect(stub.sent.map((sent) => keysIn(sent).length)).toEqual([5, 2]);
});

test("a request costs no more than a short time of the limit, once the cost of a read is known", async () => {
  const { stub, items } = reader({ units: 5, perSecond: 1_000 });
  await items.read(keys(15));
  await items.read(keys(9));
  expect(stub.sent.map((sent) => keysIn(sent).length)).toEqual([15, 3, 3, 3]);
  expect(stub.mostUnderWay).toBeLessThanOrEqual(3);
});

test("without a limit, a request has 25 keys", async () => {
  const { stub, items } = reader();
  await items.read(keys(60));
  expect(stub.sent.map((sent) => keysIn(sent).length)).toEqual([25, 25, 10]);
});

test("an error that isn't transient is thrown", async () => {
  const stub = new StubClient(() => {
    throw Object.assign(new Error("No."), { name: "AccessDeniedException" });
  });
  const options = { client: stub.client, retry: retrying(), limits: () => undefined };
  await expect(new ItemReader("orders", options).read(keys(1))).rejects.toThrow("No.");
});
