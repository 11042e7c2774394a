/** The failures that a job lists, and those that it must list. */
import { gunzipSync } from "node:zlib";
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import type { WritingResult } from "../../shared/operations/changeItems";
import { flawOf, idOf } from "./items";
import { type JobName, mustFail } from "./jobs";

export interface Listed {
  /** Undefined: a line of the source, without a key. */
  readonly id: string | undefined;
  readonly code: string;
}

interface Manifest {
  readonly total: number;
  readonly objects: readonly string[];
}

/** All failures that the manifest leads to, and the other objects beside it. */
export async function readFailures(
  s3: S3Client,
  { failureManifest }: Pick<WritingResult, "failureManifest">,
): Promise<{ listed: Listed[]; total: number; strays: string[] }> {
  if (failureManifest === undefined) return { listed: [], total: 0, strays: [] };
  const { bucket, key } = failureManifest;
  const bytes = async (Key: string) =>
    (await s3.send(new GetObjectCommand({ Bucket: bucket, Key }))).Body!.transformToByteArray();
  const { total, objects } = JSON.parse(Buffer.from(await bytes(key)).toString()) as Manifest;
  const listed: Listed[] = [];
  for (const object of objects) {
    for (const line of gunzipSync(await bytes(object))
      .toString()
      .trimEnd()
      .split("\n")) {
      const { key: itemKey, code } = JSON.parse(line) as { key?: { id: { S: string } }; code: string };
      listed.push({ id: itemKey?.id.S, code });
    }
  }
  const there = await keysBelow(s3, bucket, key.replace(/manifest\.json$/, ""));
  return { listed, total, strays: there.filter((each) => each !== key && !objects.includes(each)) };
}

async function keysBelow(s3: S3Client, Bucket: string, Prefix: string): Promise<string[]> {
  const keys: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken }));
    keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return keys;
}

/** The failures that a job over this many items must list, without conflicts. */
export function failuresOf(job: JobName, items: number): Listed[] {
  return Array.from({ length: items }, (_, n) => n).flatMap((n) => {
    const flaw = flawOf(n);
    const code = flaw === undefined ? undefined : mustFail[job][flaw];
    return code === undefined ? [] : [{ id: idOf(n), code }];
  });
}

export interface ListDifferences {
  missing: string[];
  /** Listed more often than once. */
  repeated: string[];
  /** Listed, but they could be processed. */
  wrong: string[];
  conflicts: number;
}

/** Compares a list with what it must have. Pure. */
export function compareLists(listed: readonly Listed[], must: readonly Listed[]): ListDifferences {
  const text = ({ id, code }: Listed) => `${id} ${code}`;
  const failed = listed.filter(({ code }) => code !== "CONFLICT");
  const counts = new Map<string, number>();
  for (const each of failed) counts.set(text(each), (counts.get(text(each)) ?? 0) + 1);
  const wanted = new Set(must.map(text));
  return {
    missing: [...wanted].filter((each) => !counts.has(each)),
    repeated: [...counts].flatMap(([each, count]) => (count > 1 ? [each] : [])),
    wrong: [...counts.keys()].filter((each) => !wanted.has(each)),
    conflicts: listed.length - failed.length,
  };
}
