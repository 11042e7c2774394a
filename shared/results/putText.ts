/** Puts a text, or bytes, of any length as one object, in bounded memory. */
import { createHash } from "node:crypto";
import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import type { ResultsStore } from "./resultsStore";

/** S3 takes up to 10,000 parts, each of 5 MiB or more except the last: 80 GB in all. */
const PART_BYTES = 8 * 1024 * 1024;

export interface PutText {
  /** Base64. */
  readonly md5: string;
  /** The object's encryption, if S3 reports it. */
  readonly sse: string | undefined;
  readonly kmsKey: string | undefined;
}

/**
 * Puts the pieces one behind the other: with one call up to 8 MiB, else as a multipart upload. The bucket's lifecycle rule
 * removes an upload that breaks off.
 */
export async function putText(
  store: ResultsStore,
  key: string,
  pieces: AsyncIterable<string | Uint8Array> | string[],
): Promise<PutText> {
  const hash = createHash("md5");
  const upload = new Upload(store, key);
  let part: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    const buffer = typeof piece === "string" ? Buffer.from(piece) : piece;
    hash.update(buffer);
    part.push(buffer);
    bytes += buffer.length;
    if (bytes < PART_BYTES) continue;
    await upload.part(Buffer.concat(part));
    [part, bytes] = [[], 0];
  }
  const { ServerSideEncryption, SSEKMSKeyId } = await upload.end(Buffer.concat(part));
  return { md5: hash.digest("base64"), sse: ServerSideEncryption, kmsKey: SSEKMSKeyId };
}

interface Encryption {
  ServerSideEncryption?: string | undefined;
  SSEKMSKeyId?: string | undefined;
}

class Upload {
  #id: string | undefined;
  readonly #parts: CompletedPart[] = [];
  readonly #object: { Bucket: string; Key: string };

  constructor(
    private readonly store: ResultsStore,
    key: string,
  ) {
    this.#object = { Bucket: store.bucket, Key: key };
  }

  async part(Body: Buffer): Promise<void> {
    const { s3, retry, signal } = this.store;
    const create = new CreateMultipartUploadCommand({ ...this.#object, ContentType: "application/json" });
    this.#id ??= (await retry(() => s3.send(create, { abortSignal: signal }))).UploadId;
    const PartNumber = this.#parts.length + 1;
    const command = new UploadPartCommand({ ...this.#object, UploadId: this.#id, PartNumber, Body });
    const { ETag } = await retry(() => s3.send(command, { abortSignal: signal }));
    this.#parts.push({ ETag, PartNumber });
  }

  async end(Body: Buffer): Promise<Encryption> {
    const { s3, retry, signal } = this.store;
    if (this.#id === undefined) {
      const put = new PutObjectCommand({ ...this.#object, Body, ContentType: "application/json" });
      return retry(() => s3.send(put, { abortSignal: signal }));
    }
    if (Body.length > 0) await this.part(Body);
    const MultipartUpload = { Parts: this.#parts };
    const complete = new CompleteMultipartUploadCommand({ ...this.#object, UploadId: this.#id, MultipartUpload });
    return retry(() => s3.send(complete, { abortSignal: signal }));
  }
}
