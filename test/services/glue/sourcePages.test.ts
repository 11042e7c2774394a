/** Units that a TypeScript worker and a Python worker read in turns, each from the other's checkpoint. */
import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { createTable, fillTable } from "../../../local/fillTable";
import { dynamoJson } from "../../../shared/aws/dynamoJson";
import type { Item } from "../../../shared/aws/itemSize";
import { describeExport, type ExportFacts } from "../../../shared/exports/openExport";
import { readExport } from "../../../shared/exports/readExport";
import type { Json } from "../../../shared/json";
import { count } from "../../../shared/operations/count/count";
import type { Tools } from "../../../shared/operations/operation";
import { objectBytes } from "../../../shared/results/openObject";
import { describeKeys, type KeyListFacts } from "../../../shared/sources/keys/describeKeys";
import type { KeysSpec } from "../../../shared/sources/keys/spec";
import type { SourceSpec } from "../../../shared/sources/specs";
import type { TableSpec } from "../../../shared/sources/table/spec";
import { collect, exportJob, exportTools, finish, noise, stored } from "../../shared/operations/export/exportGround";
import { putExport } from "../../support/exportInS3";
import { describeWithPython } from "../../support/gluePython";
import { seeded } from "../../support/simulation/chance";
import { Ground } from "../ingest/ground";
import { PythonWorker, type ReadPage, type Turn, TypeScriptWorker, type Worker } from "./pythonPages";

const TABLE = "orders";
/** Objects of a few pages, in pieces of about one. */
const SIZES = { enough: 5_000, piece: 1_800 };

const key = (n: number): Item => ({ id: { B: Buffer.from(`é${n}`) }, n: { N: String(n) } });
const item = (n: number): Item => ({
  ...key(n),
  text: { S: `${noise(150, n)} "\u2028"` },
  B: { BS: [Buffer.from([n])] },
});
const numbers = (length: number, from = 0) => Array.from({ length }, (_, i) => i + from);
const json = (each: Item): Json => JSON.parse(dynamoJson(each)) as Json;
const numberOf = (each: Json) => Number((each as { n: { N: string } }).n.N);
const byNumber = (a: Json, b: Json) => numberOf(a) - numberOf(b);

describeWithPython("a unit in turns", () => {
  let ground: Ground;
  let tools: Tools;
  let python: PythonWorker;
  let workers: readonly Worker[];
  beforeAll(async () => {
    ground = await Ground.start();
    await createTable(ground.clients.dynamodb, TABLE, {
      KeySchema: [
        { AttributeName: "id", KeyType: "HASH" },
        { AttributeName: "n", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "id", AttributeType: "B" },
        { AttributeName: "n", AttributeType: "N" },
      ],
    });
    await fillTable(ground.clients.dynamodb, TABLE, 200, item);
  });
  afterAll(() => ground?.stop());
  beforeEach(async () => {
    const bucket = `results-${randomUUID().slice(0, 8)}`;
    await ground.clients.s3.send(new CreateBucketCommand({ Bucket: bucket }));
    tools = { ...exportTools(ground.clients.s3, bucket), dynamodb: ground.clients.dynamodb };
    for (const [name, size] of Object.entries(SIZES))
      jest.replaceProperty(objectBytes, name as keyof typeof SIZES, size);
    python = new PythonWorker(tools, await variables(), SIZES);
    workers = [new TypeScriptWorker(tools), python];
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await python?.stop();
  });

  async function variables(): Promise<NodeJS.ProcessEnv> {
    const { endpoint, credentials, region } = ground.clients.s3.config;
    const { protocol, hostname, port } = await endpoint!();
    const { accessKeyId, secretAccessKey, sessionToken } = await credentials();
    return {
      AWS_ENDPOINT_URL: `${protocol}//${hostname}:${port}`,
      AWS_REGION: await region(),
      AWS_DEFAULT_REGION: await region(),
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      ...(sessionToken && { AWS_SESSION_TOKEN: sessionToken }),
    };
  }

  /** All units of a job, with a worker of the other language after each checkpoint. */
  async function inTurns(job: string, operation: Turn["operation"], spec: SourceSpec, units: number) {
    const random = seeded(units);
    const pages: ReadPage[] = [];
    const runs: { result: Json }[] = [];
    let turns = 0;
    for (let unit = 0; unit < units; unit++) {
      let [cursor, result, counts] = [
        null as Turn["cursor"],
        null as Json,
        { pages: 0, scannedItems: 0, items: 0, rcu: 0 },
      ];
      do {
        const extent = { most: 1 + Math.floor(random() * 20), pages: 1 + Math.floor(random() * 3) };
        const turned = await workers[turns % 2]!.work({
          job,
          operation,
          spec,
          unit,
          units,
          ...extent,
          cursor,
          counts,
          result,
        });
        turns += 1;
        ({ cursor, result } = turned);
        for (const { scannedItems, items, missing, rcu } of turned.pages) {
          counts = {
            pages: counts.pages + 1,
            scannedItems: counts.scannedItems + scannedItems,
            items: counts.items + items.length + missing.length,
            rcu: counts.rcu + rcu,
          };
        }
        pages.push(...turned.pages);
      } while (cursor !== null);
      runs.push({ result });
    }
    expect(turns).toBeGreaterThan(2 * units);
    return {
      items: pages.flatMap(({ items }) => items),
      missing: pages.flatMap(({ missing }) => missing),
      pages,
      runs,
    };
  }

  const table: TableSpec = { kind: "table", table: TABLE, consistentRead: false };

  async function exported(): Promise<{ spec: SourceSpec; units: number }> {
    const lines = (count: number, from: number) =>
      numbers(count, from).map((n) => JSON.stringify({ Item: json(item(n)) }));
    const files = [lines(70, 0), lines(120, 70), lines(10, 190)];
    const location = await putExport(tools.s3, { bucket: tools.bucket, id: "source", files });
    const facts = (await describeExport(tools.s3, location)) as ExportFacts;
    const { bucket, manifest, list, listEtag, copied, type } = facts;
    const place = { bucket, manifest, list, listEtag, files: 3, copied, type };
    return { spec: { kind: "export", table: TABLE, ...place }, units: 3 };
  }

  async function listed(name: string, lines: readonly string[], more: Partial<KeysSpec> = {}): Promise<KeysSpec> {
    const text = lines.join("\n");
    const Body = name.endsWith(".gz") ? gzipSync(text) : text;
    await tools.s3.send(new PutObjectCommand({ Bucket: tools.bucket, Key: name, Body }));
    const place = name.startsWith("failures/") ? "failures/" : name;
    const { list, bucket } = (await describeKeys(tools.s3, `s3://${tools.bucket}/${place}`)) as KeyListFacts;
    const keys = [
      { name: "id", type: "B" },
      { name: "n", type: "N" },
    ] as const;
    return { kind: "keys", table: TABLE, keys, bucket, list, readItems: true, consistentRead: false, ...more };
  }

  const plain = (n: number) => JSON.stringify({ id: Buffer.from(`é${n}`).toString("base64"), n });
  const failure = (n: number) => JSON.stringify({ key: json(key(n)), code: "X", reason: "because", attempts: 1 });

  /** The result of a job that exports a source: the items that its manifests name. */
  async function exportInTurns(spec: SourceSpec, units: number) {
    const read = await inTurns("job-1", "export", spec, units);
    const { manifest, objects } = await finish(exportJob("job-1"), read.runs as never, tools);
    const items = (await collect(readExport(tools.s3, tools.bucket, manifest))).map(json);
    expect(items).toEqual(read.items);
    expect(objects).toBeGreaterThan(units);
    expect((await stored(tools)).filter((name) => name.includes("/job-1/open/"))).toEqual([]);
    return { ...read, items: items.sort(byNumber) };
  }

  test("of a table, exported: one result, with every item once", async () => {
    const { items } = await exportInTurns(table, 3);
    expect(items).toEqual(numbers(200).map((n) => json(item(n))));
  });

  test("of an export, exported: one result, with every item once", async () => {
    const { spec, units } = await exported();
    const { items } = await exportInTurns(spec, units);
    expect(items).toEqual(numbers(200).map((n) => json(item(n))));
  });

  test.each<[string, string, (n: number) => string, number]>([
    ["ranges of a list", "a.jsonl", plain, 3],
    ["a gzip list", "a.jsonl.gz", plain, 1],
    ["a list of failures", "failures/0000000.jsonl.gz", failure, 1],
  ])("of %s, exported: one result, with every item once, and the missing keys", async (_, name, line, units) => {
    const lines = [...numbers(120, 100).map(line), "{", ""];
    const { items, missing, pages } = await exportInTurns(await listed(name, lines), units);
    expect(items).toEqual(numbers(100, 100).map((n) => json(item(n))));
    expect([...missing].sort(byNumber)).toEqual(numbers(20, 200).map((n) => json(key(n))));
    expect(pages.reduce((sum, { unreadable }) => sum + unreadable, 0)).toBe(1);
  });

  test("of a table, counted: the result of one worker alone", async () => {
    const { runs } = await inTurns("job-1", "count", table, 2);
    const whole = new TypeScriptWorker(tools);
    const start = { job: "job-1", operation: "count", spec: table, cursor: null, result: null } as const;
    const counts = { pages: 0, scannedItems: 0, items: 0, rcu: 0 };
    const alone = await whole.work({ ...start, counts, unit: 0, units: 1, most: 1_000, pages: 1 });
    async function* results() {
      for (const [unit, { result }] of runs.entries()) yield { unit, result: result as never };
    }
    expect(await count.finish!({} as never, results(), tools)).toEqual(alone.result);
  });
});
