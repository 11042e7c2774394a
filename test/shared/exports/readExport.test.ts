import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { readExport, readExportLines } from "../../../shared/exports/readExport";
import type { Tools } from "../../../shared/operations/operation";
import {
  beforeEachWithTools,
  body,
  code,
  collect,
  exportJob,
  finish,
  items,
  plan,
  runUnit,
} from "../operations/export/exportGround";

let tools: Tools;
beforeEachWithTools((given) => {
  tools = given;
});

const root = "AWSDynamoDB/job-1/";
const manifest = `${root}manifest-summary.json`;
const put = (Key: string, Body: Buffer | string) =>
  tools.s3.send(new PutObjectCommand({ Bucket: tools.bucket, Key, Body }));

async function exported(params: Record<string, unknown> = {}): Promise<void> {
  const job = exportJob("job-1", params);
  await finish(job, [await runUnit(plan({ job }), tools)], tools);
}

test("gives the lines of plain JSON, and refuses to make items of them", async () => {
  await exported({ format: "json" });
  const lines = await collect(readExportLines(tools.s3, tools.bucket, manifest));
  expect(lines.map((line) => JSON.parse(line).id)).toEqual(items(10).map(({ id }) => id!.S));
  expect(await code(collect(readExport(tools.s3, tools.bucket, manifest)))).toBe("EXPORT_FORMAT");
});

test.each([
  ["a changed summary", "manifest-summary.json", (text: Buffer) => text.toString().replace("10", "11")],
  ["a changed list of files", "manifest-files.json", (text: Buffer) => text.toString().replace("10", "11")],
  ["a wrong checksum", "manifest-files.md5", () => "AAAAAAAAAAAAAAAAAAAAAA=="],
  ["data cut short", "data/0000000-0000000.json.gz", (data: Buffer) => data.subarray(0, -9)],
  ["data with other bytes", "data/0000000-0000000.json.gz", (data: Buffer) => Buffer.concat([data, Buffer.from("x")])],
])("tells of %s", async (_, name, change) => {
  await exported();
  await put(root + name, change(await body(tools, root + name)));
  expect(await code(collect(readExport(tools.s3, tools.bucket, manifest)))).toBe("EXPORT_DAMAGED");
});

test("also accepts checksum files with the name that AWS documents", async () => {
  await exported();
  for (const name of ["manifest-summary", "manifest-files"]) {
    await put(`${root}${name}.checksum`, await body(tools, `${root}${name}.md5`));
    await tools.s3.send(new DeleteObjectCommand({ Bucket: tools.bucket, Key: `${root}${name}.md5` }));
  }
  expect(await collect(readExport(tools.s3, tools.bucket, manifest))).toHaveLength(10);
});
