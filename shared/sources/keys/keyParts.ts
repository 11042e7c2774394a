/** How a list of keys is split into units. */
import { createHash } from "node:crypto";
import { paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import { Kept } from "../../aws/objects/kept";
import { SluiceError } from "../../errors";
import type { LinePart } from "../linePages";
import { namedIn, readManifest } from "./keyManifest";
import type { FolderList, KeyList, LineList } from "./spec";

/** An object of a list. */
export interface ListedObject {
  readonly key: string;
  /** The ETag, without quotes. */
  readonly etag: string;
  readonly bytes: number;
}

/** Bytes of a range of a plain list: about 50,000 keys. */
const RANGE_BYTES = 4 * 1024 * 1024;
/** Bytes of the gzip objects of a unit: also about 50,000 keys. */
const OBJECTS_BYTES = 512 * 1024;
const MOST_UNITS = 100_000;
/** Endings of JSON Lines files: Spark writes the shorter one. */
const LINES = /\.jsonl?(\.gz)?$/;
const MANIFEST = /(^|\/)manifest\.json$/;

/** The listings of the jobs that a process works on. */
const kept = new Kept<readonly ListedObject[]>(2);

/** @param bytes of all the list's objects. */
export function automaticUnits(list: KeyList, bytes: number): number {
  const units = (each: number, size: number) => Math.max(1, Math.min(MOST_UNITS, Math.ceil(size / each)));
  if (list.form === "folder") return Math.min(Math.max(1, list.objects), units(OBJECTS_BYTES, bytes));
  return list.gzip ? 1 : units(RANGE_BYTES, bytes - list.from.byte);
}

/** The parts of one unit of an object: a range of a plain one, all of a gzip one. Pure. */
export function objectParts(bucket: string, list: LineList, unit: number, units: number): LinePart[] {
  const { key, etag, gzip, bytes, from } = list;
  const object = { bucket, key, etag, gzip };
  if (gzip) return unit === 0 ? [{ object, from }] : [];
  const border = (number: number) => from.byte + Math.floor((number * (bytes - from.byte)) / units);
  const [begin, until] = [border(unit), border(unit + 1)];
  if (begin === until) return [];
  if (begin === from.byte) return [{ object, from, until }];
  // A line belongs to the range in which it begins. The byte before the border shows whether a line begins there.
  return [{ object, from: { line: 0, byte: begin - 1 }, midLine: true, until }];
}

/** The parts of one unit of a folder: some of its objects, in the order of their keys. Pure. */
export function folderParts(bucket: string, objects: readonly ListedObject[], unit: number, units: number): LinePart[] {
  const border = (number: number) => Math.floor((number * objects.length) / units);
  return objects.slice(border(unit), border(unit + 1)).map(({ key, etag }) => ({
    object: { bucket, key, etag, gzip: key.endsWith(".gz") },
  }));
}

/**
 * The objects of a folder; listed once by a process.
 * @throws SluiceError LIST_CHANGED if they aren't those that the job began with
 */
export async function objectsOf(s3: S3Client, bucket: string, list: FolderList): Promise<readonly ListedObject[]> {
  const name = JSON.stringify([bucket, list.prefix, list.digest]);
  return kept.get(s3, name, async () => {
    const objects = await countedObjects(s3, bucket, list);
    if (digestOf(objects) === list.digest) return objects;
    const message = `The objects below s3://${bucket}/${list.prefix} must be the ${list.objects} of the job's start, but they have changed.`;
    throw new SluiceError("LIST_CHANGED", message, { value: list.prefix });
  });
}

async function countedObjects(s3: S3Client, bucket: string, list: FolderList): Promise<readonly ListedObject[]> {
  const objects = await listObjects(s3, bucket, list.prefix);
  if (list.manifest === undefined) return objects;
  const manifest = await readManifest(s3, bucket, list.manifest);
  return manifest === undefined ? [] : namedIn(manifest, objects);
}

/** The objects of JSON Lines below a prefix. All in memory: some 200 bytes each. */
export async function listObjects(client: S3Client, Bucket: string, Prefix: string): Promise<ListedObject[]> {
  const objects: ListedObject[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix })) {
    for (const { Key: key = "", ETag = "", Size: bytes = 0 } of Contents) {
      if (LINES.test(key) && !MANIFEST.test(key)) objects.push({ key, etag: ETag.replaceAll('"', ""), bytes });
    }
  }
  return objects;
}

export function digestOf(objects: readonly ListedObject[]): string {
  const hash = createHash("sha256");
  for (const { key, etag } of objects) hash.update(`${key}\n${etag}\n`);
  return hash.digest("base64");
}
