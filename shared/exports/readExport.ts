/**
 * Reads an export as AWS documents it, DynamoDB's own or Sluice's: from manifest-summary.json on, using only the keys in
 * the manifests. Checks every checksum and every count.
 *
 * ```ts
 * for await (const item of readExport(s3, bucket, "AWSDynamoDB/my-job/manifest-summary.json")) …
 * ```
 */
import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { GetObjectCommand, NoSuchKey, type S3Client } from "@aws-sdk/client-s3";
import { revived } from "../aws/dynamoJson";
import type { Item } from "../aws/itemSize";
import { SluiceError } from "../errors";
import { type ManifestFile, type ManifestSummary, md5Key } from "./manifest";

/**
 * The items of an export in DynamoDB JSON. A file's items come before its checksum is verified. So the items are valid only
 * once the iteration has ended without an error.
 *
 * @param manifest key of manifest-summary.json.
 * @throws SluiceError EXPORT_DAMAGED (a checksum or a count is wrong), EXPORT_FORMAT (not DynamoDB JSON)
 */
export async function* readExport(s3: S3Client, bucket: string, manifest: string): AsyncGenerator<Item> {
  const summary = await readSummary(s3, bucket, manifest);
  if (summary.outputFormat !== "DYNAMODB_JSON") {
    const message = `Export ${manifest} must be in the format DYNAMODB_JSON, got ${summary.outputFormat}.`;
    throw new SluiceError("EXPORT_FORMAT", message, { value: summary.outputFormat });
  }
  for await (const line of readLines(s3, bucket, summary)) yield parseLine(line);
}

/** The lines of an export in any format, as text. */
export async function* readExportLines(s3: S3Client, bucket: string, manifest: string): AsyncGenerator<string> {
  yield* readLines(s3, bucket, await readSummary(s3, bucket, manifest));
}

export async function readSummary(s3: S3Client, bucket: string, manifest: string): Promise<ManifestSummary> {
  return JSON.parse(await checkedText(s3, bucket, manifest)) as ManifestSummary;
}

/** The data files of an export. All in memory: 230 bytes each. */
export async function readFiles(s3: S3Client, bucket: string, summary: ManifestSummary): Promise<ManifestFile[]> {
  const text = await checkedText(s3, bucket, summary.manifestFilesS3Key);
  return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as ManifestFile]));
}

/** One line of DynamoDB JSON as an item in the low-level client's form. */
export function parseLine(line: string): Item {
  return revived((JSON.parse(line) as { Item: Parameters<typeof revived>[0] }).Item);
}

async function* readLines(s3: S3Client, bucket: string, summary: ManifestSummary): AsyncGenerator<string> {
  let total = 0;
  for (const file of await readFiles(s3, bucket, summary)) {
    let items = 0;
    for await (const line of dataLines(s3, bucket, file)) {
      items += 1;
      yield line;
    }
    if (items !== file.itemCount) throw damaged(file.dataFileS3Key, "itemCount", file.itemCount, items);
    total += items;
  }
  if (total !== summary.itemCount) throw damaged(bucket, "itemCount of the summary", summary.itemCount, total);
}

async function* dataLines(s3: S3Client, bucket: string, file: ManifestFile): AsyncGenerator<string> {
  const hash = createHash("md5");
  const stream = await open(s3, bucket, file.dataFileS3Key);
  const gunzip = createGunzip();
  stream.on("error", (error) => gunzip.destroy(error));
  stream.on("data", (chunk) => hash.update(chunk));
  stream.pipe(gunzip);
  try {
    yield* linesOf(gunzip);
  } catch (error) {
    throw isZlibError(error) ? damaged(file.dataFileS3Key, "gzip", "whole", error.message) : error;
  } finally {
    stream.destroy();
    gunzip.destroy();
  }
  const md5 = hash.digest("base64");
  if (md5 !== file.md5Checksum) throw damaged(file.dataFileS3Key, "md5Checksum", file.md5Checksum, md5);
}

/** Splits only at line feeds: Node's readline also splits at U+2028, which JSON text may contain. */
async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const piece = chunk.subarray(start, end);
      const line = (rest.length === 0 ? piece : Buffer.concat([...rest, piece])).toString();
      [rest, start] = [[], end + 1];
      if (line !== "") yield line;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  }
  const line = Buffer.concat(rest).toString();
  if (line !== "") yield line;
}

async function checkedText(s3: S3Client, bucket: string, key: string): Promise<string> {
  return (await readChecked(s3, bucket, key)).bytes.toString();
}

/**
 * A manifest, and its ETag without quotes.
 * @throws SluiceError EXPORT_DAMAGED if it doesn't fit its checksum
 */
export async function readChecked(
  s3: S3Client,
  bucket: string,
  key: string,
): Promise<{ readonly bytes: Buffer; readonly etag: string }> {
  const { Body, ETag = "" } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
  const expected = (await checksumOf(s3, bucket, key)).trim();
  const md5 = createHash("md5").update(bytes).digest("base64");
  if (md5 !== expected) throw damaged(key, "MD5", expected, md5);
  return { bytes, etag: ETag.replaceAll('"', "") };
}

/** Exports have `.md5`; AWS documents `.checksum`. */
async function checksumOf(s3: S3Client, bucket: string, key: string): Promise<string> {
  const md5 = md5Key(key);
  try {
    return (await read(s3, bucket, md5)).toString();
  } catch (error) {
    if (!(error instanceof NoSuchKey)) throw error;
    return (await read(s3, bucket, md5.replace(/\.md5$/, ".checksum"))).toString();
  }
}

async function open(s3: S3Client, Bucket: string, Key: string): Promise<Readable> {
  return (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body as Readable;
}

async function read(s3: S3Client, bucket: string, key: string): Promise<Buffer> {
  return Buffer.concat(await (await open(s3, bucket, key)).toArray());
}

function isZlibError(error: unknown): error is Error {
  return error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith("Z_");
}

export function damaged(value: string, what: string, expected: unknown, got: unknown): SluiceError {
  return new SluiceError("EXPORT_DAMAGED", `${what} of ${value} must be ${expected}, got ${got}.`, { value });
}
