import { createHash } from "node:crypto";
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3ServiceException } from "@aws-sdk/client-s3";
import { retryTransient } from "../../shared/aws/transient";
import type { Storage } from "./storage";

export interface NewObject {
  bucket: string;
  key: string;
  body: string;
  /** SHA-256 of the body, base64; S3 refuses the object where it does not match. */
  sha256: string;
  metadata?: Record<string, string>;
}

/**
 * Creates an object, never replaces one: of many writers of a key, the first one's body stays.
 * @returns false where the key is taken.
 */
export async function createObject(
  { s3 }: Pick<Storage, "s3">,
  object: NewObject,
  signal: AbortSignal,
): Promise<boolean> {
  const put = new PutObjectCommand({
    Bucket: object.bucket,
    Key: object.key,
    Body: object.body,
    ContentType: "application/json",
    ChecksumSHA256: object.sha256,
    IfNoneMatch: "*",
    Metadata: object.metadata,
  });
  try {
    await retryTransient(() => s3.send(put, { abortSignal: signal }), signal);
    return true;
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 412) return false;
    throw error;
  }
}

/**
 * SHA-256 of a stored object, base64: the one it was given when it was created, or, where somebody has put the object
 * there in another way since (a copy without checksum, in parts), of what it holds.
 */
export async function objectSha256(
  { s3 }: Pick<Storage, "s3">,
  bucket: string,
  key: string,
  signal: AbortSignal,
): Promise<string> {
  const object = { Bucket: bucket, Key: key };
  const head = new HeadObjectCommand({ ...object, ChecksumMode: "ENABLED" });
  const { ChecksumSHA256: given } = await retryTransient(() => s3.send(head, { abortSignal: signal }), signal);
  // Of an object in parts S3 gives the checksum of the parts' checksums, with their number behind a hyphen.
  if (given !== undefined && !given.includes("-")) return given;
  const content = await retryTransient(async () => {
    const { Body } = await s3.send(new GetObjectCommand(object), { abortSignal: signal });
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  }, signal);
  return createHash("sha256").update(content).digest("base64");
}
