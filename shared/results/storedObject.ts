/** Objects of results in S3: put, read back, removed. */
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3ServiceException } from "@aws-sdk/client-s3";
import { SluiceError } from "../errors";
import type { ResultsStore } from "./resultsStore";

/** Puts the whole object; resolves with its ETag, without quotes, once it is durable. */
export async function putObject(
  { s3, bucket, retry, signal }: ResultsStore,
  key: string,
  body: Buffer,
  type: string,
): Promise<string> {
  const put = new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: type });
  const { ETag = "" } = await retry(() => s3.send(put, { abortSignal: signal }));
  return ETag.replaceAll('"', "");
}

/** Reads a whole object. Undefined: it is missing. */
export async function readObject(
  { s3, bucket, retry, signal }: ResultsStore,
  key: string,
): Promise<Buffer | undefined> {
  const get = new GetObjectCommand({ Bucket: bucket, Key: key });
  try {
    return await retry(async () => {
      const { Body } = await s3.send(get, { abortSignal: signal });
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Reads this many bytes of an object, or fewer if it ends before. Undefined: the object is missing or ends before `from`. */
export async function readRange(
  { s3, bucket, retry, signal }: ResultsStore,
  key: string,
  from: number,
  bytes: number,
): Promise<Buffer | undefined> {
  const get = new GetObjectCommand({ Bucket: bucket, Key: key, Range: `bytes=${from}-${from + bytes - 1}` });
  try {
    return await retry(async () => {
      const { Body } = await s3.send(get, { abortSignal: signal });
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Removes the object if there is one. */
export async function removeObject({ s3, bucket, retry, signal }: ResultsStore, key: string): Promise<void> {
  await retry(() => s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal }));
}

/** Whether the error means that the object is missing, or ends before the range begins. */
function isMissing(error: unknown): boolean {
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
  return status === 404 || status === 416;
}

export function changed(key: string): SluiceError {
  const message = `Object ${key} must be as this job has put it, but somebody else has changed or removed it.`;
  return new SluiceError("EXPORT_OBJECT_CHANGED", message, { value: key });
}
