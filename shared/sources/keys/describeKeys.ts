/** Finds a list of keys in S3, and the facts that a job over it depends on. */
import { HeadObjectCommand, type S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { LineFile } from "../../aws/objects/lineFile";
import { SluiceError } from "../../errors";
import { csvFields } from "./csvLine";
import { folderOf, namedIn, readManifest } from "./keyManifest";
import { digestOf, listObjects } from "./keyParts";
import type { KeyAttribute, KeyList, LineList } from "./spec";

export interface KeyListFacts {
  readonly bucket: string;
  readonly list: KeyList;
  /** Bytes of all objects, as stored. */
  readonly bytes: number;
  /** Number of keys, if the list's manifest has it. */
  readonly keys?: number;
}

/** The facts, or why there are none, as a sentence. */
export type DescribedKeys = KeyListFacts | { readonly problem: string };

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const LOCATION = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/;
const FORM = /\.(jsonl|csv)(\.gz)?$|\/(manifest\.json)?$/;
const MANIFEST = /\/manifest\.json$/;

interface Place {
  readonly bucket: string;
  readonly key: string;
}

/**
 * Examines `s3://BUCKET/KEY`. That is an object whose name ends in .jsonl or .csv, perhaps with .gz; or, if KEY ends in a
 * slash, all objects of JSON Lines below it; or the manifest.json of a list of failures, which names the list's objects.
 *
 * @throws errors that show nothing about the list, such as a time-out
 */
export async function describeKeys(s3: S3Client, location: string): Promise<DescribedKeys> {
  const [, bucket, key] = LOCATION.exec(location) ?? [];
  if (bucket === undefined || key === undefined || !FORM.test(key)) {
    const forms = "s3://BUCKET/KEY with a key that ends in .jsonl, .csv, .jsonl.gz, .csv.gz, /manifest.json or a slash";
    return { problem: `A list of keys must be ${forms}, got ${location}.` };
  }
  try {
    if (MANIFEST.test(key)) return await manifest(s3, { bucket, key });
    return key.endsWith("/") ? await folder(s3, { bucket, key }) : await object(s3, { bucket, key });
  } catch (error) {
    const problem = problemOf(error, { bucket, key });
    if (problem === undefined) throw error;
    return { problem };
  }
}

/** The problems of a list for a table with these keys, a sentence each. */
export function columnProblems({ list }: KeyListFacts, keys: readonly KeyAttribute[]): string[] {
  if (list.form === "folder" || list.columns === undefined) return [];
  const { columns } = list;
  const lacking = keys.filter(({ name }) => !columns.includes(name));
  return lacking.map(({ name }) => `The list must have a column ${name}, got ${columns.join(", ")}.`);
}

async function folder(s3: S3Client, { bucket, key: prefix }: Place): Promise<DescribedKeys> {
  const objects = await listObjects(s3, bucket, prefix);
  if (objects.length === 0)
    return {
      problem: `There are no objects of JSON Lines (.jsonl, .json, perhaps with .gz) below s3://${bucket}/${prefix}.`,
    };
  const bytes = objects.reduce((sum, each) => sum + each.bytes, 0);
  return { bucket, bytes, list: { form: "folder", prefix, objects: objects.length, digest: digestOf(objects) } };
}

async function manifest(s3: S3Client, { bucket, key }: Place): Promise<DescribedKeys> {
  const where = `s3://${bucket}/${key}`;
  const found = await readManifest(s3, bucket, key);
  if (found === undefined) return { problem: `The manifest ${where} must be that of a list of failures.` };
  if (found.objects.length === 0) return { problem: `The list of failures ${where} is empty.` };
  const prefix = folderOf(found.objects);
  const objects = namedIn(found, await listObjects(s3, bucket, prefix));
  const lacking = found.objects.length - objects.length;
  if (lacking > 0) return { problem: `${lacking} of the objects that ${where} names no longer exist.` };
  const bytes = objects.reduce((sum, each) => sum + each.bytes, 0);
  const digest = digestOf(objects);
  return {
    ...{ bucket, bytes, keys: found.total },
    list: { form: "folder", prefix, objects: objects.length, digest, manifest: key },
  };
}

async function object(s3: S3Client, { bucket, key }: Place): Promise<DescribedKeys> {
  const { ETag = "", ContentLength: bytes = 0 } = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
  const gzip = key.endsWith(".gz");
  const plain: LineList = {
    ...({ form: "object", key, etag: ETag.replaceAll('"', ""), bytes, gzip } as const),
    from: { line: 0, byte: 0 },
  };
  if (!/\.csv(\.gz)?$/.test(key)) return { bucket, bytes, list: plain };
  const header = await headerOf(s3, bucket, plain);
  if ("problem" in header) return header;
  return { bucket, bytes, list: { ...plain, ...header } };
}

async function headerOf(
  s3: S3Client,
  bucket: string,
  { key, etag, gzip }: LineList,
): Promise<Required<Pick<LineList, "columns" | "from">> | { readonly problem: string }> {
  const file = new LineFile({ bucket, key, etag, gzip }, { s3, retry: (call) => call() });
  try {
    const line = await file.next();
    const columns = csvFields(line?.text.replace(/^\ufeff/, "") ?? "");
    if (columns === undefined || line === undefined || new Set(columns).size < columns.length) {
      return { problem: `The first line of s3://${bucket}/${key} must be CSV that names each column once.` };
    }
    return { columns, from: { line: 1, byte: line.position.byte + line.bytes } };
  } finally {
    file.close();
  }
}

function problemOf(error: unknown, { bucket, key }: Place): string | undefined {
  const where = `s3://${bucket}/${key}`;
  if (error instanceof SluiceError) return error.code === "OBJECT_DAMAGED" ? error.message : undefined;
  if (!(error instanceof S3ServiceException)) return undefined;
  if (error.name === "NoSuchBucket") return `There is no bucket ${bucket}.`;
  // The answer to a HEAD request has no body with further details.
  const status = error.$metadata.httpStatusCode;
  if (status === 404) return `There is no object ${where}.`;
  if (status === 403) return `The list ${where} may not be read, or isn't there.`;
  return status === 301 ? `Bucket ${bucket} is in another region.` : undefined;
}
