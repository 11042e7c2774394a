/** The table source on DynamoDB Local, with the client that workers have. */
import { type CreateTableCommandInput, DynamoDBClient, type ScalarAttributeType } from "@aws-sdk/client-dynamodb";
import { createTable, fillTable } from "../../../../local/fillTable";
import { withoutLog } from "../../../../shared/aws/clients";
import { attributeValues } from "../../../../shared/aws/expressions/values";
import type { Item } from "../../../../shared/aws/itemSize";
import type { Cursor, PageBudget } from "../../../../shared/sources/source";
import { readScansFast } from "../../../../shared/sources/table/scanResponses";
import type { TableSpec } from "../../../../shared/sources/table/spec";
import { tableKind } from "../../../../shared/sources/table/tableKind";
import { TableScan } from "../../../../shared/sources/table/tableScan";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../../support/dynamoDbLocal";

const { signal } = new AbortController();
let database: DynamoDbLocal;
let client: DynamoDBClient;
beforeAll(async () => {
  database = await startDynamoDbLocal();
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const config = { endpoint: database.endpoint, region: "eu-central-1", credentials, maxAttempts: 1 };
  client = readScansFast(withoutLog(new DynamoDBClient(config)));
});
afterAll(async () => {
  client?.destroy();
  await database?.stop();
});

/** Pages of so many items. */
const pagesOf = (mostItems: number): PageBudget => ({ perSecond: () => undefined, mostItems: () => mostItems });

function open(spec: Partial<TableSpec>, unit = 0, units = 1, mostItems = 3) {
  const whole: TableSpec = { kind: "table", table: "kinds", consistentRead: false, ...spec };
  const tools = {
    dynamodb: client,
    s3: {} as never,
    budget: pagesOf(mostItems),
    retry: <T>(call: () => Promise<T>) => call(),
  };
  return new TableScan({ spec: whole, unit, units, averageBytes: undefined }, tools);
}

/** All items of a unit. A new worker reads each page, from the cursor in the unit's record. */
async function readUnit(spec: Partial<TableSpec>, unit: number, units: number): Promise<Item[]> {
  const items: Item[] = [];
  let kept: string | undefined;
  do {
    const cursor = kept === undefined ? undefined : (JSON.parse(kept) as Cursor);
    const page = await open(spec, unit, units).read(cursor, signal);
    items.push(...page.items);
    kept = page.cursor === undefined ? undefined : JSON.stringify(page.cursor);
  } while (kept !== undefined);
  return items;
}

const key = (name: string, type: ScalarAttributeType): Partial<CreateTableCommandInput> => ({
  KeySchema: [{ AttributeName: name, KeyType: "HASH" }],
  AttributeDefinitions: [{ AttributeName: name, AttributeType: type }],
});

const ITEMS = 40;
/** JSON.parse makes `__proto__` an attribute like any other. An object literal does not. */
const protoItem = (n: number) => JSON.parse(`{"__proto__":{"S":"item-${n}"},"n":{"N":"${n}"}}`) as Item;

test.each<[string, string, ScalarAttributeType, (n: number) => Item]>([
  ["text", "id", "S", (n) => ({ id: { S: `item-${n}` }, n: { N: String(n) } })],
  ["a number", "id", "N", (n) => ({ id: { N: `123456789012345678901234567890123456${n}` }, n: { N: String(n) } })],
  ["binary", "id", "B", (n) => ({ id: { B: new Uint8Array([n, 255 - n, 0]) }, n: { N: String(n) } })],
  ["text named __proto__", "__proto__", "S", protoItem],
  ["text named constructor", "constructor", "S", (n) => ({ constructor: { S: `${n}` }, n: { N: String(n) } })],
])(
  "each item is read once over many pages and segments, with any kind of key: %s",
  async (name, attribute, type, item) => {
    const table = `keys-${name.replaceAll(/\W/g, "")}`;
    await createTable(database.client, table, key(attribute, type));
    await fillTable(database.client, table, ITEMS, item);
    const found = [...(await readUnit({ table }, 0, 2)), ...(await readUnit({ table }, 1, 2))];
    expect(found.map(({ n }) => Number(n!.N)).sort((a, b) => a - b)).toEqual(
      Array.from({ length: ITEMS }, (_, n) => n),
    );
    expect(found.every((each) => Object.hasOwn(each, attribute))).toBe(true);
  },
);

describe("values are exact in both forms", () => {
  const DIGITS = "12345678901234567890123456789012345678";
  beforeAll(async () => {
    await createTable(database.client, "kinds");
    const kinds: Record<string, Item> = {
      text: { value: { S: "x" } },
      map: { value: { M: { s: { S: "x" } } } },
      typedMap: { value: { M: { S: { S: "x" } } } },
      number: { value: { N: DIGITS } },
      near: { value: { N: "12345678901234567000000000000000000000" } },
      binary: { value: { B: new Uint8Array([104, 105]) } },
      texts: { value: { SS: ["a", "b"] } },
      numbers: { value: { NS: ["1", DIGITS] } },
      binaries: { value: { BS: [new Uint8Array([104, 105]), new Uint8Array([0])] } },
      list: { value: { L: [{ N: "1" }, { NULL: true }] } },
      yes: { value: { BOOL: true } },
      nothing: { value: { NULL: true } },
    };
    const entries = Object.entries(kinds);
    await fillTable(database.client, "kinds", entries.length, (n) => ({
      id: { S: entries[n]![0] },
      ...entries[n]![1],
    }));
  });

  async function matching(plain: unknown, typed: unknown): Promise<string[]> {
    const given = (value: unknown) => (value === undefined ? undefined : { ":v": value });
    const spec = {
      ...({ kind: "table", table: "kinds", consistentRead: false } as const),
      ...{ filter: "#value = :v", names: { "#value": "value" }, values: attributeValues(given(plain), given(typed))! },
    };
    expect(await tableKind.probe!(spec, client)).toEqual([]);
    const { items } = await open(spec, 0, 1, 1_000).read(undefined, signal);
    return items.map(({ id }) => id!.S!).sort();
  }

  test.each<[unknown, string]>([
    ["x", "text"],
    [{ s: "x" }, "map"],
    [[1, null], "list"],
    [true, "yes"],
    [null, "nothing"],
  ])("plain %j", async (value, id) => expect(await matching(value, undefined)).toEqual([id]));

  test.each<[unknown, string]>([
    [{ S: "x" }, "text"],
    [{ M: { s: { S: "x" } } }, "map"],
    [{ M: { S: { S: "x" } } }, "typedMap"],
    [{ N: DIGITS }, "number"],
    [{ B: "aGk=" }, "binary"],
    [{ SS: ["b", "a"] }, "texts"],
    [{ NS: [DIGITS, "1"] }, "numbers"],
    [{ BS: ["AA==", "aGk="] }, "binaries"],
    [{ L: [{ N: "1" }, { NULL: true }] }, "list"],
    [{ BOOL: true }, "yes"],
    [{ NULL: true }, "nothing"],
  ])("typed %j", async (value, id) => expect(await matching(undefined, value)).toEqual([id]));
});

describe("DynamoDB's own answers are read", () => {
  const spec = (part: Partial<TableSpec>): TableSpec => ({
    kind: "table",
    table: "gone",
    consistentRead: false,
    ...part,
  });
  const verdict = async (part: Partial<TableSpec>, cursor?: Cursor) => {
    const error = await open(part)
      .read(cursor, signal)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    return tableKind.verdict(error, spec(part));
  };
  beforeAll(() => createTable(database.client, "orders"));

  test("the table is gone", async () => {
    expect(await verdict({ table: "gone" })).toBe("Table gone no longer exists.");
    const identified = tableKind.identify(spec({ table: "gone" }), client);
    const error = await identified.catch((thrown: unknown) => thrown);
    expect(tableKind.verdict(error, spec({ table: "gone" }))).toBe("Table gone no longer exists.");
  });

  test("the index is gone", async () => {
    expect(await verdict({ table: "orders", index: "by-day" })).toBe("Table orders has no index by-day any more.");
  });

  test.each<[string, Cursor]>([
    ["another name", { order: { S: "a" } }],
    ["another type", { id: { N: "1" } }],
    ["one attribute more", { id: { S: "a" }, day: { S: "b" } }],
  ])("the key schema is another: %s", async (_, cursor) => {
    expect(await verdict({ table: "orders" }, cursor)).toMatch(
      /^The keys of table orders are not what they were when the job began: /,
    );
  });

  test("a wrong filter is no verdict", async () => {
    expect(await verdict({ table: "orders", filter: "a >" })).toBeUndefined();
  });
});
