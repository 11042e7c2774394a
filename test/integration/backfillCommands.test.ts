// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of updates
/** Backfills as an operator types them, on the local cloud. */
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AttributeValue,
  DeleteItemCommand,
  PutItemCommand,
  paginateScan,
  UpdateContinuousBackupsCommand,
} from "@aws-sdk/client-dynamodb";
import { createTable } from "../../local/fillTable";
import { drivers, ScannerGround } from "./scannerGround";

jest.setTimeout(240_000);

const text = (AttributeName: string) => ({ AttributeName, AttributeType: "S" as const });
const keys = { KeySchema: [{ AttributeName: "id", KeyType: "HASH" }], AttributeDefinitions: [text("id")] };
const byKey = {
  ...keys,
  AttributeDefinitions: [text("id"), text("GSISK")],
  GlobalSecondaryIndexes: [
    {
      IndexName: "by-key",
      KeySchema: [{ AttributeName: "GSISK", KeyType: "HASH" }],
      Projection: { ProjectionType: "KEYS_ONLY" },
    },
  ],
};

type Plain = Record<string, AttributeValue>;
interface Shown {
  readonly job: { readonly state: string; readonly reason?: string };
  readonly outcomes: Record<string, number>;
  readonly failures: Record<string, number>;
  readonly consumed: { readonly table: number; readonly indexes?: Record<string, number> };
  readonly bill: { readonly parts: readonly { readonly part: string; readonly dollars: number }[] };
}

let ground: ScannerGround;
let updateFile: string;
const config = { scannerTables: "orders", backfillTables: "orders,orders-copy" };
beforeAll(async () => {
  ground = await ScannerGround.start({ ...config, backfillTimeoutSeconds: "20" });
  const { dynamodb } = ground.operator;
  await createTable(dynamodb, "orders", byKey as never);
  await createTable(dynamodb, "orders-copy", keys as never);
  for (let n = 0; n < 200; n++) await put(order(n, n % 4 === 0 ? { GSISK: { S: "kept" } } : {}));
  updateFile = await file("update.json", {
    set: { GSISK: "${Status}#${Timestamp}" },
    onlyIf: "attribute_not_exists(GSISK)",
  });
});
afterAll(() => ground?.stop());

async function file(name: string, content: object | string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), "sluice-backfill-")), name);
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const order = (n: number, more: Plain = {}): Plain => ({
  ...{ id: { S: `o-${n}` }, Status: { S: "open" }, Timestamp: { N: String(n) } },
  ...more,
});
const put = (Item: Plain) => ground.operator.dynamodb.send(new PutItemCommand({ TableName: "orders", Item }));

async function itemsOf(table: string): Promise<Plain[]> {
  const found: Plain[] = [];
  const scan = { TableName: table, ConsistentRead: true };
  for await (const { Items = [] } of paginateScan({ client: ground.operator.dynamodb }, scan)) found.push(...Items);
  return found;
}

/** Runs a command that must succeed. @returns what it printed */
async function sluice(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await ground.sluice(...args);
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
}

/** Starts a job, waits for its end and shows it. */
async function run(id: string, ...args: string[]): Promise<Shown> {
  await sluice("start", ...args, "--job-id", id);
  return shown(id);
}

async function shown(id: string): Promise<Shown> {
  await ground.end(id);
  const found = JSON.parse(await sluice("jobs", "show", id, "--json")) as Shown;
  expect([found.job.state, found.job.reason]).toEqual(["completed", undefined]);
  return found;
}

const outcomes = (part: Record<string, number>) => ({
  ...{ updated: 0, already: 0, skipped: 0, conflict: 0, gone: 0, failed: 0 },
  ...part,
});

test("an export, a dry run over it, and the update, while items were changed and deleted after the export", async () => {
  await sluice("start", "export", "orders", "--read-rate", "1000", "--job-id", "exported");
  const { bucket, manifest } = (await ground.end("exported")).result as { bucket: string; manifest: string };
  const source = `export:s3://${bucket}/${manifest.replace(/\/manifest-summary\.json$/, "")}`;
  const args = ["update", "orders", "--update", updateFile, "--source", source, "--write-rate", "500"];

  const estimate = JSON.parse(await sluice("estimate", ...args, "--json"));
  expect(estimate).toMatchObject({ rcu: 0, writing: { table: "orders", wcu: 200, binds: "write" } });
  const dry = await run("dry", ...args, "--dry-run");
  expect(dry.outcomes).toEqual(outcomes({ updated: 150, skipped: 50 }));
  expect(dry.consumed).toEqual({ table: 150, indexes: { "by-key": 150 } });
  expect(dry).toMatchObject({
    dryRun: { binding: { consumed: 150, limit: 500 }, dollars: expect.closeTo(0.0001875, 7) },
  });
  const screen = await sluice("jobs", "show", "dry");
  expect(screen).toContain("150 would be updated, 50 skipped\n");
  expect(screen.match(/^ {2}- \{/gm)).toHaveLength(20);
  const restore = ["copy", "orders", "--source", source, "--if-absent", "--dry-run"];
  expect(await ground.sluice("start", ...restore)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/--read-rate must be given/),
  });
  const restored = await run("restorable", ...restore, "--read-rate", "300");
  expect(restored.outcomes).toEqual(outcomes({ already: 200 }));
  expect(restored).toMatchObject({ consumed: { table: 200 }, progress: { writing: { lookups: { rcu: 200 } } } });

  await put(order(1, { Status: { S: "paid" } }));
  await put(order(2, { GSISK: { S: "mine" } }));
  await ground.operator.dynamodb.send(new DeleteItemCommand({ TableName: "orders", Key: { id: { S: "o-3" } } }));
  expect(await ground.sluice("start", ...args)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^Add --yes: this update changes table orders, [^\n]+\n$/),
  });
  const update = await run("updated", ...args, "--yes");
  expect(update.outcomes).toEqual(outcomes({ updated: 148, skipped: 51, gone: 1 }));
  expect(update.consumed.indexes!["by-key"]).toBe(148);
  const { dollars } = update.bill.parts.find(({ part }) => part === "capacity")!;
  expect(dollars).toBeCloseTo(((update.consumed.table + 148) * 0.625) / 1e6, 9);
  const items = new Map((await itemsOf("orders")).map((item) => [item.id!.S, item.GSISK?.S]));
  expect([items.size, items.get("o-1"), items.get("o-2"), items.get("o-5")]).toEqual([199, "paid#1", "mine", "open#5"]);
});

test("a copy, and a deletion by a condition and by a list of this machine", async () => {
  const copied = await run(
    "copied",
    "copy",
    "orders",
    "--to",
    "orders-copy",
    "--read-rate",
    "50%",
    "--write-rate",
    "400",
    "--yes",
  );
  expect(copied.outcomes).toEqual(outcomes({ updated: 199 }));
  const condition = ["--only-if", "GSISK = :kept", "--values", '{":kept":"kept"}', "--write-rate", "200", "--yes"];
  const deleted = await run("deleted", "delete", "orders-copy", ...condition);
  expect(deleted.outcomes).toEqual(outcomes({ updated: 50, skipped: 149 }));
  const list = await file("old.csv", "id\no-5\no-6\nnobody\n");
  const again = ["copy", "orders", "--to", "orders-copy", "--if-absent", "--write-rate", "400", "--dry-run"];
  const estimate = JSON.parse(await sluice("estimate", ...again, "--json"));
  expect(estimate.writing.lookups).toEqual({ rcu: 199, rcuPerSecond: 400 });
  const dry = await run("looked", ...again);
  expect(dry.outcomes).toEqual(outcomes({ updated: 50, already: 149 }));
  expect(dry.consumed).toMatchObject({ table: 199 });
  // DynamoDB Local reports no consumption for a key without an item.
  expect(await sluice("jobs", "show", "looked")).toContain("149 RCU on table orders-copy\n");
  const listed = await run(
    "listed",
    "delete",
    "orders-copy",
    "--source",
    `keys:${list}`,
    "--write-rate",
    "100",
    "--yes",
  );
  expect(listed.outcomes).toEqual(outcomes({ updated: 2, gone: 1 }));
  expect(await itemsOf("orders-copy")).toHaveLength(147);
  const { stdout } = await ground.sluice("jobs", "delete", "listed", "--yes", "--with-results", "--json");
  expect(JSON.parse(stdout)).toMatchObject({ deleted: true, objects: 1 });
});

test.each(drivers)(
  "%s driver: failures are listed, and a redrive changes the items that can be changed now",
  async (driver) => {
    const [failing, second] = [`failing-${driver}`, `again-${driver}`];
    const large = "x".repeat(300_000);
    await put(order(500, { text: { S: large } }));
    await put(order(501, { text: { S: large } }));
    const doubled = await file("double.json", { set: { text2: "${text}" } });
    const args = ["orders", "--update", doubled, "--write-rate", "2000", "--yes", "--driver", driver];
    const failed = await run(failing, "update", ...args);
    expect(failed.outcomes).toMatchObject({ failed: 2, skipped: 199 });
    expect(failed.failures).toEqual({ ITEM_TOO_LARGE: 2 });
    expect(await sluice("jobs", "failures", failing)).toMatch(
      /^id=o-50[01] {2}ITEM_TOO_LARGE {2}0 attempts {2}[^\n]+\nid=o-50[01] [^\n]+\n2 items: ITEM_TOO_LARGE 2\n$/,
    );
    expect(await sluice("jobs", "failures", failing, "--reason", "ITEM_TO_LARGE")).toBe(
      "No item on the list of failures has the code ITEM_TO_LARGE. The list has ITEM_TOO_LARGE 2.\n",
    );
    const json = await sluice("jobs", "failures", failing, "--json", "--reason", "ITEM_TOO_LARGE", "--limit", "1");
    expect(JSON.parse(json)).toMatchObject({
      failures: [{ code: "ITEM_TOO_LARGE", key: { id: { S: expect.any(String) } } }],
      ...{ total: 2, codes: { ITEM_TOO_LARGE: 2 } },
    });
    const { lines } = JSON.parse(await sluice("logs", "--job", failing, "--json"));
    const messages = (lines as { message: { job: string; message: string } }[]).map(({ message }) => message);
    expect(messages).toContainEqual(expect.objectContaining({ job: failing, message: "unit done" }));
    expect(messages.filter(({ job }) => job !== failing)).toEqual([]);
    await put(order(500, { text: { S: "short" } }));
    await sluice("jobs", "redrive", failing, "--yes", "--job-id", second);
    const again = await shown(second);
    expect(again.outcomes).toEqual(outcomes({ updated: 1, failed: 1 }));
    expect(await sluice("jobs", "redrive", "copied", "--yes")).toBe(
      "Job copied has no failures to redrive. Nothing was started.\n",
    );
    const { dynamodb } = ground.operator;
    for (const n of [500, 501])
      await dynamodb.send(new DeleteItemCommand({ TableName: "orders", Key: { id: { S: `o-${n}` } } }));
  },
);

test.each(drivers)(
  "%s driver: a job paused by failures shows the reason, and its failures can be redriven before it ends",
  async (driver) => {
    const [braked, rest] = [`braked-${driver}`, `rest-${driver}`];
    await put(order(600, { text: { S: "x".repeat(300_000) } }));
    const doubled = await file("double.json", { set: { text2: "${text}" } });
    const limits = ["--write-rate", "2000", "--max-failures", "0", "--yes"];
    const work = ["update", "orders", "--update", doubled, "--driver", driver];
    await sluice("start", ...work, ...limits, "--job-id", braked);
    await ground.until(
      () => ground.job(braked),
      ({ state }) => state === "paused",
    );
    // The pause comes a moment before the checkpoint that has the failures.
    await ground.until(
      () => sluice("jobs", "failures", braked),
      (listed) => listed.includes("ITEM_TOO_LARGE"),
    );
    const screen = await sluice("jobs", "show", braked);
    expect(screen).toMatch(/^Reason +[^\n]*fail/m);
    await put(order(600, { text: { S: "short" } }));
    await sluice("jobs", "redrive", braked, "--yes", "--job-id", rest, "--max-failures", "5");
    expect((await shown(rest)).outcomes).toEqual(outcomes({ updated: 1 }));
    await sluice("jobs", "cancel", braked);
  },
);

test("--start-export exports the table first; without point-in-time recovery it prints what to do", async () => {
  const remove = await file("remove.json", { remove: ["GSISK"] });
  const args = ["start", "update", "orders", "--update", remove, "--write-rate", "500", "--yes", "--start-export"];
  const refused = await ground.sluice(...args);
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^Table orders can't be exported, because its point-in-time recovery is off: [^\n]+\n$/,
    ),
  });
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
  const on = new UpdateContinuousBackupsCommand({ TableName: "orders", PointInTimeRecoverySpecification });
  await ground.operator.dynamodb.send(on);
  const started = await ground.sluice(...args, "--job-id", "from-export");
  expect(started).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(
      /^AWS is exporting table orders to s3:\/\/\S+\/exports\/from-export\/AWSDynamoDB\/\S+\. [^\n]+\nThe export is complete, 200 items\.\n$/,
    ),
  });
  const { outcomes: found } = await shown("from-export");
  expect(found.updated! + found.skipped! + found.already!).toBe(200);
  expect((await itemsOf("orders")).some(({ GSISK }) => GSISK !== undefined)).toBe(false);
  const part = [
    "--export-filter",
    "begins_with(id, :ten)",
    "--export-values",
    '{":ten":"o-1"}',
    "--job-id",
    "from-part",
  ];
  const filtered = await ground.sluice(...args, ...part, "--export-projection", "id, GSISK");
  expect(filtered).toMatchObject({ code: 0, stderr: expect.stringContaining("The export is complete, 111 items.\n") });
  expect((await shown("from-part")).outcomes).toEqual(outcomes({ already: 111 }));
  const broken = await ground.sluice(...args, "--export-filter", "begins_with(id");
  expect(broken).toMatchObject({ code: 1, stderr: expect.stringMatching(/^[^\n]*FilterExpression[^\n]*\n$/) });
});
