import type { PutObjectCommand } from "@aws-sdk/client-s3";
import { readFiles, readSummary } from "../../../../shared/exports/readExport";
import type { Tools } from "../../../../shared/operations/operation";
import { objectBytes } from "../../../../shared/results/openObject";
import {
  beforeEachWithTools,
  body,
  CREATED,
  Crashes,
  code,
  collect,
  exportJob,
  finish,
  items,
  plan,
  runUnit,
  stored,
} from "./exportGround";

let tools: Tools;
beforeEachWithTools((given) => {
  tools = given;
});
afterEach(() => jest.restoreAllMocks());

test("have the fields, names and checksums of DynamoDB's own manifests", async () => {
  const job = {
    ...exportJob("job-1", { exportPrefix: "p" }),
    table: { name: "orders", arn: "arn:aws:dynamodb:eu-central-1:123456789012:table/orders", id: "0a1b" },
  };
  const run = await runUnit(plan({ job }), tools);
  await finish(job, [run], tools);
  const root = "p/AWSDynamoDB/job-1/";
  expect(JSON.parse((await body(tools, `${root}manifest-summary.json`)).toString())).toEqual({
    version: "2020-06-30",
    exportArn: "arn:aws:dynamodb:eu-central-1:123456789012:table/orders/export/job-1",
    startTime: new Date(CREATED).toISOString(),
    endTime: new Date(CREATED + 60_000).toISOString(),
    tableArn: "arn:aws:dynamodb:eu-central-1:123456789012:table/orders",
    tableId: "0a1b",
    exportTime: new Date(CREATED).toISOString(),
    s3Bucket: tools.bucket,
    s3Prefix: "p",
    s3SseAlgorithm: "AES256",
    s3SseKmsKeyId: null,
    manifestFilesS3Key: `${root}manifest-files.json`,
    billedSizeBytes: 0,
    itemCount: 10,
    outputFormat: "DYNAMODB_JSON",
  });
  const lines = (await body(tools, `${root}manifest-files.json`)).toString().trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      itemCount: 10,
      md5Checksum: expect.stringMatching(/^[A-Za-z0-9+/]{22}==$/),
      etag: expect.stringMatching(/^[0-9a-f]{32}$/),
      dataFileS3Key: `${root}data/0000000-0000000.json.gz`,
    },
  ]);
  expect((await body(tools, `${root}manifest-summary.md5`)).toString()).toMatch(/^[A-Za-z0-9+/]{22}==$/);
});

test("an export of a part of the table shows that in a field that AWS's exports do not have", async () => {
  const scope = { index: "by-day", filter: "amount > :a", projection: "id" };
  const job = { ...exportJob("job-1"), scope };
  await finish(job, [await runUnit(plan({ job }), tools)], tools);
  const summary = JSON.parse((await body(tools, "AWSDynamoDB/job-1/manifest-summary.json")).toString());
  expect(summary).toMatchObject({ scope, tableArn: "arn:aws:dynamodb:::table/orders", tableId: "" });
});

test("written again, even after a crash in the middle, they have the same bytes", async () => {
  jest.replaceProperty(objectBytes, "enough", 4_000);
  const run = await runUnit(plan({ items: items(200), pageSize: () => 1 }), tools);
  const job = exportJob("job-1");
  const manifests = async () => {
    const names = (await stored(tools)).filter((key) => key.includes("manifest"));
    return Promise.all(names.map(async (key) => [key, (await body(tools, key)).toString()]));
  };
  await finish(job, [run], tools);
  const first = await manifests();
  expect(first).toHaveLength(4);
  for (let moment = 0; moment < 8; moment += 1) {
    await expect(finish(job, [run], new Crashes([moment]).tools(tools))).rejects.toThrow();
  }
  await finish(job, [run], tools);
  expect(await manifests()).toEqual(first);
});

test("the summary is put last, so a reader that finds it finds everything", async () => {
  const put: string[] = [];
  const send = (command: PutObjectCommand) => {
    put.push(command.input.Key!.split("/").at(-1)!);
    return tools.s3.send(command);
  };
  const run = await runUnit(plan(), tools);
  await finish(exportJob("job-1"), [run], { ...tools, s3: { send } as never });
  expect(put).toEqual(["manifest-files.json", "manifest-files.md5", "manifest-summary.md5", "manifest-summary.json"]);
});

test("a missing entry leads to an error, not to an export that looks complete", async () => {
  jest.replaceProperty(objectBytes, "enough", 2_000);
  const run = await runUnit(plan({ items: items(130), pageSize: () => 1 }), tools);
  expect(run.result!.objects).toBeGreaterThan(2);
  const all = await collect(tools.entries.list());
  const list = async function* () {
    yield* all.filter(({ number }) => number !== 1);
  };
  const lossy = { ...tools, entries: { ...tools.entries, list } };
  expect(await code(finish(exportJob("job-1"), [run], lossy as Tools))).toBe("EXPORT_INCOMPLETE");
  expect((await stored(tools)).filter((key) => key.endsWith("summary.json"))).toEqual([]);
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

  const files = await readFiles(tools.s3, tools.bucket, await readSummary(tools.s3, tools.bucket, manifest));
  expect(files).toHaveLength(objects);
  expect(files.at(-1)?.dataFileS3Key).toBe("AWSDynamoDB/job-1/data/0000000-0059999.json.gz");
});
