import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { collect } from "../../../services/ingest/desk/participant";
import { deleteObjects, deleteVersions } from "../../../shared/aws/deleteObjects";
import { type BucketOptions, listObjects, listVersions } from "../../../shared/aws/objects/listObjects";
import { DeskGround } from "../../services/ingest/desk/deskGround";
import { retry } from "../jobs/jobGround";

let ground: DeskGround;
let bucket: BucketOptions;
beforeAll(async () => {
  ground = await DeskGround.start();
});
afterAll(() => ground.stop());
beforeEach(async () => {
  const { s3, rawBucket } = await ground.desk();
  bucket = { s3, bucket: rawBucket, retry };
});
afterEach(() => {
  ground.ground.stage = (_, next) => next();
});

const put = (Key: string, Body = "x") => bucket.s3.send(new PutObjectCommand({ Bucket: bucket.bucket, Key, Body }));
const left = async () => (await collect(listVersions(bucket, ""))).map(({ key }) => key);
const answer = (body: string) =>
  Promise.resolve({ status: 200, headers: { "content-type": "application/xml" }, body: Buffer.from(body) });

test("objects below a prefix are deleted, and their versions stay", async () => {
  for (const key of ["a/1", "a/2", "b/1"]) await put(key);
  expect(await deleteObjects(bucket, "a/")).toBe(2);
  expect((await collect(listObjects(bucket, ""))).map(({ key }) => key)).toEqual(["b/1"]);
  expect((await left()).sort()).toEqual(["a/1", "a/1", "a/2", "a/2", "b/1"]);
});

test("versions are deleted for good, including delete markers", async () => {
  await put("a", "one");
  await put("a", "two");
  await bucket.s3.send(new DeleteObjectCommand({ Bucket: bucket.bucket, Key: "a" }));
  await put("b");
  expect(await deleteVersions(bucket, listVersions(bucket, "a"))).toBe(3);
  expect(await left()).toEqual(["b"]);
});

test("only the version that is named is deleted", async () => {
  await put("a", "one");
  const [older] = await collect(listVersions(bucket, "a"));
  await put("a", "two");
  await deleteVersions(bucket, [older!]);
  expect(await collect(listVersions(bucket, "a"))).not.toContainEqual(older);
  expect(await left()).toEqual(["a"]);
});

test("only keys that S3 refuses for a transient reason are retried", async () => {
  await put("a", "one");
  await put("a", "two");
  const versions = await collect(listVersions(bucket, ""));
  const asked: string[] = [];
  ground.ground.stage = ({ action, request }, next) => {
    if (action !== "DeleteObjects") return next();
    asked.push(...(String(request.body).match(/<VersionId>[^<]*/g) ?? []).map((text) => text.slice(11)));
    if (asked.length > 2) return next();
    const { key, versionId } = versions[1]!;
    const error = `<Key>${key}</Key><VersionId>${versionId}</VersionId><Code>SlowDown</Code><Message>later</Message>`;
    return answer(`<DeleteResult><Error>${error}</Error></DeleteResult>`);
  };
  await deleteVersions(bucket, versions);
  expect(asked).toEqual([versions[0]!.versionId, versions[1]!.versionId, versions[1]!.versionId]);
});

test("a permanent refusal of S3 is an error with its code", async () => {
  await put("a");
  ground.ground.stage = ({ action }, next) =>
    action === "DeleteObjects"
      ? answer("<DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>")
      : next();
  await expect(deleteObjects(bucket, "")).rejects.toMatchObject({ name: "AccessDenied", message: "Object a: no" });
});
