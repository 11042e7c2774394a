import { gzipSync } from "node:zlib";
import { recordsReader } from "../../../../shared/sources/records/recordsReader";
import type { RecordsSpec } from "../../../../shared/sources/records/spec";
import type { SourcePage, SourceTools } from "../../../../shared/sources/source";
import { MemoryS3 } from "../../../support/memoryS3";

const MANIFEST = "update/j/before/manifest.json";
const record = (n: number) => ({
  change: { S: "put" },
  key: { M: { id: { B: Buffer.from([n]).toString("base64") } } },
});

function ground(lines = (n: number) => `${JSON.stringify(record(n))}\n`) {
  const s3 = new MemoryS3();
  // The newest object first, as the manifest has them.
  const objects = ["0000004/0000001.jsonl.gz", "0000004/0000000.jsonl.gz"];
  const manifest = { job: "j", table: "orders", reads: false, units: [{ unit: 4, objects }] };
  s3.put(MANIFEST, JSON.stringify(manifest));
  for (const [at, name] of objects.entries())
    s3.put(`update/j/before/${name}`, gzipSync(lines(2 * at) + lines(2 * at + 1)));
  // The client of the SDK has this method too.
  const send = async (command: { input: { Key: string } }) => {
    const answer = await (s3.client as { send(command: object): Promise<{ Body: object }> }).send(command);
    const text = s3.objects.get(command.input.Key)!.toString();
    return { ...answer, Body: Object.assign(answer.Body, { transformToString: async () => text }) };
  };
  const budget = { perSecond: () => undefined, mostItems: () => 3 };
  const tools = { s3: { send }, budget, retry: <T>(call: () => Promise<T>) => call() } as unknown as SourceTools;
  const spec: RecordsSpec = {
    kind: "records",
    table: "orders",
    bucket: "b",
    manifest: MANIFEST,
    etag: s3.etag(MANIFEST),
  };
  return { s3, spec, tools };
}

const signal = new AbortController().signal;

async function allOf(tools: SourceTools, spec: RecordsSpec): Promise<SourcePage[]> {
  const pages: SourcePage[] = [];
  do {
    // A new worker reads each page.
    const source = recordsReader.open({ spec, unit: 0, units: 1, averageBytes: undefined }, tools);
    pages.push(await source.read(pages.at(-1)?.cursor, signal));
    source.close?.();
  } while (pages.at(-1)!.cursor !== undefined);
  return pages;
}

test("a unit's records come in the manifest's order, from any cursor on, with binary as bytes", async () => {
  const { tools, spec } = ground();
  const pages = await allOf(tools, spec);
  expect(pages.map(({ items }) => items.length)).toEqual([3, 1]);
  const ids = pages.flatMap(({ items }) => items.map(({ key }) => [...key!.M!.id!.B!]));
  expect(ids).toEqual([[0], [1], [2], [3]]);
});

test("a manifest that was replaced since the start is refused for good", async () => {
  const { s3, tools, spec } = ground();
  s3.put(MANIFEST, '{"job":"j","table":"orders","reads":false,"units":[]}');
  const error = await allOf(tools, spec).catch((thrown) => thrown);
  expect(error).toMatchObject({ code: "OBJECT_REPLACED" });
  expect(recordsReader.verdict(error, spec)).toContain("list of former values s3://b/update/j/before/manifest.json");
});

test("a line that is no record ends the job", async () => {
  const { tools, spec } = ground(() => "no JSON\n");
  await expect(allOf(tools, spec)).rejects.toMatchObject({ code: "OBJECT_DAMAGED" });
});
