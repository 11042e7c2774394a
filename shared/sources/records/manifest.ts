/** The manifest of former values, as shared/writing/before/manifest.ts writes it. */
import { GetObjectCommand, type S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { replaced } from "../../aws/objects/objectBytes";
import { isPlainObject } from "../../json";

export interface RecordsManifest {
  readonly job: string;
  readonly table: string;
  readonly reads: boolean;
  readonly units: readonly { readonly unit: number; readonly objects: readonly string[] }[];
}

export interface RecordsFacts {
  readonly bucket: string;
  readonly manifest: string;
  readonly etag: string;
  readonly table: string;
  /** True if items have to be read before they are undone. */
  readonly reads: boolean;
  /** Units that have objects. */
  readonly units: number;
}

/** The facts, or why there are none, as a sentence. */
export type DescribedRecords = RecordsFacts | { readonly problem: string };

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const LOCATION = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+\/manifest\.json)$/;

/** Reads `s3://BUCKET/…/before/manifest.json`. @throws errors that show nothing about the records, such as a time-out */
export async function describeRecords(s3: S3Client, location: string): Promise<DescribedRecords> {
  const [, bucket, manifest] = LOCATION.exec(location) ?? [];
  if (bucket === undefined || manifest === undefined) {
    return { problem: `Former values must be s3://BUCKET/…/before/manifest.json, got ${location}.` };
  }
  try {
    const { read, etag } = await readManifest(s3, bucket, manifest);
    if (read === undefined) return { problem: `${location} must be a manifest of former values.` };
    return { bucket, manifest, etag, table: read.table, reads: read.reads, units: read.units.length };
  } catch (error) {
    const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
    if (status === 404) return { problem: `There are no former values at ${location}.` };
    if (status === 403) return { problem: `The former values at ${location} may not be read.` };
    throw error;
  }
}

/** `read` undefined: it is not such a manifest. @param etag that it must have. @throws SluiceError OBJECT_REPLACED */
export async function readManifest(
  s3: S3Client,
  bucket: string,
  key: string,
  etag?: string,
): Promise<{ readonly read: RecordsManifest | undefined; readonly etag: string }> {
  const { Body, ETag = "" } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const found = ETag.replaceAll('"', "");
  if (etag !== undefined && found !== etag) throw replaced({ bucket, key, etag });
  const read = jsonIn((await Body?.transformToString()) ?? "");
  return { read: isManifest(read) ? read : undefined, etag: found };
}

/** It uses no schema library, because workers read manifests too, and their bundle has none. */
function isManifest(given: unknown): given is RecordsManifest {
  if (!isPlainObject(given) || !Array.isArray(given.units)) return false;
  const { job, table, reads, units } = given;
  const isSound = typeof job === "string" && typeof table === "string" && typeof reads === "boolean";
  return isSound && units.every(isUnit);
}

function isUnit(given: unknown): boolean {
  if (!isPlainObject(given) || typeof given.unit !== "number" || !Array.isArray(given.objects)) return false;
  return given.objects.every((each) => typeof each === "string");
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
