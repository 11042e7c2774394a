import { createHash } from "node:crypto";
import { GetObjectCommand, S3ServiceException } from "@aws-sdk/client-s3";
import type { BucketOptions } from "../../../shared/aws/objects/listObjects";

export interface ObjectBytes {
  bytes: Uint8Array;
  /** The ETag, with which a conditional write checks that the object is still the same. */
  etag: string | undefined;
}

/** The content of an object; undefined if there is none. */
export async function readObject({ s3, bucket, retry }: BucketOptions, key: string): Promise<ObjectBytes | undefined> {
  try {
    return await retry(async () => {
      const { Body, ETag } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return { bytes: (await Body?.transformToByteArray()) ?? new Uint8Array(), etag: ETag };
    });
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return undefined;
    throw error;
  }
}

/** The SHA-256 in a marker: of the body's UTF-8, base64. */
export function sha256Of(body: Uint8Array | string): string {
  return createHash("sha256").update(body).digest("base64");
}
