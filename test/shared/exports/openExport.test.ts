import { createHash } from "node:crypto";
import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { describeExport, exportPlace } from "../../../shared/exports/openExport";
import type { Tools } from "../../../shared/operations/operation";
import { type MadeExport, putExport } from "../../support/exportInS3";
import { beforeEachWithTools, exportJob, finish, plan, runUnit } from "../operations/export/exportGround";

let tools: Tools;
beforeEachWithTools((given) => {
  tools = given;
});

const made = (more: Partial<MadeExport> = {}) =>
  putExport(tools.s3, { bucket: tools.bucket, id: "01", files: [["{}", "{}"], [], ["{}"]], ...more });
const describe_ = async (location: string | Promise<string>) => describeExport(tools.s3, await location);

test.each([
  ["s3://exports/AWSDynamoDB/01-ab", "AWSDynamoDB/01-ab/manifest-summary.json"],
  ["s3://exports/AWSDynamoDB/01-ab/", "AWSDynamoDB/01-ab/manifest-summary.json"],
  ["s3://exports/a/b c/AWSDynamoDB/01-ab/manifest-summary.json", "a/b c/AWSDynamoDB/01-ab/manifest-summary.json"],
])("%s is a place", (location, manifest) => {
  expect(exportPlace(location)).toEqual({ bucket: "exports", manifest });
});

test.each([
  ["exports/AWSDynamoDB/01"],
  ["s3://exports/AWSDynamoDB/"],
  ["s3://exports/01"],
  ["s3://exports/AWSDynamoDB/01/data/x.json.gz"],
  ["s3://E/AWSDynamoDB/01"],
  ["https://exports/AWSDynamoDB/01"],
])("%s is none", async (location) => {
  expect(exportPlace(location)).toBeUndefined();
  expect(await describe_(location)).toEqual({ problem: expect.stringContaining(location) });
});

test("a full export's facts", async () => {
  const root = "backups/AWSDynamoDB/01";
  expect(await describe_(made())).toEqual({
    ...{ bucket: tools.bucket, manifest: `${root}/manifest-summary.json`, list: `${root}/manifest-files.json` },
    listEtag: expect.stringMatching(/^[0-9a-f]{32}$/),
    ...{ copied: false, type: "full", files: 3, items: 3, billedBytes: 1234 },
    table: { arn: "arn:aws:dynamodb:eu-central-1:123456789012:table/orders", name: "orders", id: "0a1b" },
    ...{ exportTime: Date.UTC(2026, 0, 2, 3), scope: {} },
  });
});

test("an incremental export's type and time", async () => {
  const summary = {
    ...{ version: "2023-08-01", exportType: "INCREMENTAL_EXPORT", exportTime: undefined as never },
    ...{ exportFromTime: "2026-01-02T03:00:00.000Z", exportToTime: "2026-01-02T04:00:00.000Z" },
  };
  expect(await describe_(made({ summary }))).toMatchObject({
    type: "incremental",
    exportTime: Date.UTC(2026, 0, 2, 4),
  });
});

test("an export that was copied from another bucket", async () => {
  expect(await describe_(made({ summary: { s3Bucket: "another" } }))).toMatchObject({ copied: true });
});

test("Sluice's own, with its scope", async () => {
  const job = { ...exportJob("job-1"), scope: { filter: "a > b" } };
  await finish(job, [await runUnit(plan({ job }), tools)], tools);
  expect(await describe_(`s3://${tools.bucket}/AWSDynamoDB/job-1`)).toMatchObject({
    ...{ type: "full", files: 1, items: 10, copied: false, scope: { filter: "a > b" } },
    table: { name: "orders", id: "" },
  });
});

test.each<[string, () => Promise<unknown>, RegExp]>([
  ["another format", () => made({ summary: { outputFormat: "ION" } }), /must be in the format DYNAMODB_JSON, got ION/],
  ["plain JSON", () => made({ summary: { outputFormat: "JSON" } }), /plain JSON.*--format dynamodb-json/],
  ["a wrong sum", () => made({ summary: { itemCount: 4 } }), /damaged: the sum of itemCount .* must be 4, got 3/],
  [
    "no manifest",
    async () => made().then(() => remove("manifest-summary.json")),
    /isn't an export, or .* hasn't completed/,
  ],
  [
    "no checksum",
    async () => made().then(() => remove("manifest-summary.md5")),
    /isn't an export, or .* hasn't completed/,
  ],
  [
    "a changed list",
    async () => made().then(() => put("manifest-files.json", "{}")),
    /damaged: MD5 of .*manifest-files/,
  ],
  ["a line of the list that is nothing", () => listed("null\n"), /^The list of files .* each with a data file\.$/],
  [
    "a line of the list without a file",
    () => listed('{"itemCount":3}'),
    /^The list of files .* each with a data file\.$/,
  ],
  ["a list that is no JSON", () => listed("{"), /^The list of files .* must be JSON lines/],
])("%s is a problem", async (_, prepare, sentence) => {
  await prepare();
  expect(await describe_(`s3://${tools.bucket}/backups/AWSDynamoDB/01`)).toEqual({
    problem: expect.stringMatching(sentence),
  });
});

/** An export with another list, whose checksum fits. */
async function listed(text: string): Promise<void> {
  await made();
  await put("manifest-files.json", text);
  await put("manifest-files.md5", createHash("md5").update(text).digest("base64"));
}

const root = "backups/AWSDynamoDB/01/";
const remove = (name: string) => tools.s3.send(new DeleteObjectCommand({ Bucket: tools.bucket, Key: root + name }));
const put = (name: string, Body: string) =>
  tools.s3.send(new PutObjectCommand({ Bucket: tools.bucket, Key: root + name, Body }));

test("a bucket that is not there is a problem", async () => {
  expect(await describe_("s3://not-there/AWSDynamoDB/01")).toEqual({ problem: "There is no bucket not-there." });
});
