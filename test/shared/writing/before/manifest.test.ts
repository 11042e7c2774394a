import type { S3Client } from "@aws-sdk/client-s3";
import { describeRecords } from "../../../../shared/sources/records/manifest";
import { BeforeJournal } from "../../../../shared/writing/before/journal";
import { listUnitObjects, objectsOfUnit, putBeforeManifest } from "../../../../shared/writing/before/manifest";
import { MemoryResults } from "./memoryResults";

const PREFIX = "update/j/";
const NO_MANIFEST = "s3://results/a/manifest.json must be a manifest of former values.";

test("the newest object of a unit comes first", () => {
  const objects = ["0000012/0000002.jsonl.gz", "0000012/0000001.jsonl.gz", "0000012/0000000.jsonl.gz"];
  expect(objectsOfUnit(12, 3)).toEqual({ unit: 12, objects });
});

test("a worker that takes up the unit goes on behind the existing objects", async () => {
  const { store, objects } = new MemoryResults();
  const first = await BeforeJournal.open(store, PREFIX, 3, 0);
  expect([await first.add([]), await first.add([])]).toEqual([0, 1]);
  const second = await BeforeJournal.open(store, PREFIX, 3, 1);
  expect(second.objects).toBe(2);
  await second.add([]);
  expect([...objects.keys()]).toEqual([0, 1, 2].map((n) => `update/j/before/0000003/000000${n}.jsonl.gz`));
  expect(await listUnitObjects(store, PREFIX)).toEqual([objectsOfUnit(3, 3)]);
});

test("the source reads the records that were put", async () => {
  const results = new MemoryResults();
  const units = [objectsOfUnit(0, 1), objectsOfUnit(4, 2)];
  const key = await putBeforeManifest(results.store, PREFIX, { job: "j", table: "orders", reads: true, units });
  expect(key).toBe("update/j/before/manifest.json");
  const text = results.objects.get(key)!.toString();
  const s3 = { send: async () => ({ ETag: '"e"', Body: { transformToString: async () => text } }) };
  expect(await describeRecords(s3 as unknown as S3Client, `s3://results/${key}`)).toEqual({
    ...{ bucket: "results", manifest: key, etag: "e", table: "orders", reads: true, units: 2 },
  });
});

test.each([
  ["s3://results/update/j/before/", "{}", "Former values must be s3://BUCKET/…/before/manifest.json, got"],
  ["s3://results/a/manifest.json", "{}", NO_MANIFEST],
  ["s3://results/a/manifest.json", "no JSON", NO_MANIFEST],
  ["s3://results/a/manifest.json", '{ "job": "j", "table": "t", "reads": 1, "units": [] }', NO_MANIFEST],
  ["s3://results/a/manifest.json", '{ "job": "j", "table": "t", "reads": true, "units": {} }', NO_MANIFEST],
  [
    "s3://results/a/manifest.json",
    '{ "job": "j", "table": "t", "reads": true, "units": [{ "unit": "0", "objects": [] }] }',
    NO_MANIFEST,
  ],
  [
    "s3://results/a/manifest.json",
    '{ "job": "j", "table": "t", "reads": true, "units": [{ "unit": 0, "objects": [1] }] }',
    NO_MANIFEST,
  ],
])("%s with %s is refused", async (location, text, problem) => {
  const s3 = { send: async () => ({ ETag: '"e"', Body: { transformToString: async () => text } }) };
  expect(await describeRecords(s3 as unknown as S3Client, location)).toEqual({
    problem: expect.stringContaining(problem),
  });
});
