import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import {
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeExportCommand,
  DescribeTableCommand,
  DynamoDBClient,
  type ExportDescription,
  ExportTableToPointInTimeCommand,
  type ExportTableToPointInTimeCommandInput,
  ListExportsCommand,
  PutItemCommand,
  UpdateContinuousBackupsCommand,
} from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { SmallCloud, until } from "../smallCloud";

type Made = Record<string, string> & { name: string; arn: string };

let cloud: SmallCloud;
let client: DynamoDBClient;
let s3: S3Client;
let orders: Made;
let plain: Made;
let bucket: string;

beforeAll(async () => {
  cloud = await SmallCloud.start({ database: true });
  client = new DynamoDBClient(cloud.as());
  s3 = new S3Client({ ...cloud.as(), forcePathStyle: true });
  const keys = { hashKey: "pk", attributes: [{ name: "pk", type: "S" }], billingMode: "PAY_PER_REQUEST" };
  orders = await cloud.make("aws:dynamodb/table:Table", "orders", { ...keys, pointInTimeRecovery: { enabled: true } });
  plain = await cloud.make("aws:dynamodb/table:Table", "plain", { ...keys, pointInTimeRecovery: { enabled: false } });
  bucket = (await cloud.make("aws:s3/bucket:Bucket", "exports", {})).id;
  for (let i = 0; i < 40; i++) await client.send(new PutItemCommand({ TableName: orders.name, Item: item(i) }));
});
afterAll(async () => {
  client?.destroy();
  s3?.destroy();
  await cloud?.stop();
});

const item = (i: number) => ({ pk: { S: `order ${i}` }, bytes: { B: Uint8Array.from([i]) }, line: { S: "a\u2028b" } });
const start = (input: Partial<ExportTableToPointInTimeCommandInput>, as = client) =>
  as.send(new ExportTableToPointInTimeCommand({ TableArn: orders.arn, S3Bucket: bucket, ...input }));
const describeExport = async (ExportArn: string | undefined) =>
  (await client.send(new DescribeExportCommand({ ExportArn }))).ExportDescription as ExportDescription;
async function ended(ExportArn: string | undefined): Promise<ExportDescription> {
  await until(async () => (await describeExport(ExportArn)).ExportStatus !== "IN_PROGRESS");
  return describeExport(ExportArn);
}
async function object(Key: string | undefined): Promise<Buffer> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}
const md5 = (content: Buffer) => createHash("md5").update(content).digest("base64");
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: Error) => error,
  );

test("an export has AWS's layout and is found by its summary", async () => {
  const meter = cloud.parts.metering.start();
  const { ExportDescription: started } = await start({ S3Prefix: "daily" });
  expect(started).toMatchObject({ ExportStatus: "IN_PROGRESS", S3Bucket: bucket, S3Prefix: "daily" });
  const done = await ended(started?.ExportArn);
  const { Table } = await client.send(new DescribeTableCommand({ TableName: orders.name }));
  const id = started?.ExportArn?.split("/").at(-1);
  expect(id).toMatch(/^\d{14}-[0-9a-f]{8}$/);
  const root = `daily/AWSDynamoDB/${id}/`;
  expect(done).toMatchObject({
    ExportStatus: "COMPLETED",
    ExportManifest: `${root}manifest-summary.json`,
    ...{ TableArn: orders.arn, TableId: Table?.TableId, ExportFormat: "DYNAMODB_JSON", ExportType: "FULL_EXPORT" },
    ...{ ItemCount: 40, BilledSizeBytes: expect.any(Number), ExportTime: expect.any(Date), EndTime: expect.any(Date) },
  });
  expect(meter.stop().consumption).toEqual([]);

  const summaryText = await object(done.ExportManifest);
  const summary = JSON.parse(summaryText.toString());
  expect(summary).toEqual({
    ...{ version: "2020-06-30", exportArn: done.ExportArn, tableArn: orders.arn, tableId: Table?.TableId },
    ...{ startTime: done.StartTime?.toISOString(), endTime: done.EndTime?.toISOString() },
    ...{ exportTime: done.ExportTime?.toISOString(), s3Bucket: bucket, s3Prefix: "daily" },
    ...{ s3SseAlgorithm: "AES256", s3SseKmsKeyId: null, manifestFilesS3Key: `${root}manifest-files.json` },
    ...{ billedSizeBytes: done.BilledSizeBytes, itemCount: 40, outputFormat: "DYNAMODB_JSON" },
  });
  expect((await object(`${root}manifest-summary.md5`)).toString()).toBe(md5(summaryText));
  const filesText = await object(summary.manifestFilesS3Key);
  expect((await object(`${root}manifest-files.md5`)).toString()).toBe(md5(filesText));

  const files = filesText
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(files).toHaveLength(4);
  const lines: string[] = [];
  for (const { dataFileS3Key, itemCount, md5Checksum, etag } of files) {
    expect(dataFileS3Key).toMatch(new RegExp(`^${root}data/[0-9a-z]{26}\\.json\\.gz$`));
    const stored = await object(dataFileS3Key);
    const own = gunzipSync(stored).toString().split("\n").slice(0, -1);
    expect([own.length, md5(stored)]).toEqual([itemCount, md5Checksum]);
    expect(etag).toMatch(/^[0-9a-f]{32}$/);
    lines.push(...own);
  }
  const items = lines.map((line) => JSON.parse(line).Item);
  expect(items).toHaveLength(40);
  expect(items).toContainEqual({ pk: { S: "order 7" }, bytes: { B: "Bw==" }, line: { S: "a\u2028b" } });
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: root }));
  expect(Contents.map(({ Key }) => Key)).toContain(`${root}_started`);
  expect(Contents).toHaveLength(4 + 4 + 1);
});

test("an export with filter and projection has the items and attributes that these name", async () => {
  const FilterSpecification = {
    FilterExpression: "#bytes < :bytes",
    ProjectionExpression: "pk, #bytes",
    ExpressionAttributeNames: { "#bytes": "bytes" },
    ExpressionAttributeValues: { ":bytes": { B: Uint8Array.from([3]) } },
  };
  const { ExportDescription } = await start({ FilterSpecification });
  expect(ExportDescription?.FilterSpecification).toEqual(FilterSpecification);
  const done = await ended(ExportDescription?.ExportArn);
  expect(done).toMatchObject({ ExportStatus: "COMPLETED", ItemCount: 3 });
  const { manifestFilesS3Key } = JSON.parse((await object(done.ExportManifest)).toString());
  const files = (await object(manifestFilesS3Key)).toString().trimEnd().split("\n");
  const stored = await Promise.all(files.map((file) => object(JSON.parse(file).dataFileS3Key)));
  const lines = stored.flatMap((data) => gunzipSync(data).toString().split("\n").slice(0, -1));
  const items = lines.map((line) => JSON.parse(line).Item);
  const byKey = items.sort((a, b) => a.pk.S.localeCompare(b.pk.S));
  const bytes = (i: number) => Buffer.from([i]).toString("base64");
  expect(byKey).toEqual([0, 1, 2].map((i) => ({ pk: { S: `order ${i}` }, bytes: { B: bytes(i) } })));
});

test("the same client token is the same export; with other parameters it is a conflict", async () => {
  const first = await start({ ClientToken: "once" });
  await ended(first.ExportDescription?.ExportArn);
  const again = await start({ ClientToken: "once" });
  expect(again.ExportDescription?.ExportArn).toBe(first.ExportDescription?.ExportArn);
  expect(again.ExportDescription?.ExportStatus).toBe("COMPLETED");
  await expect(start({ ClientToken: "once", S3Prefix: "other" })).rejects.toMatchObject({
    name: "ExportConflictException",
  });
});

test("exports are listed, by table and in pages", async () => {
  const list = (input: object) => client.send(new ListExportsCommand(input));
  await ended((await start({})).ExportDescription?.ExportArn);
  const { ExportSummaries: all = [] } = await list({ TableArn: orders.arn });
  expect(all.length).toBeGreaterThan(1);
  expect(all[0]).toMatchObject({ ExportStatus: "COMPLETED", ExportType: "FULL_EXPORT" });
  const { ExportSummaries: first, NextToken } = await list({ MaxResults: 1 });
  const { ExportSummaries: second } = await list({ MaxResults: 1, NextToken });
  expect([first?.[0], second?.[0]]).toEqual([all[0], all[1]]);
  expect((await list({ TableArn: plain.arn })).ExportSummaries).toEqual([]);
});

test("an export into a missing bucket fails", async () => {
  const { ExportDescription } = await start({ S3Bucket: "nobody-made-this" });
  expect(await ended(ExportDescription?.ExportArn)).toMatchObject({
    ExportStatus: "FAILED",
    FailureCode: "S3NoSuchBucket",
  });
});

describe("an export is refused", () => {
  test.each<[string, object, string]>([
    [
      "of an unknown table",
      { TableArn: "arn:aws:dynamodb:eu-west-1:000000000000:table/none" },
      "TableNotFoundException",
    ],
    [
      "of a table in another region",
      { TableArn: "arn:aws:dynamodb:us-east-1:000000000000:table/none" },
      "TableNotFoundException",
    ],
    ["without a bucket", { S3Bucket: undefined }, "ValidationException"],
    ["in another format", { ExportFormat: "ION" }, "NotImplemented"],
    ["of changes alone", { ExportType: "INCREMENTAL_EXPORT" }, "NotImplemented"],
    ["of another time", { ExportTime: new Date(0) }, "NotImplemented"],
    ["with a key", { S3SseKmsKeyId: "key" }, "NotImplemented"],
    ["for another account's bucket", { S3BucketOwner: "123456789012" }, "NotImplemented"],
    ["of one partition", { FilterSpecification: { KeyConditionExpression: "pk = :pk" } }, "NotImplemented"],
    ["with a malformed filter", { FilterSpecification: { FilterExpression: "pk >" } }, "ValidationException"],
  ])("%s", async (_, input, name) => {
    expect(await failureOf(start(input))).toMatchObject({ name });
  });

  test("where point-in-time recovery is off", async () => {
    expect(await failureOf(start({ TableArn: plain.arn }))).toMatchObject({
      name: "PointInTimeRecoveryUnavailableException",
      message: `Point in time recovery is not enabled for table '${plain.name}'`,
    });
  });

  test.each([
    ["the table", (allowed: string[]) => allowed.slice(1)],
    ["the bucket", (allowed: string[]) => allowed.slice(0, 1)],
    ["the bucket's uploads", (allowed: string[]) => allowed.slice(0, 3)],
  ])("without permission for %s", async (_, some) => {
    const actions = ["dynamodb:ExportTableToPointInTime", "s3:PutObject", "s3:PutObjectAcl", "s3:AbortMultipartUpload"];
    const exporter = async (name: string, allowed: string[]) => {
      const statement = (action: string) => ({
        Effect: "Allow",
        Action: action,
        Resource: action.startsWith("s3:") ? `arn:aws:s3:::${bucket}/mine/*` : orders.arn,
      });
      return new DynamoDBClient(cloud.as(await cloud.role(name, allowed.map(statement))));
    };
    const name = `exporter-${cloud.report().roles.length}`;
    const refused = start({ S3Prefix: "mine" }, await exporter(name, some(actions)));
    expect(await failureOf(refused)).toMatchObject({ name: "AccessDeniedException" });
    const allowed = await exporter(`${name}-allowed`, actions);
    const { ExportDescription } = await start({ S3Prefix: "mine" }, allowed);
    await ended(ExportDescription?.ExportArn);
    expect(await failureOf(start({ S3Prefix: "yours" }, allowed))).toMatchObject({ name: "AccessDeniedException" });
  });

  test("as unknown, with the ARN of no export", async () => {
    expect(await failureOf(describeExport(`${orders.arn}/export/01234567890123-a1b2c3d4`))).toMatchObject({
      name: "ExportNotFoundException",
    });
  });
});

describe("point-in-time recovery", () => {
  const backups = async (TableName: string) => {
    const { ContinuousBackupsDescription } = await client.send(new DescribeContinuousBackupsCommand({ TableName }));
    return ContinuousBackupsDescription;
  };

  test("is on or off as the program declares it for the table", async () => {
    expect(await backups(orders.name)).toMatchObject({
      ContinuousBackupsStatus: "ENABLED",
      PointInTimeRecoveryDescription: {
        ...{ PointInTimeRecoveryStatus: "ENABLED", RecoveryPeriodInDays: 35 },
        ...{ EarliestRestorableDateTime: expect.any(Date), LatestRestorableDateTime: expect.any(Date) },
      },
    });
    expect(await backups(plain.arn)).toEqual({
      ContinuousBackupsStatus: "ENABLED",
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: "DISABLED" },
    });
    expect(await failureOf(backups("none"))).toMatchObject({ name: "TableNotFoundException" });
  });

  test("can be switched, and ends with the table", async () => {
    const keys = { hashKey: "pk", attributes: [{ name: "pk", type: "S" }], billingMode: "PAY_PER_REQUEST" };
    const { name } = await cloud.make("aws:dynamodb/table:Table", "switched", { name: "switched", ...keys });
    const update = (PointInTimeRecoveryEnabled: boolean) =>
      client.send(
        new UpdateContinuousBackupsCommand({
          TableName: name,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled, RecoveryPeriodInDays: 7 },
        }),
      );
    const status = async () => (await backups("switched"))?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
    await update(true);
    expect((await backups("switched"))?.PointInTimeRecoveryDescription?.RecoveryPeriodInDays).toBe(7);
    await update(false);
    expect(await status()).toBe("DISABLED");
    await update(true);
    await client.send(new DeleteTableCommand({ TableName: name }));
    await cloud.make("aws:dynamodb/table:Table", "switched", { name: "switched", ...keys });
    expect(await status()).toBe("DISABLED");
  });
});
