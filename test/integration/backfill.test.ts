// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of updates
/** Updates, deletes and copies on the local cloud: the real program, its bundles and permissions. */
import { type AttributeValue, PutItemCommand, paginateScan } from "@aws-sdk/client-dynamodb";
import { createTable } from "../../local/fillTable";
import type { StartRequest } from "../../shared/jobs/startRequest";
import type { WritingResult } from "../../shared/operations/changeItems";
import { type DriverName, drivers, ScannerGround } from "./scannerGround";

const keys = {
  KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
} as const;

const ordersOf = (driver: DriverName) => `orders-${driver}`;
const copyOf = (driver: DriverName) => `copy-${driver}`;

let ground: ScannerGround;
beforeAll(async () => {
  const tables = drivers.flatMap((driver) => [ordersOf(driver), copyOf(driver)]);
  const timeouts = { backfillTimeoutSeconds: "20", shuffleTimeoutSeconds: "20" };
  ground = await ScannerGround.start({ backfillTables: tables.join(","), ...timeouts });
  for (const table of tables) await createTable(ground.operator.dynamodb, table, keys as never);
});
afterAll(() => ground?.stop());

type Plain = Record<string, AttributeValue>;

async function put(table: string, items: readonly Plain[]): Promise<void> {
  for (const Item of items) await ground.operator.dynamodb.send(new PutItemCommand({ TableName: table, Item }));
}

async function itemsOf(table: string): Promise<Map<string, Plain>> {
  const found = new Map<string, Plain>();
  for await (const { Items = [] } of paginateScan(
    { client: ground.operator.dynamodb },
    { TableName: table, ConsistentRead: true },
  )) {
    for (const item of Items) found.set(item.id!.S!, item);
  }
  return found;
}

async function run(request: StartRequest): Promise<WritingResult> {
  const job = await ground.end(await ground.begin(request));
  expect([job.state, job.reason]).toEqual(["completed", undefined]);
  return job.result as WritingResult;
}

const order = (id: string, more: Plain = {}): Plain => ({
  id: { S: id },
  Status: { S: "open" },
  Timestamp: { N: "7" },
  ...more,
});

describe.each(drivers)("%s driver", (driver) => {
  const [orders, copy] = [ordersOf(driver), copyOf(driver)];

  test("an update sets its templates' values on all items that lack them", async () => {
    const made = Array.from({ length: 300 }, (_, n) => order(`o-${n}`, n % 3 === 0 ? { GSISK: { S: "kept" } } : {}));
    await put(orders, made);
    const update = { set: { GSISK: "${Status}#${Timestamp}" }, onlyIf: "attribute_not_exists(GSISK)" };
    const dry = await run({ driver, operation: "update", table: orders, update, writeRate: 500, dryRun: true });
    expect(dry).toMatchObject({ dryRun: true, outcomes: { updated: 200, skipped: 100 }, consumed: { table: 200 } });
    expect(dry.examples).toHaveLength(20);
    const { outcomes, consumed } = await run({ driver, operation: "update", table: orders, update, writeRate: 500 });
    expect(outcomes).toEqual({ updated: 200, already: 0, skipped: 100, conflict: 0, gone: 0, failed: 0 });
    expect(consumed.table).toBe(200);
    const found = await itemsOf(orders);
    expect([...found.values()].filter(({ GSISK }) => GSISK?.S === "open#7")).toHaveLength(200);
    const again = await run({ driver, operation: "update", table: orders, update, writeRate: 500 });
    expect(again.outcomes).toMatchObject({ already: 200, skipped: 100 });
  });

  test("a sampled dry run estimates how many of all items would change", async () => {
    const update = { set: { Colour: { S: "red" } } };
    const dry = {
      driver,
      operation: "update",
      table: orders,
      update,
      writeRate: 500,
      dryRun: true,
      sample: "20%",
    } as const;
    const { outcomes, sample } = await run({ ...dry, jobId: `sampled-${driver}` });
    expect(outcomes.updated).toBeGreaterThan(20);
    expect(outcomes.updated).toBeLessThan(120);
    const { from, about, to } = sample!.totals.updated;
    expect([from < 300 && 300 < to, from <= about && about <= to]).toEqual([true, true]);
  });

  test("a dry run of a copy of what is absent finds what the copy then does", async () => {
    const made = await itemsOf(orders);
    const some = [...made.values()].slice(0, 120);
    await put(
      copy,
      some.map((item, n) => (n < 80 ? item : { ...item, Status: { S: "other" } })),
    );
    const request = { driver, operation: "copy", table: orders, to: copy, ifAbsent: true, writeRate: 500 } as const;
    const sampled = await run({ ...request, dryRun: true, sample: "20%", readRate: 400, jobId: `lookups-${driver}` });
    // DynamoDB Local reports no consumption for a key without an item.
    expect(sampled.lookupRcu).toBe(sampled.outcomes.already + sampled.outcomes.skipped);
    const { from, to } = sampled.sample!.totals.updated;
    expect([from < 180, 180 < to]).toEqual([true, true]);
    const dry = await run({ ...request, dryRun: true });
    expect(await itemsOf(copy)).toHaveProperty("size", 120);
    const { outcomes, consumed, lookupRcu } = await run(request);
    expect(outcomes).toEqual({ updated: 180, already: 80, skipped: 40, conflict: 0, gone: 0, failed: 0 });
    expect([dry.outcomes, dry.consumed]).toEqual([outcomes, consumed]);
    expect([dry.lookupRcu, lookupRcu]).toEqual([120, undefined]);
    expect(dry.examples).toHaveLength(20);
    await run({ driver, operation: "delete", table: copy, writeRate: 500 });
  });

  test("a copy goes to the other table, and a deletion deletes what meets its condition", async () => {
    const copied = await run({ driver, operation: "copy", table: orders, to: copy, writeRate: 500 });
    expect(copied.outcomes).toMatchObject({ updated: 300 });
    expect(await itemsOf(copy)).toEqual(await itemsOf(orders));
    const absent = { driver, operation: "copy", table: orders, to: copy, ifAbsent: true, writeRate: 500 } as const;
    expect((await run(absent)).outcomes).toMatchObject({ already: 300 });
    const deletion = {
      driver,
      operation: "delete",
      table: copy,
      onlyIf: "GSISK = :kept",
      values: { ":kept": "kept" },
    } as const;
    expect((await run({ ...deletion, writeRate: 500 })).outcomes).toMatchObject({ updated: 100, skipped: 200 });
    expect((await itemsOf(copy)).size).toBe(200);
    expect((await run({ driver, operation: "delete", table: copy, writeRate: 500 })).outcomes).toMatchObject({
      updated: 200,
    });
    expect((await itemsOf(copy)).size).toBe(0);
  });

  test("a copy may change keys; a failure has the key of the item that was read", async () => {
    await put(orders, [order("nameless", { code: { N: "1" } }), order("named", { code: { S: "n-1" } })]);
    const transform = { set: { id: "copy-${code}" }, missing: "fail" } as const;
    const filter = "attribute_exists(code)";
    const request = { driver, operation: "copy", table: orders, to: copy, transform, filter, writeRate: 500 } as const;
    expect((await run({ ...request, ifAbsent: true })).outcomes).toMatchObject({ updated: 2 });
    expect([...(await itemsOf(copy)).keys()].sort()).toEqual(["copy-1", "copy-n-1"]);
    expect((await run(request)).outcomes).toMatchObject({ updated: 2 });
  });

  test("items that can't be processed are on the list of failures", async () => {
    await put(orders, [order("large", { text: { S: "x".repeat(409_500 - 40) } })]);
    const update = { set: { text2: "${text}" } };
    const result = await run({ driver, operation: "update", table: orders, update, writeRate: 1_000 });
    expect(result.outcomes).toMatchObject({ skipped: 302, failed: 1 });
    expect(result.failures).toEqual({ ITEM_TOO_LARGE: 1 });
  });
});

test("a table that may not be changed is refused", async () => {
  const table = ground.cloud.state.outputs.resultsTable as string;
  expect(await ground.ask({ operation: "delete", table, writeRate: 5 })).toMatchObject({
    problems: [`table must be one of the tables that may be changed (config backfillTables); "${table}" is not.`],
  });
});
