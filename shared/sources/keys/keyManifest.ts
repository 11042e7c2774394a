/**
 * The manifest of a list of failures: it names the objects that count. Other objects beside them, which attempts without a
 * checkpoint have left, don't count.
 */
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { isPlainObject } from "../../json";

export interface KeyManifest {
  /** Keys on the list. */
  readonly total: number;
  /** Keys of the objects, all in the manifest's bucket. */
  readonly objects: readonly string[];
}

/** Undefined: it is not such a manifest. @throws S3's errors, such as NoSuchKey */
export async function readManifest(s3: S3Client, bucket: string, key: string): Promise<KeyManifest | undefined> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return keyManifest((await Body?.transformToString()) ?? "");
}

/** Pure. */
export function keyManifest(text: string): KeyManifest | undefined {
  try {
    const given: unknown = JSON.parse(text);
    if (!isPlainObject(given)) return undefined;
    const { total, objects } = given;
    const isList = Array.isArray(objects) && objects.every((each) => typeof each === "string");
    return typeof total === "number" && isList ? { total, objects } : undefined;
  } catch {
    return undefined;
  }
}

/** The objects that the manifest names. Pure. */
export function namedIn<Listed extends { readonly key: string }>(
  { objects }: KeyManifest,
  listed: readonly Listed[],
): Listed[] {
  const named = new Set(objects);
  return listed.filter(({ key }) => named.has(key));
}

/** The longest prefix of all keys that ends in a slash. Pure. */
export function folderOf([first = "", ...others]: readonly string[]): string {
  let prefix = first;
  for (const key of others) while (!key.startsWith(prefix)) prefix = prefix.slice(0, -1);
  return prefix.slice(0, prefix.lastIndexOf("/") + 1);
}
