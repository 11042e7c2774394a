import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { SmallCloud } from "../smallCloud";

let cloud: SmallCloud;
let s3: S3Client;
let count = 0;
beforeAll(async () => {
  cloud = await SmallCloud.start();
  s3 = new S3Client({ ...cloud.as(), forcePathStyle: true });
});
afterAll(() => cloud?.stop());

/** A new bucket; by default it keeps versions. */
async function bucket({ versions = true } = {}): Promise<string> {
  const Bucket = `bucket-${++count}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  const VersioningConfiguration = { Status: "Enabled" } as const;
  if (versions) await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  return Bucket;
}

async function put(Bucket: string, Body: string, more: { IfNoneMatch?: string; IfMatch?: string } = {}, Key = "a") {
  return (await s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }))).VersionId;
}

async function text(Bucket: string, VersionId?: string, Key = "a"): Promise<string | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
    return await Body?.transformToString();
  } catch (error) {
    return (error as Error).name;
  }
}

const remove = (Bucket: string, VersionId?: string) =>
  s3.send(new DeleteObjectCommand({ Bucket, Key: "a", VersionId }));

/** The key and kind of each version, the newest version of a key first. */
async function versions(Bucket: string, pageSize = 1_000): Promise<string[]> {
  const found: string[] = [];
  let from: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
  for (;;) {
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: pageSize, ...from }));
    const all = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    for (const { Key, VersionId, IsLatest } of all) found.push(`${Key} ${VersionId} ${IsLatest}`);
    if (!page.IsTruncated) break;
    from = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
  }
  return found.sort();
}

describe("versions", () => {
  test("each write makes one, which stays readable by its id", async () => {
    const Bucket = await bucket();
    const first = await put(Bucket, "first");
    const second = await put(Bucket, "second");
    expect(first).not.toBe(second);
    expect([await text(Bucket), await text(Bucket, first), await text(Bucket, second)]).toEqual([
      "second",
      "first",
      "second",
    ]);
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: "a" }))).toMatchObject({ VersionId: second });
  });

  test("a deletion marks the key, and keeps the versions", async () => {
    const Bucket = await bucket();
    const first = await put(Bucket, "first");
    const { DeleteMarker, VersionId } = await remove(Bucket);
    expect(DeleteMarker).toBe(true);
    expect([await text(Bucket), await text(Bucket, first), await text(Bucket, VersionId)]).toEqual([
      "NoSuchKey",
      "first",
      "MethodNotAllowed",
    ]);
    expect((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).toEqual([]);
    await remove(Bucket, VersionId);
    expect(await text(Bucket)).toBe("first");
  });

  test("a version is deleted by its id, and the one before it becomes current again", async () => {
    const Bucket = await bucket();
    await put(Bucket, "first");
    const second = await put(Bucket, "second");
    await remove(Bucket, second);
    await remove(Bucket, second);
    expect([await text(Bucket), await text(Bucket, second)]).toEqual(["first", "NoSuchVersion"]);
  });

  test("an old version is deleted without touching the current one", async () => {
    const Bucket = await bucket();
    const first = await put(Bucket, "first");
    const second = await put(Bucket, "second");
    await remove(Bucket, first);
    expect(await versions(Bucket)).toEqual([`a ${second} true`]);
    expect(await text(Bucket)).toBe("second");
  });

  test.each([1, 2, 1_000])(
    "in pages of %i all versions are listed once, with the marks of deletion",
    async (pageSize) => {
      const Bucket = await bucket();
      const expected: string[] = [];
      for (const key of ["a", "a-b", "b"]) {
        const old = await put(Bucket, "old", {}, key);
        const { VersionId } = await s3.send(new DeleteObjectCommand({ Bucket, Key: key }));
        expected.push(`${key} ${old} false`, `${key} ${VersionId} true`);
      }
      expect(await versions(Bucket, pageSize)).toEqual(expected.sort());
    },
  );

  test("a list of objects is deleted by version, or marked", async () => {
    const Bucket = await bucket();
    const first = await put(Bucket, "first");
    await put(Bucket, "second");
    const Objects = [{ Key: "a", VersionId: first }, { Key: "a" }];
    const { Deleted } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(Deleted).toHaveLength(2);
    expect([await text(Bucket, first), await text(Bucket)]).toEqual(["NoSuchVersion", "NoSuchKey"]);
  });

  test("a copy of an old version makes a new one", async () => {
    const Bucket = await bucket();
    const first = await put(Bucket, "first");
    await put(Bucket, "second");
    await s3.send(new CopyObjectCommand({ Bucket, Key: "a", CopySource: `${Bucket}/a?versionId=${first}` }));
    expect(await text(Bucket)).toBe("first");
    expect(await versions(Bucket)).toHaveLength(3);
  });

  test("an object from before the bucket kept versions is a version without an id", async () => {
    const Bucket = await bucket({ versions: false });
    expect(await put(Bucket, "before")).toBeUndefined();
    const VersioningConfiguration = { Status: "Enabled" } as const;
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    expect(await versions(Bucket)).toEqual(["a null true"]);
    await put(Bucket, "after");
    expect([await text(Bucket, "null"), await text(Bucket)]).toEqual(["before", "after"]);
  });

  test("a bucket without versions replaces and deletes for good", async () => {
    const Bucket = await bucket({ versions: false });
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBeUndefined();
    await put(Bucket, "first");
    await remove(Bucket);
    expect(await versions(Bucket)).toEqual([]);
  });

  test("a bucket with versions can't be deleted", async () => {
    const Bucket = await bucket();
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe("Enabled");
    await put(Bucket, "first");
    await remove(Bucket);
    await expect(s3.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({ name: "BucketNotEmpty" });
  });

  test("a bucket can't stop keeping versions", async () => {
    const Bucket = await bucket();
    const suspended = { Bucket, VersioningConfiguration: { Status: "Suspended" } as const };
    await expect(s3.send(new PutBucketVersioningCommand(suspended))).rejects.toMatchObject({ name: "NotImplemented" });
  });
});

describe("conditions of a write", () => {
  const refused = async (write: Promise<unknown>) => write.catch((error: Error) => error.name);

  test("If-None-Match: * creates an object if there is none, or only a mark of deletion", async () => {
    const Bucket = await bucket();
    await put(Bucket, "first", { IfNoneMatch: "*" });
    expect(await refused(put(Bucket, "second", { IfNoneMatch: "*" }))).toBe("PreconditionFailed");
    expect(await text(Bucket)).toBe("first");
    await remove(Bucket);
    await put(Bucket, "third", { IfNoneMatch: "*" });
    expect(await text(Bucket)).toBe("third");
  });

  test("exactly one of a hundred simultaneous writes of one key succeeds, and its body stays", async () => {
    const Bucket = await bucket();
    const puts = await Promise.all(
      Array.from({ length: 100 }, (_, n) => refused(put(Bucket, `${n}`, { IfNoneMatch: "*" }))),
    );
    const created = puts.flatMap((answer, index) => (answer === "PreconditionFailed" ? [] : [`${index}`]));
    expect(created).toEqual([await text(Bucket)]);
    expect(await versions(Bucket)).toHaveLength(1);
  });

  test("If-Match replaces only the object that it names", async () => {
    const Bucket = await bucket();
    expect(await refused(put(Bucket, "x", { IfMatch: '"0"' }))).toBe("NoSuchKey");
    const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key: "a", Body: "first" }));
    await put(Bucket, "second", { IfMatch: ETag as string });
    expect(await text(Bucket)).toBe("second");
    expect(await refused(put(Bucket, "third", { IfMatch: ETag as string }))).toBe("PreconditionFailed");
  });

  test("conditions hold for uploads in parts as well", async () => {
    const Bucket = await bucket();
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "a" }));
    const part = { Bucket, Key: "a", UploadId, PartNumber: 1 };
    const { ETag } = await s3.send(new UploadPartCommand({ ...part, Body: "parts" }));
    await put(Bucket, "first");
    const Parts = [{ ETag, PartNumber: 1 }];
    const complete = { Bucket, Key: "a", UploadId, MultipartUpload: { Parts } };
    const onlyNew = new CompleteMultipartUploadCommand({ ...complete, IfNoneMatch: "*" });
    expect(await refused(s3.send(onlyNew))).toBe("PreconditionFailed");
    await s3.send(new CompleteMultipartUploadCommand(complete));
    expect(await text(Bucket)).toBe("parts");
    expect(await versions(Bucket)).toHaveLength(2);
  });

  test("If-None-Match with a tag is refused, not ignored", async () => {
    expect(await refused(put(await bucket(), "x", { IfNoneMatch: '"etag"' }))).toBe("NotImplemented");
  });
});
