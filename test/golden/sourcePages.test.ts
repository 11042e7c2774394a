/** Pages and cursors of whole units that lie in S3, for the Python package. */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { dynamoJson } from "../../shared/aws/dynamoJson";
import type { Item } from "../../shared/aws/itemSize";
import type { Json } from "../../shared/json";
import type { ExportSpec } from "../../shared/sources/export/spec";
import type { KeysSpec, LineList } from "../../shared/sources/keys/spec";
import { sourceReader } from "../../shared/sources/readers";
import type { Cursor, SourcePage } from "../../shared/sources/source";
import type { SourceSpec } from "../../shared/sources/specs";
import { expectGolden } from "../support/golden";
import { MemoryS3 } from "../support/memoryS3";

const { signal } = new AbortController();

interface Case {
  readonly name: string;
  readonly spec: SourceSpec;
  readonly units: number;
  readonly objects: Readonly<Record<string, Buffer | string>>;
  /** Lines of a page. */
  readonly most: number;
}

const json = (item: Item): Json => JSON.parse(dynamoJson(item)) as Json;

/** Reads each page with a new worker, or all pages with one worker. */
async function unit({ spec, units, objects, most }: Case, number: number, isOne: boolean): Promise<Json> {
  const s3 = new MemoryS3();
  for (const [key, content] of Object.entries(objects)) s3.put(key, content);
  const budget = { perSecond: () => undefined, mostItems: () => most };
  const tools = { dynamodb: undefined as never, s3: s3.client, budget, retry: <T>(call: () => Promise<T>) => call() };
  const open = () => sourceReader(spec).open({ spec, unit: number, units, averageBytes: undefined }, tools);
  const pages: Json[] = [];
  const one = open();
  let cursor: Cursor | undefined;
  try {
    do {
      const worker = isOne ? one : open();
      const page = await worker.read(cursor, signal);
      if (!isOne) worker.close?.();
      pages.push(plain(page));
      ({ cursor } = page);
    } while (cursor !== undefined);
    return { pages };
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return { pages, error: { code, message, verdict: sourceReader(spec).verdict(error, spec) ?? null } };
  } finally {
    one.close?.();
  }
}

function plain({ items, missing = [], unreadable = [], scannedItems, scannedBytes, cursor, rcu }: SourcePage): Json {
  const shown = {
    items: items.map(json),
    missing: missing.map(json),
    unreadable: unreadable.map((each) => ({ ...each })),
  };
  return { ...shown, scannedItems, scannedBytes, cursor: cursor ?? null, rcu };
}

/** The pages are stored, not deflated, so they have the same bytes on each machine. */
function gzip(content: string | Buffer): Buffer {
  const file = gzipSync(content, { level: 0 });
  file[9] = 255;
  return file;
}

const md5 = (content: Buffer | string, encoding: "hex" | "base64") =>
  createHash("md5").update(content).digest(encoding);

function exported(
  name: string,
  files: readonly (readonly string[])[],
  more: Partial<ExportSpec> = {},
  change: { readonly listed?: object; readonly data?: (data: Buffer) => Buffer } = {},
): Case {
  const objects: Record<string, Buffer | string> = {};
  let list = "";
  for (const [number, lines] of files.entries()) {
    const whole = gzip(lines.map((line) => `${line}\n`).join(""));
    const dataFileS3Key = `data/${number}.json.gz`;
    const data = change.data?.(whole) ?? whole;
    objects[dataFileS3Key] = data;
    const file = {
      itemCount: lines.length,
      md5Checksum: md5(whole, "base64"),
      etag: `"${md5(data, "hex")}"`,
      dataFileS3Key,
    };
    list += `${JSON.stringify({ ...file, ...change.listed })}\n`;
  }
  objects["manifest-files.json"] = list;
  const place = {
    bucket: "b",
    manifest: "manifest-summary.json",
    list: "manifest-files.json",
    listEtag: md5(list, "hex"),
  };
  const spec = {
    kind: "export",
    table: "t",
    ...place,
    files: files.length,
    copied: false,
    type: "full",
    ...more,
  } as const;
  return { name, spec, units: Math.max(1, files.length), objects, most: 3 };
}

function listed(name: string, key: string, content: string | Buffer, more: Partial<LineList> = {}, units = 1): Case {
  const bytes = key.endsWith(".gz") ? gzip(content) : Buffer.from(content);
  const keys = [
    { name: "pk", type: "S" },
    { name: "sk", type: "N" },
  ] as const;
  const place = {
    form: "object",
    key,
    etag: md5(bytes, "hex"),
    bytes: bytes.length,
    gzip: key.endsWith(".gz"),
  } as const;
  const list: LineList = { ...place, from: { line: 0, byte: 0 }, ...more };
  const spec: KeysSpec = { kind: "keys", table: "t", keys, bucket: "b", list, readItems: false, consistentRead: false };
  return { name, spec, units, objects: { [key]: bytes }, most: 3 };
}

const item = (n: number) => JSON.stringify({ Item: { id: { S: `é🦊 ${n}` }, n: { N: String(n) } } });
const change = (n: number) =>
  JSON.stringify({ Keys: { id: { S: String(n) } }, ...(n % 3 && { NewImage: { id: { S: String(n) } } }) });
const key = (n: number) => JSON.stringify({ pk: `é\u2028 ${n}`, sk: n });
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const sample = { share: 0.5, seed: "s" };
const HEADER = "\ufeffother,pk,sk\r\n";

const cases: readonly Case[] = [
  exported("an export", [numbers(7).map(item), [], numbers(2).map(item)]),
  exported("an incremental export", [numbers(7).map(change)], { type: "incremental" }),
  exported("a sample of an export", [numbers(20).map(item)], { sample }),
  exported("an export without files", []),
  exported("a copy of an export", [numbers(2).map(item)], { copied: true }, { listed: { etag: "other" } }),
  exported("another checksum", [numbers(4).map(item)], {}, { listed: { md5Checksum: "x" } }),
  exported("another count", [numbers(4).map(item)], {}, { listed: { itemCount: 5 } }),
  exported("another file", [numbers(4).map(item)], {}, { listed: { etag: "other" } }),
  exported("another list", [numbers(4).map(item)], { listEtag: "other" }),
  exported("no item", [[item(0), "{}", item(1)]]),
  exported("a file that ends early", [numbers(4).map(item)], {}, { data: (data) => data.subarray(0, 30) }),
  exported("no gzip file", [numbers(4).map(item)], {}, { data: () => Buffer.from("plain text") }),
  exported(
    "members and padding",
    [numbers(4).map(item)],
    { copied: true },
    {
      data: (data) => Buffer.concat([data, gzip(`${item(4)}\n${item(5)}`), Buffer.alloc(3)]),
    },
  ),
  ...[1, 4].flatMap((units) => [
    listed("a list", "a.jsonl", numbers(11).map(key).join("\n"), {}, units),
    listed(
      "blank and wrong lines",
      "a.jsonl",
      [key(0), "{", "", " \u00a0\u2003\r", '{"pk":"a"}', key(1), "", key(1), ""].join("\n"),
      {},
      units,
    ),
    listed("white space of Python alone", "a.jsonl", `\u001c\n\u0085\n${key(1)}\n\ufeff\n`, {}, units),
    listed(
      "CSV",
      "a.csv",
      HEADER +
        numbers(9)
          .map((n) => `x,"é ""${n}""",${n}`)
          .join("\r\n"),
      csvFrom(),
      units,
    ),
  ]),
  listed("a gzip list", "a.jsonl.gz", numbers(11).map(key).join("\n")),
  listed("gzip CSV", "a.csv.gz", `${HEADER}x,a,1\nx,b\nx,"c`, csvFrom()),
  listed("an empty list", "a.jsonl", ""),
  listed(
    "bytes that are no text",
    "a.jsonl",
    Buffer.from([...Buffer.from('{"pk":"'), 0xff, 0xe2, 0x80, 0x22, 10, 0xf0, 0x9f]),
  ),
  { ...listed("another list of keys", "a.jsonl", key(0)), objects: { "a.jsonl": "changed" } },
  { ...listed("no list of keys", "a.jsonl", key(0)), objects: {} },
];

function csvFrom(): Partial<LineList> {
  return { columns: ["other", "pk", "sk"], from: { line: 1, byte: Buffer.byteLength(HEADER) } };
}

test("units in S3", async () => {
  const computed: Json[] = [];
  for (const each of cases) {
    for (let number = 0; number < each.units; number++) {
      const units = await Promise.all([true, false].map((isOne) => unit(each, number, isOne)));
      const { name, spec, units: all, most } = each;
      const entries = Object.entries(each.objects).map(([path, content]) => [
        path,
        Buffer.from(content).toString("base64"),
      ]);
      const given = { spec: JSON.parse(JSON.stringify(spec)) as Json, unit: number, units: all, most };
      computed.push({
        name,
        ...given,
        objects: Object.fromEntries(entries) as Json,
        byOne: units[0]!,
        byMany: units[1]!,
      });
    }
  }
  expectGolden("source-pages", computed);
});
