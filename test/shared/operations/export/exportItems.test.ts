import { crc32, gunzipSync } from "node:zlib";
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { readExport } from "../../../../shared/exports/readExport";
import { ExportKeys } from "../../../../shared/operations/export/keys";
import type { Tools } from "../../../../shared/operations/operation";
import { objectBytes } from "../../../../shared/results/openObject";
import {
  beforeEachWithTools,
  Crashes,
  code,
  collect,
  exportJob,
  finish,
  items,
  noisy,
  plan,
  runUnit,
  stored,
} from "./exportGround";

let tools: Tools;
beforeEachWithTools((given) => {
  tools = given;
});
afterEach(() => jest.restoreAllMocks());

test("an export has every item once, and nothing but its data lies beside it", async () => {
  const { job } = plan({ job: exportJob("job-1", { exportPrefix: "nightly/2026" }) });
  const runs = [
    await runUnit(plan({ job }), tools),
    await runUnit(plan({ job, unit: 1, items: [] }), tools),
    await runUnit(plan({ job, unit: 2, items: items(4, 300) }), tools),
  ];
  const result = await finish(job, runs, tools);
  const root = "nightly/2026/AWSDynamoDB/job-1/";
  expect(result).toEqual({
    items: 14,
    objects: 2,
    bytes: expect.any(Number),
    bucket: tools.bucket,
    manifest: `${root}manifest-summary.json`,
  });
  expect(await collect(readExport(tools.s3, tools.bucket, result.manifest))).toEqual([...items(10), ...items(4, 300)]);
  expect(await stored(tools)).toEqual([
    `${root}data/0000000-0000000.json.gz`,
    `${root}data/0000002-0000000.json.gz`,
    `${root}manifest-files.json`,
    `${root}manifest-files.md5`,
    `${root}manifest-summary.json`,
    `${root}manifest-summary.md5`,
  ]);
});

/** The keys that are put, without their common prefix, and their bytes. */
function watched() {
  const puts: { key: string; body: Buffer }[] = [];
  const gets: string[] = [];
  const send = (command: PutObjectCommand | GetObjectCommand) => {
    const key = command.input.Key!.replace("AWSDynamoDB/job-1/", "");
    if (command instanceof PutObjectCommand) puts.push({ key, body: command.input.Body as Buffer });
    if (command instanceof GetObjectCommand) gets.push(`${key} ${command.input.Range}`);
    return tools.s3.send(command as PutObjectCommand);
  };
  return { puts, gets, tools: { ...tools, s3: { send } as never } as Tools };
}

const DATA = "data/0000000-0000000.json.gz";
const PIECE = (number: number) => `open/0000000-0000000-000000${number}`;

test("a checkpoint costs one put, however many pages it has, and an object is put once", async () => {
  const { puts, tools: watching } = watched();
  await runUnit(plan({ items: items(300), pageSize: () => 1, pagesEach: () => 30 }), watching);
  // There are ten checkpoints, and the last one has the whole object.
  expect(puts.map(({ key }) => key)).toEqual([...Array.from({ length: 9 }, () => PIECE(0)), DATA]);
  expect(gunzipSync(puts.at(-1)!.body).toString().trim().split("\n")).toHaveLength(300);
  expect(await stored(tools)).toEqual([`AWSDynamoDB/job-1/${DATA}`]);
});

test("a piece is put again until it is full, and then the next one begins", async () => {
  jest.replaceProperty(objectBytes, "piece", 600);
  const { puts, tools: watching } = watched();
  const { results } = await runUnit(plan({ items: noisy(12, 300), pageSize: () => 2 }), watching);
  expect(puts.map(({ key }) => key)).toEqual([PIECE(0), PIECE(0), PIECE(1), PIECE(1), PIECE(2), DATA]);
  const pieces = [puts[1]!, puts[3]!, puts[4]!].map(({ body }) => body);
  const file = puts.at(-1)!.body;
  expect(file.subarray(10).indexOf(Buffer.concat(pieces))).toBe(0);
  expect(results[4]!.open!.pieces).toEqual(pieces.map((body) => ({ bytes: body.length, crc32: crc32(body) })));
});

test("an object is complete with 64 MB of lines", async () => {
  const { results } = await runUnit(plan({ items: items(3, 40_000_000), pageSize: () => 1 }), tools);
  expect(results.map(({ objects }) => objects)).toEqual([0, 1, 2]);
});

test("an object is complete with 16 MB of deflated lines, so that a worker's memory is bounded", async () => {
  const { puts, tools: watching } = watched();
  const { results } = await runUnit(plan({ items: noisy(5, 11_500_000), pageSize: () => 1 }), watching);
  expect(results.map(({ objects }) => objects)).toEqual([0, 1, 1, 2, 3]);
  expect(Math.max(...puts.map(({ body }) => body.length))).toBeLessThan(18 * 1024 * 1024);
});

test("the result with its open object stays small however long the unit is", async () => {
  const { results } = await runUnit(plan({ items: noisy(11, 2_900_000), pageSize: () => 1 }), tools);
  expect(results[6]!.open!.pieces).toHaveLength(4);
  expect(Math.max(...results.map((result) => JSON.stringify(result).length))).toBeLessThan(400);
});

test("pages without items write nothing", async () => {
  let has = 0;
  const { result } = await runUnit(plan({ has: () => ++has > 9 }), tools);
  expect(result).toMatchObject({ objects: 1, items: 1 });
  const empty = await runUnit(plan({ job: exportJob("job-2"), has: () => false }), tools);
  expect(empty.result).toEqual({ objects: 0, items: 0, bytes: 0 });
  expect((await stored(tools)).filter((key) => key.includes("job-2"))).toEqual([]);
});

test("a worker that takes up a unit reads the growing piece as far as the checkpoint goes, and full pieces at the end", async () => {
  jest.replaceProperty(objectBytes, "piece", 600);
  const { gets, tools: watching } = watched();
  // The crash comes after the put of the fourth page, so its bytes are behind those of the third.
  const crashes = new Crashes([3 * 3 + 2]);
  const { results } = await runUnit(plan({ items: noisy(10, 300), pageSize: () => 2, crashes }), watching);
  const [first, second] = results[2]!.open!.pieces;
  expect(gets).toEqual([`${PIECE(1)} bytes=0-${second!.bytes - 1}`, `${PIECE(0)} bytes=0-${first!.bytes - 1}`]);
});

test("pieces that were removed before the crash are read from the object", async () => {
  const { gets, tools: watching } = watched();
  // There are three checkpoints. Then the object is put and noted, and its piece is removed.
  const crashes = new Crashes([3 * 3 + 6]);
  const { results } = await runUnit(plan({ crashes }), watching);
  const { bytes } = results[2]!.open!;
  expect(gets).toEqual([`${PIECE(0)} bytes=0-${bytes - 1}`, `${DATA} bytes=10-${9 + bytes}`]);
});

test.each([
  ["removed", (Key: string) => new DeleteObjectCommand({ Bucket: tools.bucket, Key })],
  ["cut", (Key: string) => new PutObjectCommand({ Bucket: tools.bucket, Key, Body: "short" })],
  ["overwritten", (Key: string) => new PutObjectCommand({ Bucket: tools.bucket, Key, Body: "x".repeat(1_000) })],
])("a piece that was %s stops the unit, instead of an export that lacks items", async (_, command) => {
  const crashes = new Crashes([3]);
  const restart = crashes.restart.bind(crashes);
  crashes.restart = () => {
    restart();
    spoiled = tools.s3.send(command(new ExportKeys({}, "job-1").piece(0, 0, 0)) as PutObjectCommand);
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
