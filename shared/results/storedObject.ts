/** Objects of results in S3: put, read back, removed. */
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3ServiceException } from "@aws-sdk/client-s3";
import { SluiceError } from "../errors";
import { HEADER_BYTES, holds, type TextSum } from "./gzip";
import type { ResultsStore } from "./resultsStore";

/** Puts the whole object; resolves with its ETag once it is durable. */
export async function putObject(
  { s3, bucket, retry, signal }: ResultsStore,
  key: string,
  file: Buffer,
): Promise<string> {
  const put = new PutObjectCommand({ Bucket: bucket, Key: key, Body: file, ContentType: "application/gzip" });
  const { ETag } = await retry(() => s3.send(put, { abortSignal: signal }));
  return withoutQuotes(ETag);
}

/**
 * The deflated pages of an open object as its checkpoint knows it. The bytes of a page that was put but not
 * checkpointed follow behind. They are ignored, because the page comes again.
 *
 * @throws SluiceError EXPORT_OBJECT_CHANGED where the object is not there or does not hold what was put.
 */
export async function readPages(
  { s3, bucket, retry, signal }: ResultsStore,
  key: string,
  open: { readonly bytes: number; readonly text: TextSum },
): Promise<Buffer> {
  const Range = `bytes=${HEADER_BYTES}-${HEADER_BYTES + open.bytes - 1}`;
  const get = new GetObjectCommand({ Bucket: bucket, Key: key, Range });
  const pages = await retry(async () => {
    const { Body } = await s3.send(get, { abortSignal: signal });
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  }).catch((error) => {
    if (isMissing(error)) throw changed(key, error);
    throw error;
  });
  if (pages.length !== open.bytes || !(await holds(pages, open.text))) throw changed(key);
  return pages;
}

/** Removes the object if there is one. */
export async function removeObject({ s3, bucket, retry, signal }: ResultsStore, key: string): Promise<void> {
  await retry(() => s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal }));
}

function withoutQuotes(etag = ""): string {
  return etag.replaceAll('"', "");
}

/** There is no such object, or it ends before the range begins. */
function isMissing(error: unknown): boolean {
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
  return status === 404 || status === 416;
}

function changed(key: string, cause?: unknown): SluiceError {
  const message = `Object ${key} must be as this job has put it, but somebody else has changed or removed it.`;
  return new SluiceError("EXPORT_OBJECT_CHANGED", message, { value: key, cause });
}
