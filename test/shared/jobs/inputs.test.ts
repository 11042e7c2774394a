import { inputPrefixes } from "../../../shared/jobs/inputs";
import type { Job } from "../../../shared/jobs/job";

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
  ["nothing that is known any more", undefined, []],
])("a job over %s", (_, source, prefixes) => {
  expect(inputPrefixes({ id: "a", source: source as Job["source"] }, "results")).toEqual(prefixes);
});
