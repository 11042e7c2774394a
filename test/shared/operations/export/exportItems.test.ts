import { randomUUID } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { CreateBucketCommand, DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import * as fc from "fast-check";
import type { Item } from "../../../../shared/capacity/itemSize";
import { exportItems } from "../../../../shared/operations/export/exportItems";
import { ExportKeys } from "../../../../shared/operations/export/params";
import { readExport, readExportLines, readFiles, readSummary } from "../../../../shared/operations/export/readExport";
import type { ExportResult } from "../../../../shared/operations/export/writeManifests";
import type { Tools } from "../../../../shared/operations/operation";
import { Ground, keys } from "../../../services/ingest/ground";
import {
  CREATED,
  Crashes,
  exportJob,
  exportTools,
  MemoryEntries,
  resultsOf,
  runUnit,
  type UnitPlan,
  type UnitRun,
} from "./exportGround";

let ground: Ground;
let bucket: string;
let tools: Tools;

beforeAll(async () => {
  ground = await Ground.start();
}, 60_000);
afterAll(() => ground.stop());
beforeEach(async () => {
  tools = await freshTools();
});

async function freshTools(): Promise<Tools> {
  bucket = `results-${randomUUID().slice(0, 8)}`;
  await ground.clients.s3.send(new CreateBucketCommand({ Bucket: bucket }));
  return exportTools(ground.clients.s3, bucket);
}

const items = (count: number, bytes = 10): Item[] =>
  Array.from({ length: count }, (_, i) => ({ id: { S: `item-${i}` }, text: { S: "x".repeat(bytes) } }));

const plan = (more: Partial<UnitPlan> = {}): UnitPlan => ({
  job: exportJob("job-1"),
  unit: 0,
  items: items(10),
  pageSize: () => 3,
  ...more,
});

const finish = (job: UnitPlan["job"], runs: readonly Pick<UnitRun, "result">[], given = tools) =>
  exportItems.finish!(job, resultsOf(runs), given) as Promise<ExportResult>;

async function body(key: string): Promise<Buffer> {
  const { Body } = await ground.clients.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

const stored = (): Promise<string[]> => keys({ s3: ground.clients.s3 } as never, bucket);

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => "none",
    (error) => error.code,
  );

test("an export has every item once, and nothing but its data lies beside it", async () => {
  const { job } = plan({ job: exportJob("job-1", { exportPrefix: "nightly/2026" }, 3) });
  const runs = [
    await runUnit(plan({ job }), tools),
    await runUnit(plan({ job, unit: 1, items: [] }), tools),
    await runUnit(plan({ job, unit: 2, items: items(4, 300) }), tools),
  ];
  const result = await finish(job, runs);
  const root = "nightly/2026/AWSDynamoDB/job-1/";
  expect(result).toEqual({
    items: 14,
    objects: 2,
    bytes: expect.any(Number),
    bucket,
    manifest: `${root}manifest-summary.json`,
  });
  expect(await collect(readExport(tools.s3, bucket, result.manifest))).toEqual([...items(10), ...items(4, 300)]);
  expect(await stored()).toEqual([
    `${root}data/0000000-0000000.json.gz`,
    `${root}data/0000002-0000000.json.gz`,
    `${root}manifest-files.json`,
    `${root}manifest-files.md5`,
    `${root}manifest-summary.json`,
    `${root}manifest-summary.md5`,
  ]);
});

test("an object can be unzipped after every page, and has all pages so far", async () => {
  const key = new ExportKeys({}, "job-1").data(0, 0);
  const seen: number[] = [];
  let page = 0;
  const pageSize = () => {
    page += 1;
    return 3;
  };
  const watching = {
    ...tools,
    s3: {
      send: async (command: PutObjectCommand) => {
        const answer = await tools.s3.send(command);
        if (command instanceof PutObjectCommand)
          seen.push(
            gunzipSync(await body(key))
              .toString()
              .trim()
              .split("\n").length,
          );
        return answer;
      },
    } as never,
  };
  await runUnit(plan({ pageSize }), watching);
  expect(page).toBe(4);
  expect(seen).toEqual([3, 6, 9, 10]);
});

test("an object is complete with 64 pages", async () => {
  const { result, results } = await runUnit(plan({ items: items(130), pageSize: () => 1 }), tools);
  expect(result).toEqual({ objects: 3, items: 130, bytes: expect.any(Number) });
  expect(results[62]?.open?.pages).toBe(63);
  expect(results[63]).toEqual({ objects: 1, items: 64, bytes: expect.any(Number) });
});

test("an object is complete with 4 MB of lines", async () => {
  const { result, results } = await runUnit(plan({ items: items(10, 1_000_000), pageSize: () => 1 }), tools);
  expect(results.map(({ objects }) => objects)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 1, 2]);
  expect(result?.items).toBe(10);
});

test("the result with its open object stays small however long the unit is", async () => {
  const { results } = await runUnit(plan({ items: items(300), pageSize: () => 1 }), tools);
  expect(Math.max(...results.map((result) => JSON.stringify(result).length))).toBeLessThan(200);
});

test("pages without items write nothing", async () => {
  let has = 0;
  const { result } = await runUnit(plan({ has: () => ++has > 9 }), tools);
  expect(result).toMatchObject({ objects: 1, items: 1 });
  const empty = await runUnit(plan({ job: exportJob("job-2"), has: () => false }), tools);
  expect(empty.result).toEqual({ objects: 0, items: 0, bytes: 0 });
  expect((await stored()).filter((key) => key.includes("job-2"))).toEqual([]);
});

test("a worker reads the open object once, when it takes up the unit, and as far as the checkpoint goes", async () => {
  const ranges: (string | undefined)[] = [];
  const send = (command: GetObjectCommand) => {
    if (command instanceof GetObjectCommand) ranges.push(command.input.Range);
    return tools.s3.send(command);
  };
  // Page 0: put, checkpoint; page 1: put, then the crash, so its bytes lie behind those of page 0.
  const crashes = new Crashes([3 + 2]);
  const { results } = await runUnit(plan({ crashes }), { ...tools, s3: { send } as never });
  expect(ranges).toEqual([`bytes=10-${9 + results[0]!.open!.bytes}`]);
});

test.each([
  ["removed", (Key: string) => new DeleteObjectCommand({ Bucket: bucket, Key })],
  ["cut", (Key: string) => new PutObjectCommand({ Bucket: bucket, Key, Body: "short" })],
  ["overwritten", (Key: string) => new PutObjectCommand({ Bucket: bucket, Key, Body: "x".repeat(1_000) })],
])("an open object that was %s stops the unit, instead of an export that lacks items", async (_, command) => {
  const crashes = new Crashes([3]);
  const restart = crashes.restart.bind(crashes);
  crashes.restart = () => {
    restart();
    spoiled = tools.s3.send(command(new ExportKeys({}, "job-1").data(0, 0)) as PutObjectCommand);
  };
  let spoiled: Promise<unknown> | undefined;
  const after = {
    ...tools,
    s3: {
      send: async (given: PutObjectCommand) => {
        await spoiled;
        return tools.s3.send(given);
      },
    } as never,
  };
  expect(await code(runUnit(plan({ crashes }), after))).toBe("EXPORT_OBJECT_CHANGED");
});

describe("after crashes", () => {
  /** Items that make objects roll over after few pages, and items that do not. */
  const bulky = fc.array(fc.constantFrom(10, 10, 10, 900_000), { maxLength: 14 });
  const unitItems = bulky.map((sizes) =>
    sizes.map((size, i) => ({ id: { N: `${i}` }, text: { S: "x".repeat(size) } })),
  );

  test("at any moments, with other pages and other items when a page is repeated, each item that counts is there once", async () => {
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(unitItems, { minLength: 1, maxLength: 2 }),
        fc.array(fc.nat({ max: 12 }), { maxLength: 8 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 6 })),
        fc.infiniteStream(fc.nat({ max: 3 })),
        async (units, steps, sizes, deleted) => {
          runs += 1;
          const job = exportJob(`job-${runs}`, { exportPrefix: "chaos" }, units.length);
          const entries = new MemoryEntries();
          const own = { ...tools, entries };
          const crashes = new Crashes(steps);
          const pageSize = () => sizes.next().value;
          const has = () => deleted.next().value !== 0;
          const done: UnitRun[] = [];
          for (const [unit, items] of units.entries()) {
            done.push(await runUnit({ job, unit, items, pageSize, has, crashes }, own));
          }
          const result = await finish(job, done, own);
          const expected = done.flatMap(({ expected }) => expected);
          expect(await collect(readExport(tools.s3, bucket, result.manifest))).toEqual(expected);
          // Whoever reads all that lies under data/ gets the same.
          const data = (await stored()).filter((key) => key.includes(`/${job.id}/data/`));
          expect(data).toHaveLength(result.objects);
        },
      ),
      { numRuns: 60 },
    );
  }, 120_000);

  test("an object whose page is repeated without items is gone, and its entry does not count", async () => {
    let attempt = 0;
    const has = () => attempt === 1;
    const pageSize = () => {
      attempt += 1;
      return 10;
    };
    // The one page: put and noted, then the crash before its checkpoint.
    const { result } = await runUnit(plan({ has, pageSize, crashes: new Crashes([4]) }), tools);
    expect(result).toEqual({ objects: 0, items: 0, bytes: 0 });
    expect(await collect(tools.entries.list())).toHaveLength(1);
    expect(await finish(exportJob("job-1"), [{ result }])).toMatchObject({ items: 0, objects: 0 });
    expect((await stored()).filter((key) => key.includes("/data/"))).toEqual([]);
  });
});

describe("manifests", () => {
  test("have the fields, names and checksums of DynamoDB's own", async () => {
    const job = {
      ...exportJob("job-1", { exportPrefix: "p" }),
      tableArn: "arn:aws:dynamodb:eu-central-1:123456789012:table/orders",
      tableId: "0a1b",
    };
    const run = await runUnit(plan({ job }), tools);
    await finish(job, [run]);
    const root = "p/AWSDynamoDB/job-1/";
    expect(JSON.parse((await body(`${root}manifest-summary.json`)).toString())).toEqual({
      version: "2020-06-30",
      exportArn: "arn:aws:dynamodb:eu-central-1:123456789012:table/orders/export/job-1",
      startTime: new Date(CREATED).toISOString(),
      endTime: new Date(CREATED + 60_000).toISOString(),
      tableArn: "arn:aws:dynamodb:eu-central-1:123456789012:table/orders",
      tableId: "0a1b",
      exportTime: new Date(CREATED).toISOString(),
      s3Bucket: bucket,
      s3Prefix: "p",
      s3SseAlgorithm: "AES256",
      s3SseKmsKeyId: null,
      manifestFilesS3Key: `${root}manifest-files.json`,
      billedSizeBytes: 0,
      itemCount: 10,
      outputFormat: "DYNAMODB_JSON",
    });
    const lines = (await body(`${root}manifest-files.json`)).toString().trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        itemCount: 10,
        md5Checksum: expect.stringMatching(/^[A-Za-z0-9+/]{22}==$/),
        etag: expect.stringMatching(/^[0-9a-f]{32}$/),
        dataFileS3Key: `${root}data/0000000-0000000.json.gz`,
      },
    ]);
    expect((await body(`${root}manifest-summary.md5`)).toString()).toMatch(/^[A-Za-z0-9+/]{22}==$/);
  });

  test("written again, also after a crash in the middle, they have the same bytes", async () => {
    const run = await runUnit(plan({ items: items(200), pageSize: () => 1 }), tools);
    const job = exportJob("job-1");
    const manifests = async () => {
      const names = (await stored()).filter((key) => key.includes("manifest"));
      return Promise.all(names.map(async (key) => [key, (await body(key)).toString()]));
    };
    await finish(job, [run]);
    const first = await manifests();
    expect(first).toHaveLength(4);
    for (let moment = 0; moment < 8; moment += 1) {
      await expect(finish(job, [run], new Crashes([moment]).tools(tools))).rejects.toThrow();
    }
    await finish(job, [run]);
    expect(await manifests()).toEqual(first);
  });

  test("the summary comes last: who finds it finds everything", async () => {
    const put: string[] = [];
    const send = (command: PutObjectCommand) => {
      put.push(command.input.Key!.split("/").at(-1)!);
      return tools.s3.send(command);
    };
    const run = await runUnit(plan(), tools);
    await finish(exportJob("job-1"), [run], { ...tools, s3: { send } as never });
    expect(put).toEqual(["manifest-files.json", "manifest-files.md5", "manifest-summary.md5", "manifest-summary.json"]);
  });

  test("an entry that is missing ends in an error, not in an export that looks whole", async () => {
    const run = await runUnit(plan({ items: items(130), pageSize: () => 1 }), tools);
    const all = await collect(tools.entries.list());
    const list = async function* () {
      yield* all.filter(({ number }) => number !== 1);
    };
    const lossy = { ...tools, entries: { ...tools.entries, list } };
    expect(await code(finish(exportJob("job-1"), [run], lossy as Tools))).toBe("EXPORT_INCOMPLETE");
    expect((await stored()).filter((key) => key.endsWith("summary.json"))).toEqual([]);
  });

  test("a list of files of more than 8 MiB is uploaded in parts", async () => {
    const objects = 60_000;
    const entry = { items: 1, bytes: 100, md5: "a".repeat(24), etag: "b".repeat(32) };
    const list = async function* () {
      for (let number = 0; number < objects; number += 1) yield { unit: 0, number, value: entry };
    };
    const parts: number[] = [];
    const send = (command: { input: { PartNumber?: number; Body?: Buffer } }) => {
      if (command.input.PartNumber !== undefined) parts.push(command.input.Body!.length);
      return tools.s3.send(command as PutObjectCommand);
    };
    const given = { ...tools, s3: { send } as never, entries: { ...tools.entries, list } } as Tools;
    const result = { objects, items: objects, bytes: objects * 100 };
    const { manifest } = await finish(exportJob("job-1"), [{ result }], given);
    expect(parts.length).toBeGreaterThan(1);
    expect(Math.max(...parts)).toBeLessThan(9 * 1024 * 1024);

    const files = await readFiles(tools.s3, bucket, await readSummary(tools.s3, bucket, manifest));
    expect(files).toHaveLength(objects);
    expect(files.at(-1)?.dataFileS3Key).toBe("AWSDynamoDB/job-1/data/0000000-0059999.json.gz");
  });
});

describe("the reader", () => {
  const root = "AWSDynamoDB/job-1/";
  const manifest = `${root}manifest-summary.json`;
  const put = (Key: string, Body: Buffer | string) =>
    tools.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));

  async function exported(params: Record<string, unknown> = {}): Promise<void> {
    const job = exportJob("job-1", params);
    await finish(job, [await runUnit(plan({ job }), tools)]);
  }

  test("gives the lines of plain JSON, and refuses to make items of them", async () => {
    await exported({ format: "json" });
    const lines = await collect(readExportLines(tools.s3, bucket, manifest));
    expect(lines.map((line) => JSON.parse(line).id)).toEqual(items(10).map(({ id }) => id!.S));
    expect(await code(collect(readExport(tools.s3, bucket, manifest)))).toBe("EXPORT_FORMAT");
  });

  test.each([
    ["a changed summary", "manifest-summary.json", (text: Buffer) => text.toString().replace("10", "11")],
    ["a changed list of files", "manifest-files.json", (text: Buffer) => text.toString().replace("10", "11")],
    ["a wrong checksum", "manifest-files.md5", () => "AAAAAAAAAAAAAAAAAAAAAA=="],
    ["data cut short", "data/0000000-0000000.json.gz", (data: Buffer) => data.subarray(0, -9)],
    [
      "data with other bytes",
      "data/0000000-0000000.json.gz",
      (data: Buffer) => Buffer.concat([data, Buffer.from("x")]),
    ],
  ])("tells of %s", async (_, name, change) => {
    await exported();
    await put(root + name, change(await body(root + name)));
    expect(await code(collect(readExport(tools.s3, bucket, manifest)))).toBe("EXPORT_DAMAGED");
  });

  test("takes the checksum files as AWS documents them too", async () => {
    await exported();
    for (const name of ["manifest-summary", "manifest-files"]) {
      await put(`${root}${name}.checksum`, await body(`${root}${name}.md5`));
      await tools.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: `${root}${name}.md5` }));
    }
    expect(await collect(readExport(tools.s3, bucket, manifest))).toHaveLength(10);
  });
});
