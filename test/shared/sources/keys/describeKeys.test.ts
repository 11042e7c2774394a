import { gzipSync } from "node:zlib";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { Tools } from "../../../../shared/operations/operation";
import { columnProblems, describeKeys, type KeyListFacts } from "../../../../shared/sources/keys/describeKeys";
import { beforeEachWithTools } from "../../operations/export/exportGround";

let tools: Tools;
beforeEachWithTools((given) => {
  tools = given;
});
const put = (Key: string, content: Buffer | string) =>
  tools.s3.send(new PutObjectCommand({ Bucket: tools.bucket, Key, Body: Buffer.from(content) }));
const described = (key: string) => describeKeys(tools.s3, `s3://${tools.bucket}/${key}`);

test("a list of JSON Lines", async () => {
  await put("a/b.jsonl", '{"id":1}\n');
  expect(await described("a/b.jsonl")).toEqual({
    ...{ bucket: tools.bucket, bytes: 9 },
    list: {
      ...{ form: "object", key: "a/b.jsonl", etag: expect.stringMatching(/^[0-9a-f]{32}$/), bytes: 9, gzip: false },
      from: { line: 0, byte: 0 },
    },
  });
});

test.each<[string, Buffer | string]>([
  ["a.csv", 'id,"day, or so"\r\n1,2\r\n'],
  ["a.csv.gz", gzipSync('id,"day, or so"\r\n1,2\r\n')],
])("%s has the column names of its first line, and begins behind that line", async (key, content) => {
  await put(key, content);
  const facts = (await described(key)) as KeyListFacts;
  expect(facts.list).toMatchObject({ columns: ["id", "day, or so"], from: { line: 1, byte: 17 } });
  expect(columnProblems(facts, [{ name: "id", type: "S" }])).toEqual([]);
  expect(
    columnProblems(facts, [
      { name: "id", type: "S" },
      { name: "day", type: "S" },
    ]),
  ).toEqual(["The list must have a column day, got id, day, or so."]);
});

test.each<[string, string | Buffer]>([
  ["a.csv", ""],
  ["a.csv", 'a,"b'],
  ["a.csv", "a,b,a"],
])("%s with the content %j has no header", async (key, content) => {
  await put(key, content);
  expect(await described(key)).toEqual({ problem: expect.stringMatching(/must be CSV that names each column once/) });
});

test("a CSV that should be gzip but isn't is a problem", async () => {
  await put("a.csv.gz", "a,b");
  expect(await described("a.csv.gz")).toEqual({ problem: expect.stringMatching(/must be a whole gzip file/) });
});

test("a missing list is a problem", async () => {
  const where = `s3://${tools.bucket}/a.jsonl`;
  expect(await described("a.jsonl")).toEqual({ problem: `There is no object ${where}.` });
  expect(await described("a/")).toEqual({ problem: expect.stringMatching(/^There are no objects of JSON Lines/) });
  expect(await describeKeys(tools.s3, "s3://not-there/a/")).toEqual({ problem: "There is no bucket not-there." });
});

test.each(["s3://bucket/a.txt", "s3://bucket", "s3://b/a.jsonl", "bucket/a.jsonl", "s3://bucket/a.ion"])(
  "%s is no list",
  async (location) => {
    expect(await describeKeys(tools.s3, location)).toEqual({ problem: expect.stringContaining(`got ${location}.`) });
  },
);

test("the manifest of a list of failures", async () => {
  const objects = ["f/0/0.jsonl.gz", "f/1/0.jsonl.gz"];
  for (const key of [...objects, "f/0/1.jsonl.gz"]) await put(key, gzipSync("{}\n"));
  await put("f/manifest.json", JSON.stringify({ job: "a", total: 7, codes: { X: 7 }, objects }));
  const facts = await described("f/manifest.json");
  expect(facts).toMatchObject({
    keys: 7,
    list: { form: "folder", prefix: "f/", objects: 2, manifest: "f/manifest.json" },
  });
});

test.each<[string, string, RegExp]>([
  ["of something else", "{}", /must be that of a list of failures\.$/],
  ["that is no JSON", "x", /must be that of a list of failures\.$/],
  ["without failures", '{"total":0,"objects":[]}', /is empty\.$/],
  [
    "whose objects are gone",
    '{"total":1,"objects":["gone/0.jsonl.gz"]}',
    /^1 of the objects that .* no longer exist\.$/,
  ],
])("a manifest %s is a problem", async (_, text, problem) => {
  await put("m/manifest.json", text);
  expect(await described("m/manifest.json")).toEqual({ problem: expect.stringMatching(problem) });
});
