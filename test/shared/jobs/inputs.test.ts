import { inputPrefixes } from "../../../shared/jobs/inputs";
import type { Job } from "../../../shared/jobs/job";
import { NUMBERS_PREFIX, numbersKey, numbersPrefix } from "../../../shared/jobs/numbersList";

const keys = (list: object, bucket = "results") =>
  ({ kind: "keys", table: "t", bucket, list }) as unknown as Job["source"];
const exported = (manifest: string) =>
  ({ kind: "export", table: "t", bucket: "results", manifest }) as unknown as Job["source"];

test.each<[string, Job["source"] | undefined, string[]]>([
  ["a table", { kind: "table", table: "t", consistentRead: false }, []],
  ["a list that was uploaded for it", keys({ form: "object", key: "lists/a/old.csv" }), ["lists/a/"]],
  [
    "the manifest of another job's failures",
    keys({ form: "folder", prefix: "update/b/failures/", manifest: "lists/a/manifest.json" }),
    ["lists/a/"],
  ],
  ["a list that was uploaded for another job", keys({ form: "object", key: "lists/ab/old.csv" }), []],
  ["a list elsewhere", keys({ form: "object", key: "lists/a/old.csv" }, "other"), []],
  ["another job's failures", keys({ form: "folder", prefix: "update/b/failures/" }), []],
  ["an export that was made for it", exported("exports/a/AWSDynamoDB/1/manifest-summary.json"), ["exports/a/"]],
  ["any other export", exported("AWSDynamoDB/1/manifest-summary.json"), []],
  ["a source that is no longer known", undefined, []],
])("a job over %s", (_, source, prefixes) => {
  expect(inputPrefixes({ id: "a", source: source as Job["source"] }, "results")).toEqual(prefixes);
});

test("the lists of numbers of a workflow job, with any source, and of no other job", () => {
  const source = { kind: "table", table: "t", consistentRead: false } as const;
  expect(inputPrefixes({ id: "a", source, driver: "workflow" }, "results")).toEqual(["numbers/a/"]);
  const uploaded = keys({ form: "object", key: "lists/a/old.csv" });
  expect(inputPrefixes({ id: "a", source: uploaded, driver: "workflow" }, "results")).toEqual([
    "lists/a/",
    "numbers/a/",
  ]);
});

test("each epoch has a separate list below the job's prefix, and no other job has this prefix", () => {
  expect(numbersKey({ job: "a", epoch: 3 })).toBe("numbers/a/3.json");
  expect(numbersKey({ job: "a", epoch: 3 }).startsWith(numbersPrefix("a"))).toBe(true);
  expect(numbersKey({ job: "ab", epoch: 3 }).startsWith(numbersPrefix("a"))).toBe(false);
  expect(numbersPrefix("a").startsWith(NUMBERS_PREFIX)).toBe(true);
});
