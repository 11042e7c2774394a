import { gunzipSync } from "node:zlib";
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { ExportKeys } from "../../../../shared/operations/export/params";
import { readExport } from "../../../../shared/operations/export/readExport";
import type { Tools } from "../../../../shared/operations/operation";
import {
  beforeEachWithTools,
  body,
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
            gunzipSync(await body(tools, key))
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
  expect((await stored(tools)).filter((key) => key.includes("job-2"))).toEqual([]);
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
  ["removed", (Key: string) => new DeleteObjectCommand({ Bucket: tools.bucket, Key })],
  ["cut", (Key: string) => new PutObjectCommand({ Bucket: tools.bucket, Key, Body: "short" })],
  ["overwritten", (Key: string) => new PutObjectCommand({ Bucket: tools.bucket, Key, Body: "x".repeat(1_000) })],
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
