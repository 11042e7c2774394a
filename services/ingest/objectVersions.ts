/** Creates, replaces and deletes objects in buckets that keep versions, without touching others' versions. */
import { createHash } from "node:crypto";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { retryTransient } from "../../shared/aws/transient";

type WithS3 = { s3: S3Client };

export interface Place {
  bucket: string;
  key: string;
}

export interface NewObject extends Place {
  body: string;
  /** SHA-256 of the body, base64; S3 refuses the object if it does not match. */
  sha256: string;
  /** The message that it is written for. */
  messageId: string;
}

/** The object that a key holds now. */
export interface CurrentObject extends Place {
  versionId: string;
  etag: string;
  /** The message that it was written for; undefined: somebody else put it there. */
  messageId: string | undefined;
  /** Milliseconds since the epoch, S3's clock. */
  writtenAt: number;
  /** SHA-256 that was sent to S3 with the object, base64. */
  sha256: string | undefined;
}

/** S3's name for the version of an object that was put before its bucket kept versions. */
const NO_VERSION = "null";

/**
 * Creates an object, never replaces one: of many writers of a key, the first one's body stays.
 * @returns the id of its version; undefined if the key is taken.
 */
export function createObject(storage: WithS3, object: NewObject, signal: AbortSignal): Promise<string | undefined> {
  return put(storage, object, { IfNoneMatch: "*" }, signal);
}

/**
 * Puts a version on top of an existing one, which stays below it.
 * @returns the id of the new version; undefined if the key holds something else by now, or nothing.
 */
export function replaceObject(
  storage: WithS3,
  object: NewObject,
  { etag }: Pick<CurrentObject, "etag">,
  signal: AbortSignal,
): Promise<string | undefined> {
  return put(storage, object, { IfMatch: etag }, signal);
}

async function put(
  { s3 }: WithS3,
  { bucket, key, body, sha256, messageId }: NewObject,
  condition: Pick<PutObjectCommandInput, "IfNoneMatch" | "IfMatch">,
  signal: AbortSignal,
): Promise<string | undefined> {
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: body,
    ContentType: "application/json",
    ChecksumSHA256: sha256,
    Metadata: { message: messageId },
    ...condition,
  });
  try {
    const { VersionId = NO_VERSION } = await retryTransient(() => s3.send(command, { abortSignal: signal }), signal);
    return VersionId;
  } catch (error) {
    const gone = condition.IfMatch !== undefined && statusOf(error) === 404;
    if (gone || statusOf(error) === 412) return undefined;
    throw error;
  }
}

/** The object under a key. @returns undefined if there is none. S3 reports that only to callers that may list the bucket. */
export async function currentObject(
  { s3 }: WithS3,
  { bucket, key }: Place,
  signal: AbortSignal,
): Promise<CurrentObject | undefined> {
  const head = new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: "ENABLED" });
  try {
    const found = await retryTransient(() => s3.send(head, { abortSignal: signal }), signal);
    const { ETag = "", VersionId = NO_VERSION, LastModified, ChecksumSHA256, Metadata = {} } = found;
    return {
      ...{ bucket, key, versionId: VersionId, etag: ETag, messageId: Metadata.message, sha256: ChecksumSHA256 },
      writtenAt: LastModified?.getTime() ?? 0,
    };
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/**
 * SHA-256 of an object, base64: the one that was sent when it was created. If somebody has put the object in another way
 * since (a copy without checksum, in parts), it is computed from the content.
 * @throws S3's error if the key holds something else by now.
 */
export async function sha256Of({ s3 }: WithS3, object: CurrentObject, signal: AbortSignal): Promise<string> {
  const { bucket: Bucket, key: Key, etag: IfMatch, sha256 } = object;
  // For an object in parts, S3 returns the checksum of the parts' checksums, with their number behind a hyphen.
  if (sha256 !== undefined && !sha256.includes("-")) return sha256;
  const content = await retryTransient(async () => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, IfMatch }), { abortSignal: signal });
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  }, signal);
  return createHash("sha256").update(content).digest("base64");
}

/** Deletes only this version, for good. The version below it becomes current again. Repeating this changes nothing. */
export async function deleteVersion(
  { s3 }: WithS3,
  { bucket, key, versionId }: Pick<CurrentObject, "bucket" | "key" | "versionId">,
  signal: AbortSignal,
): Promise<void> {
  const command = new DeleteObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId });
  await retryTransient(() => s3.send(command, { abortSignal: signal }), signal);
}

/** Deletes versions from the top until the key holds a version that may stay, or nothing. */
export async function clearObject(
  storage: WithS3,
  place: Place,
  mayStay: (found: CurrentObject) => boolean | Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const found = await currentObject(storage, place, signal);
    if (found === undefined || (await mayStay(found))) return;
    await deleteVersion(storage, found, signal);
  }
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}
