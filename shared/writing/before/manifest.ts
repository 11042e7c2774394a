/**
 * The list of the objects with former values: `before/manifest.json` below the job's prefix. It is written when a job completes.
 * For a job that stopped early, or is paused, it is written when somebody undoes the job.
 */
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { putText } from "../../results/putText";
import type { ResultsStore } from "../../results/resultsStore";
import { beforeName, beforePrefix } from "./journal";

/** manifest.json. shared/sources/records reads it. */
export interface BeforeManifest {
  readonly job: string;
  /** Name of the table that the job changed. */
  readonly table: string;
  /** True if items have to be read before they are undone. */
  readonly reads: boolean;
  /** Units that have objects. Their names are below the manifest's folder, the newest first: undo in this order. */
  readonly units: readonly UnitObjects[];
}

export interface UnitObjects {
  readonly unit: number;
  readonly objects: readonly string[];
}

export function beforeManifestKey(prefix: string): string {
  return `${beforePrefix(prefix)}manifest.json`;
}

/** @param prefix of the job. @returns the manifest's key */
export async function putBeforeManifest(
  store: ResultsStore,
  prefix: string,
  manifest: BeforeManifest,
): Promise<string> {
  const key = beforeManifestKey(prefix);
  await putText(store, key, [JSON.stringify(manifest)]);
  return key;
}

/** The objects of a unit, by their number. */
export function objectsOfUnit(unit: number, count: number): UnitObjects {
  return { unit, objects: Array.from({ length: count }, (_, n) => beforeName(unit, count - 1 - n)) };
}

/** The objects below a job's prefix, independent of the units' checkpoints. */
export async function listUnitObjects(store: ResultsStore, prefix: string): Promise<UnitObjects[]> {
  const counts = new Map<number, number>();
  for await (const name of namesBelow(store, beforePrefix(prefix))) {
    const [, unit, number] = /^(\d+)\/(\d+)\.jsonl\.gz$/.exec(name) ?? [];
    // Objects of a unit are numbered without gaps.
    if (unit !== undefined) counts.set(Number(unit), Math.max(counts.get(Number(unit)) ?? 0, Number(number) + 1));
  }
  return [...counts].map(([unit, count]) => objectsOfUnit(unit, count));
}

async function* namesBelow({ s3, bucket, retry, signal }: ResultsStore, Prefix: string): AsyncGenerator<string> {
  let ContinuationToken: string | undefined;
  do {
    const list = new ListObjectsV2Command({ Bucket: bucket, Prefix, ContinuationToken });
    const { Contents = [], NextContinuationToken } = await retry(() => s3.send(list, { abortSignal: signal }));
    for (const { Key = "" } of Contents) yield Key.slice(Prefix.length);
    ContinuationToken = NextContinuationToken;
  } while (ContinuationToken !== undefined);
}
