/** Deletes many objects of a bucket, or many versions of objects. */
import { type _Error, DeleteObjectsCommand } from "@aws-sdk/client-s3";
import { inBatches } from "./batches";
import { type BucketOptions, listObjects, type ObjectVersion } from "./objects/listObjects";

/** DeleteObjects takes at most this many keys. */
const BATCH = 1_000;
const CONCURRENCY = 4;
/** The transient ones among the reasons why a single key is not deleted. */
const PASSING = new Set(["InternalError", "ServiceUnavailable", "SlowDown"]);

/**
 * Deletes every object whose key begins with `prefix`. In a bucket with versions it deletes only the newest version.
 * Incomplete multipart uploads are left to the bucket's lifecycle rule.
 *
 * @returns the number of objects.
 * @throws an error with S3's code as its name if S3 does not delete an object.
 */
export function deleteObjects(options: BucketOptions, prefix: string): Promise<number> {
  return deleteAll(options, listObjects(options, prefix));
}

/** Deletes just these versions, for good, delete markers among them. @returns, and throws, as deleteObjects */
export function deleteVersions(
  options: BucketOptions,
  versions: AsyncIterable<ObjectVersion> | Iterable<ObjectVersion>,
): Promise<number> {
  return deleteAll(options, versions);
}

interface Doomed {
  readonly key: string;
  readonly versionId?: string;
}

function deleteAll(options: BucketOptions, all: AsyncIterable<Doomed> | Iterable<Doomed>): Promise<number> {
  return inBatches(all, { size: BATCH, concurrency: CONCURRENCY }, (batch) => deleteBatch(options, batch));
}

async function deleteBatch({ s3, bucket, retry }: BucketOptions, batch: readonly Doomed[]): Promise<void> {
  let left = batch.map(({ key, versionId }) => ({ Key: key, VersionId: versionId }));
  await retry(async () => {
    const Delete = { Objects: left, Quiet: true };
    const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete }));
    if (Errors.length === 0) return;
    left = left.filter((one) => Errors.some(({ Key, VersionId }) => Key === one.Key && sameVersion(VersionId, one)));
    // An object that can't be deleted is reported, whatever happens to the others.
    throw notDeleted(Errors.find(({ Code = "" }) => !PASSING.has(Code)) ?? Errors[0]!);
  });
}

/** The answer may leave out the requested version. */
function sameVersion(refused: string | undefined, { VersionId }: { VersionId: string | undefined }): boolean {
  return refused === undefined || refused === VersionId;
}

function notDeleted({ Key, Code = "NotDeleted", Message = Code }: _Error): Error {
  const passes = PASSING.has(Code) ? { $retryable: { throttling: Code === "SlowDown" } } : {};
  // The SDK's own errors have metadata, by which the command line recognizes an answer of AWS.
  return Object.assign(new Error(`Object ${Key}: ${Message}`), { name: Code, $metadata: {}, ...passes });
}
