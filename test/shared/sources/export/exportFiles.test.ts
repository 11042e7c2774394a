import type { Agent } from "node:http";
import { gzipSync } from "node:zlib";
import { type GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { Item } from "../../../../shared/aws/itemSize";
import { describeExport, type ExportFacts } from "../../../../shared/exports/openExport";
import type { Tools } from "../../../../shared/operations/operation";
import { exportReader } from "../../../../shared/sources/export/exportReader";
import type { ExportSpec } from "../../../../shared/sources/export/spec";
import type { Cursor, PageBudget, Source, SourcePage } from "../../../../shared/sources/source";
import { type MadeExport, putExport } from "../../../support/exportInS3";
import { MemoryS3 } from "../../../support/memoryS3";
import { beforeEachWithTools, exportJob, finish, noise, plan, runUnit } from "../../operations/export/exportGround";

let tools: Tools;
beforeEachWithTools((given) => {
  tools = given;
});
const { signal } = new AbortController();
const pagesOf = (mostItems: number | undefined, writes?: number): PageBudget => ({
  perSecond: (direction) => (direction === "write" ? writes : undefined),
  mostItems: () => mostItems,
});

const item = (n: number): Item => ({ id: { S: `item-${n}` }, n: { N: String(n) } });
const line = (n: number) => JSON.stringify({ Item: item(n) });
const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);
const lines = (count: number, from = 0) => numbers(count, from).map(line);
const numbersIn = (pages: readonly SourcePage[]) => pages.flatMap(({ items }) => items.map(({ n }) => Number(n!.N)));

async function specOf(location: string, more: Partial<ExportSpec> = {}): Promise<ExportSpec> {
  const facts = (await describeExport(tools.s3, location)) as ExportFacts;
  const { bucket, manifest, list, listEtag, files, copied, type } = facts;
  return { kind: "export", table: "orders", bucket, manifest, list, listEtag, files, copied, type, ...more };
}

async function exported(made: Partial<MadeExport> & Pick<MadeExport, "files">): Promise<ExportSpec> {
  return specOf(await putExport(tools.s3, { bucket: tools.bucket, id: "01", ...made }));
}

function open(spec: ExportSpec, unit = 0, budget = pagesOf(3), s3: S3Client = tools.s3): Source {
  const given = { dynamodb: undefined as never, s3, budget, retry: <T>(call: () => Promise<T>) => call() };
  return exportReader.open({ spec, unit, units: spec.files, averageBytes: undefined }, given);
}

/** All pages of a unit, each read by the worker that is given for it. */
async function pagesBy(worker: () => Source): Promise<SourcePage[]> {
  const pages: SourcePage[] = [];
  let kept: string | undefined;
  do {
    pages.push(await worker().read(kept === undefined ? undefined : (JSON.parse(kept) as Cursor), signal));
    const { cursor } = pages.at(-1)!;
    kept = cursor === undefined ? undefined : JSON.stringify(cursor);
  } while (kept !== undefined);
  return pages;
}

function pagesOfUnit(spec: ExportSpec, unit = 0, budget = pagesOf(3)): Promise<SourcePage[]> {
  const worker = open(spec, unit, budget);
  return pagesBy(() => worker).finally(() => worker.close!());
}

/** An S3 client that counts the requests for data. */
function counting(): { s3: S3Client; gets: () => number } {
  let gets = 0;
  const send = (command: GetObjectCommand, options: object) => {
    if (command.input.Key?.includes("/data/")) gets += 1;
    return tools.s3.send(command, options);
  };
  return { s3: { send } as unknown as S3Client, gets: () => gets };
}

const verdictOf = async (spec: ExportSpec, pages: Promise<unknown>) =>
  exportReader.verdict(await pages.catch((error: unknown) => error), spec);

test("a unit is a file, and a page some of its lines", async () => {
  const spec = await exported({ files: [lines(7), [], lines(2, 7)] });
  const pages = await pagesOfUnit(spec);
  expect(pages.map(({ items }) => items.length)).toEqual([3, 3, 1]);
  expect(pages.map(({ cursor }) => cursor !== undefined)).toEqual([true, true, false]);
  const bytes = 3 * (line(0).length + 1);
  expect(pages[0]).toMatchObject({ items: [item(0), item(1), item(2)], scannedItems: 3, scannedBytes: bytes, rcu: 0 });
  expect(pages[0]!.cursor).toEqual({ line: 3, byte: bytes });
  expect(pages[0]).not.toHaveProperty("missing");
  expect(await pagesOfUnit(spec, 1)).toEqual([
    { items: [], scannedItems: 0, scannedBytes: 0, cursor: undefined, rcu: 0 },
  ]);
  expect(numbersIn(await pagesOfUnit(spec, 2))).toEqual([7, 8]);
});

test("one worker reads the file once; another worker can continue at any line", async () => {
  const spec = await exported({ files: [lines(40)] });
  const { s3, gets } = counting();
  const worker = open(spec, 0, pagesOf(1), s3);
  const pages = await pagesBy(() => worker);
  expect(numbersIn(pages)).toEqual(numbers(40));
  expect(gets()).toBe(1);
  expect(await pagesBy(() => open(spec, 0, pagesOf(1)))).toEqual(pages);
});

test("a worker that gets a cursor elsewhere in the file continues there", async () => {
  const spec = await exported({ files: [lines(9)] });
  const worker = open(spec);
  const [first] = [await worker.read(undefined, signal)];
  await worker.read(first.cursor, signal);
  expect(await worker.read(undefined, signal)).toEqual(first);
  expect(numbersIn([await worker.read({ line: 6, byte: 6 * (line(0).length + 1) }, signal)])).toEqual([6, 7, 8]);
});

test("Sluice's own exports are read back unchanged", async () => {
  const job = exportJob("job-1");
  const given = plan({ job });
  await finish(job, [await runUnit(given, tools)], tools);
  const spec = await specOf(`s3://${tools.bucket}/AWSDynamoDB/job-1`);
  expect((await pagesOfUnit(spec)).flatMap(({ items }) => items)).toEqual(given.items);
});

test("it has the new images of an incremental export; deleted items are missing", async () => {
  const change = (n: number, more: object) => JSON.stringify({ Metadata: {}, Keys: { id: item(n).id }, ...more });
  const file = [
    change(0, { NewImage: item(0) }),
    change(1, { OldImage: item(7), NewImage: item(1) }),
    change(2, { OldImage: item(2) }),
  ];
  const spec = await exported({ files: [file], summary: { exportType: "INCREMENTAL_EXPORT" } });
  expect(await pagesOfUnit(spec)).toMatchObject([
    { items: [item(0), item(1)], missing: [{ id: { S: "item-2" } }], scannedItems: 3 },
  ]);
});

test.each<[string, number | undefined, number | undefined, number]>([
  ["a second of writes", undefined, 200, 200],
  ["at least 25", undefined, 3, 25],
  ["at most 1,000", undefined, 40_000, 1_000],
  ["1,000 without a limit", undefined, undefined, 1_000],
  ["a page has no more lines than there is time for", 7, 3, 7],
])("a page has %s", async (_, mostItems, writes, expected) => {
  const spec = await exported({ files: [lines(1_100)] });
  expect((await open(spec, 0, pagesOf(mostItems, writes)).read(undefined, signal)).items).toHaveLength(expected);
});

test("a page ends after 1 MB of lines", async () => {
  const big = numbers(5).map((n) => JSON.stringify({ Item: { n: { N: String(n) }, t: { S: "x".repeat(400_000) } } }));
  const pages = await pagesOfUnit(await exported({ files: [big] }), 0, pagesOf(undefined));
  expect(pages.map(({ items }) => items.length)).toEqual([3, 2]);
});

test("a sample has its share: the same items in each attempt, and other items with another seed", async () => {
  const spec = await exported({ files: [lines(2_000)] });
  const sampled = (seed: string, budget: PageBudget) =>
    pagesOfUnit({ ...spec, sample: { share: 0.1, seed } }, 0, budget);
  const pages = await sampled("a", pagesOf(50));
  const found = numbersIn(pages);
  expect(found.length).toBeGreaterThan(140);
  expect(found.length).toBeLessThan(260);
  expect(Math.max(...pages.map(({ items }) => items.length))).toBe(50);
  expect(pages.reduce((sum, { scannedItems }) => sum + scannedItems, 0)).toBe(2_000);
  expect(numbersIn(await sampled("a", pagesOf(7)))).toEqual(found);
  expect(numbersIn(await sampled("b", pagesOf(50)))).not.toEqual(found);
});

test("with the real client, a stretch that ends in mid-file leaves no connection in use", async () => {
  const text = noise(8_000_000, 1);
  const big = numbers(2_000).map((n) =>
    JSON.stringify({ Item: { ...item(n), t: { S: text.slice(n * 4_000, n * 4_000 + 4_000) } } }),
  );
  const spec = await exported({ files: [big] });
  const worker = open(spec, 0, pagesOf(25));
  await worker.read(undefined, signal);
  const { httpAgent } = (tools.s3.config.requestHandler as unknown as { config: { httpAgent: Agent } }).config;
  expect(Object.values(httpAgent.sockets).flat()).toHaveLength(1);
  worker.close!();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(Object.values(httpAgent.sockets).flat()).toEqual([]);
});

describe("damage ends the job", () => {
  const put = (Key: string, Body: Buffer | string) =>
    tools.s3.send(new PutObjectCommand({ Bucket: tools.bucket, Key, Body }));
  const data = "backups/AWSDynamoDB/01/data/0abc.json.gz";
  const whole = gzipSync(lines(4_000).join("\n"));

  /** A copy of an export: without matching ETags, only the checksums show damage. */
  test.each<[string, Buffer, RegExp]>([
    [
      "a flipped bit",
      Buffer.from(whole.map((byte, i) => (i === 9_000 ? byte ^ 1 : byte))),
      /must be (a whole gzip file|an item)/,
    ],
    ["a file cut short", whole.subarray(0, -20), /must be a whole gzip file/],
    ["other lines", gzipSync(lines(4_000, 1).join("\n")), /md5Checksum of .*0abc.json.gz must be/],
    ["a line that is no item", gzipSync("{}"), /Line 1 of .* must be an item|md5Checksum/],
  ])("%s", async (_, bytes, sentence) => {
    const spec = await exported({ files: [lines(4_000)], summary: { s3Bucket: "another" } });
    await put(data, bytes);
    const pages = pagesOfUnit(spec, 0, pagesOf(undefined));
    await expect(pages).rejects.toMatchObject({ code: "EXPORT_DAMAGED" });
    expect(await verdictOf(spec, pages)).toMatch(sentence);
  });

  test("a wrong count", async () => {
    const spec = await exported({
      files: [lines(4)],
      summary: { itemCount: 5 },
      listed: (file) => ({ ...file, itemCount: 5 }),
    });
    const pages = pagesOfUnit(spec);
    await expect(pages).rejects.toMatchObject({ code: "EXPORT_DAMAGED" });
    expect(await verdictOf(spec, pages)).toMatch(/itemCount of .* must be 5, got 4/);
  });

  test("an object that was replaced, even by the same lines", async () => {
    const spec = await exported({ files: [lines(4)] });
    await put(data, gzipSync(lines(4).join("\n"), { level: 1 }));
    expect(await verdictOf(spec, pagesOfUnit(spec))).toMatch(/must have the ETag .*, but it was replaced/);
  });

  test("a list that was replaced", async () => {
    const spec = await exported({ files: [lines(4)] });
    await put("backups/AWSDynamoDB/01/manifest-files.json", "{}");
    expect(await verdictOf(spec, pagesOfUnit(spec))).toMatch(/manifest-files.json must have the ETag .* replaced/);
  });

  test("an object that is gone, and a bucket that is gone", async () => {
    const spec = await exported({ files: [lines(4)], listed: (file) => ({ ...file, dataFileS3Key: "gone" }) });
    expect(await verdictOf(spec, pagesOfUnit(spec))).toMatch(/^An object of export s3:.* no longer exists\.$/);
    const elsewhere = { ...spec, bucket: "not-there" };
    expect(await verdictOf(elsewhere, pagesOfUnit(elsewhere))).toBe("Bucket not-there no longer exists.");
  });
});

describe("in a worker", () => {
  let s3: MemoryS3;
  let spec: ExportSpec;
  beforeEach(() => {
    s3 = new MemoryS3();
    const text = noise(6_000_000, 1);
    const all = numbers(20_000).map((n) =>
      JSON.stringify({ Item: { ...item(n), t: { S: text.slice(n * 300, n * 300 + 300) } } }),
    );
    s3.put("data", gzipSync(all.join("\n")));
    const md5Checksum = Buffer.from(s3.etag("data"), "hex").toString("base64");
    s3.put("list", JSON.stringify({ itemCount: 20_000, md5Checksum, etag: s3.etag("data"), dataFileS3Key: "data" }));
    spec = {
      ...{ kind: "export", table: "orders", bucket: "b", manifest: "m", list: "list", listEtag: s3.etag("list") },
      ...{ files: 1, copied: false, type: "full" },
    };
  });
  const openHere = () => open(spec, 0, pagesOf(25), s3.client);
  const settled = () => new Promise((resolve) => setTimeout(resolve, 50));

  test("a page reads little more of the file than its own lines", async () => {
    const worker = openHere();
    await worker.read(undefined, signal);
    await settled();
    expect(s3.taken).toBeLessThan(500_000);
    worker.close!();
  });

  test("a stretch that ends in mid-file ends the connection; the list is read once", async () => {
    for (let n = 0; n < 3; n++) {
      const worker = openHere();
      await worker.read(undefined, signal);
      expect(s3.bodies.at(-1)!.destroyed).toBe(false);
      worker.close!();
      expect(s3.bodies.at(-1)!.destroyed).toBe(true);
    }
    expect(s3.gets.filter(({ Key }) => Key === "list")).toHaveLength(1);
  });

  test("the end of the time ends a waiting read and its connection", async () => {
    const over = new AbortController();
    s3.breaks.push(undefined, { after: 100, how: "stall" });
    const read = openHere().read(undefined, over.signal);
    await settled();
    over.abort();
    await expect(read).rejects.toMatchObject({ code: "OUT_OF_TIME", retryable: true });
    expect(s3.bodies.map(({ destroyed }) => destroyed)).toEqual([false, true]);
  });

  test("after an error the same worker opens the file anew", async () => {
    const worker = openHere();
    const { cursor } = await worker.read(undefined, signal);
    s3.bodies.at(-1)!.destroy(new Error("broken"));
    let page: SourcePage | undefined;
    // The buffered part may be enough for some pages.
    for (let at = cursor; at !== undefined; at = page.cursor) {
      page = await worker.read(at, signal).catch(() => worker.read(at, signal));
    }
    expect(numbersIn([page!])).toEqual(numbers(25, 19_975));
  });
});
