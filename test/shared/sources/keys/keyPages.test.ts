import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { createTable, fillTable } from "../../../../local/fillTable";
import type { Item } from "../../../../shared/aws/itemSize";
import { type DescribedKeys, describeKeys, type KeyListFacts } from "../../../../shared/sources/keys/describeKeys";
import { keysReader } from "../../../../shared/sources/keys/keysReader";
import type { KeysSpec } from "../../../../shared/sources/keys/spec";
import type { Cursor, PageBudget, SourcePage } from "../../../../shared/sources/source";
import { Ground } from "../../../services/ingest/ground";

const { signal } = new AbortController();
const table = "orders";
let ground: Ground;
let bucket: string;
beforeAll(async () => {
  ground = await Ground.start();
  const { dynamodb } = ground.clients;
  await createTable(dynamodb, table, {
    KeySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ],
    AttributeDefinitions: [
      { AttributeName: "pk", AttributeType: "S" },
      { AttributeName: "sk", AttributeType: "N" },
    ],
  });
  await fillTable(dynamodb, table, 40, (n) => ({ ...key(n), text: { S: `text ${n}` } }));
});
afterAll(() => ground?.stop());
beforeEach(async () => {
  bucket = `keys-${randomUUID().slice(0, 8)}`;
  await ground.clients.s3.send(new CreateBucketCommand({ Bucket: bucket }));
});

const key = (n: number): Item => ({ pk: { S: `é "${n}"` }, sk: { N: String(n) } });
const plain = (n: number) => JSON.stringify({ pk: `é "${n}"`, sk: n });
const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);
const sks = (items: readonly Item[] = []) => items.map(({ sk }) => Number(sk!.N));

async function put(name: string, content: string): Promise<string> {
  const Body = name.endsWith(".gz") ? gzipSync(content) : content;
  await ground.clients.s3.send(new PutObjectCommand({ Bucket: bucket, Key: name, Body }));
  return `s3://${bucket}/${name}`;
}

const describe_ = (location: string): Promise<DescribedKeys> => describeKeys(ground.clients.s3, location);

async function specOf(location: string, more: Partial<KeysSpec> = {}): Promise<KeysSpec> {
  const { list } = (await describe_(location)) as KeyListFacts;
  const keys = [
    { name: "pk", type: "S" },
    { name: "sk", type: "N" },
  ] as const;
  return { kind: "keys", table, keys, bucket, list, readItems: false, consistentRead: false, ...more };
}

const pagesOf = (mostItems: number): PageBudget => ({ perSecond: () => undefined, mostItems: () => mostItems });

function open(spec: KeysSpec, unit = 0, units = 1, mostItems = 100) {
  const tools = { ...ground.clients, budget: pagesOf(mostItems), retry: <T>(call: () => Promise<T>) => call() };
  return keysReader.open({ spec, unit, units, averageBytes: undefined }, tools);
}

/** All pages of a job. A new worker reads each page. */
async function allPages(spec: KeysSpec, units = 1, mostItems = 100): Promise<SourcePage[]> {
  const pages: SourcePage[] = [];
  for (let unit = 0; unit < units; unit++) {
    let cursor: Cursor | undefined;
    do {
      const worker = open(spec, unit, units, mostItems);
      pages.push(await worker.read(cursor && (JSON.parse(JSON.stringify(cursor)) as Cursor), signal));
      worker.close!();
      ({ cursor } = pages.at(-1)!);
    } while (cursor !== undefined);
  }
  return pages;
}

const failure = (n: number) => JSON.stringify({ key: key(n), code: "X", reason: "because", attempts: 1 });
const csv = (n: number) => `ignored,"é ""${n}""",${n}`;
const HEADER = "\ufeffother,pk,sk\r\n";

describe.each<[string, string, string, (n: number) => string, number]>([
  ["JSON Lines", "a.jsonl", "", plain, 5],
  ["DynamoDB JSON", "a.jsonl", "", (n) => JSON.stringify(key(n)), 5],
  ["failures", "f/a.jsonl.gz", "", failure, 1],
  ["CSV", "a.csv", HEADER, csv, 5],
  ["gzip CSV", "a.csv.gz", HEADER, csv, 1],
])("%s", (_, name, header, line, units) => {
  test("the keys themselves, each once", async () => {
    const spec = await specOf(await put(name, header + numbers(50).map(line).join("\r\n")));
    const pages = await allPages(spec, units, 7);
    expect(pages.flatMap(({ items }) => items)).toEqual(numbers(50).map(key));
    expect(pages.reduce((sum, { scannedItems }) => sum + scannedItems, 0)).toBe(50);
    expect(pages.every((page) => page.rcu === 0 && !("missing" in page) && !("unreadable" in page))).toBe(true);
  });

  test("the items, and the missing keys", async () => {
    const location = await put(name, `${header}${numbers(50).map(line).join("\n")}\n`);
    const pages = await allPages(await specOf(location, { readItems: true }), units, 7);
    expect(pages.flatMap(({ items }) => items)).toEqual(
      numbers(40).map((n) => ({ ...key(n), text: { S: `text ${n}` } })),
    );
    expect(pages.flatMap(({ missing }) => sks(missing))).toEqual(numbers(10, 40));
    expect(pages.reduce((sum, { rcu }) => sum + rcu, 0)).toBeGreaterThan(0);
  });
});

test("a folder's objects are read in the order of their names, without the other objects there", async () => {
  const names = ["0000000/0000001.jsonl.gz", "0000000/0000002.jsonl", "0000001/part-0.json", "0000002/part-0.json.gz"];
  for (const [i, name] of names.entries())
    await put(
      `failures/${name}`,
      numbers(4, 4 * i)
        .map(failure)
        .join("\n"),
    );
  for (const name of ["manifest.json", "0000001/manifest.json", "_SUCCESS"]) await put(`failures/${name}`, failure(99));
  const spec = await specOf(`s3://${bucket}/failures/`);
  expect(spec.list).toMatchObject({ form: "folder", prefix: "failures/", objects: 4 });
  expect((await allPages(spec, 2, 3)).flatMap(({ items }) => sks(items))).toEqual(numbers(16));
});

test("only those objects of a list of failures are read that its manifest names", async () => {
  const lines = (from: number) => numbers(4, from).map(failure).join("\n");
  await put("update/a/failures/0000000/0000000.jsonl.gz", lines(0));
  // An attempt without a checkpoint has left this object.
  await put("update/a/failures/0000000/0000001.jsonl.gz", lines(100));
  await put("update/a/failures/0000001/0000000.jsonl.gz", lines(4));
  const objects = [0, 1].map((unit) => `update/a/failures/000000${unit}/0000000.jsonl.gz`);
  await put("lists/b/manifest.json", JSON.stringify({ job: "a", total: 8, codes: {}, objects }));
  const spec = await specOf(`s3://${bucket}/lists/b/manifest.json`);
  expect(spec.list).toMatchObject({
    ...{ form: "folder", prefix: "update/a/failures/", objects: 2, manifest: "lists/b/manifest.json" },
  });
  expect((await allPages(spec, 2, 3)).flatMap(({ items }) => sks(items))).toEqual(numbers(8));
});

test("lines that name no item are returned with the reason, and stop nothing", async () => {
  const lines = [plain(0), "{", "", '{"pk":"a"}', "  \r", plain(1), `{"pk":"${"x".repeat(500)}"`];
  const spec = await specOf(await put("a.jsonl", lines.join("\n")));
  expect(await allPages(spec)).toMatchObject([
    {
      items: [key(0), key(1)],
      unreadable: [
        { line: "{", reason: "The line must be a JSON object." },
        { line: '{"pk":"a"}', reason: "The line must have the key attribute sk." },
        { line: lines[6]!.slice(0, 200), reason: "The line must be a JSON object." },
      ],
      scannedItems: 5,
    },
  ]);
});

test("a key that occurs twice in a page is one item, however it is written", async () => {
  const again = JSON.stringify({ pk: 'é "1"', sk: { N: "1.0" } });
  const spec = await specOf(await put("a.jsonl", [plain(1), again, plain(2), plain(1)].join("\n")), {
    readItems: true,
  });
  const [page] = await allPages(spec);
  expect(page).toMatchObject({ scannedItems: 4, items: [{ sk: { N: "1" } }, { sk: { N: "2" } }] });
});

test("a sample has its share", async () => {
  const location = await put("a.jsonl", numbers(400).map(plain).join("\n"));
  const pages = await allPages(await specOf(location, { sample: { share: 0.25, seed: "s" } }), 3);
  const found = pages.flatMap(({ items }) => items).length;
  expect(found).toBeGreaterThan(60);
  expect(found).toBeLessThan(140);
});

describe("errors that end the job", () => {
  const verdict = async (spec: KeysSpec) =>
    keysReader.verdict(await allPages(spec).catch((error: unknown) => error), spec);

  test("the list was replaced", async () => {
    const spec = await specOf(await put("a.jsonl", plain(1)));
    await put("a.jsonl", plain(2));
    expect(await verdict(spec)).toMatch(/^The list s3:.*a\.jsonl is not readable: .* it was replaced\.$/);
  });

  test("the list is gone", async () => {
    const spec = await specOf(await put("a.jsonl", plain(1)));
    await ground.clients.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: "a.jsonl" }));
    expect(await verdict(spec)).toMatch(/^An object of list s3:.*a\.jsonl no longer exists\.$/);
  });

  test("the folder has changed", async () => {
    await put("f/1.jsonl", plain(1));
    const spec = await specOf(`s3://${bucket}/f/`);
    await put("f/2.jsonl", plain(2));
    expect(await verdict(spec)).toMatch(/must be the 1 of the job's start, but they have changed/);
  });

  test("the list is no gzip file", async () => {
    await put("a.jsonl", "no");
    await ground.clients.s3.send(new PutObjectCommand({ Bucket: bucket, Key: "a.jsonl.gz", Body: "no" }));
    expect(await verdict(await specOf(`s3://${bucket}/a.jsonl.gz`))).toMatch(/must be a whole gzip file/);
  });
});
