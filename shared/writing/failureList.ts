/**
 * The list of a job's failures in S3: `failures/<unit>/<number>.jsonl.gz` below the job's prefix, one failure per line, and at
 * the job's end `failures/manifest.json` with the totals.
 *
 * An object holds the failures between two checkpoints. Its number is the number of the unit's objects before it, so a page
 * that is repeated after a crash overwrites what its first attempt left. Only the checkpoint decides which objects count.
 */
import { gunzipSync, gzipSync } from "node:zlib";
import { dynamoJson } from "../aws/dynamoJson";
import type { Item } from "../aws/itemSize";
import { SluiceError } from "../errors";
import { padded } from "../results/padded";
import { putText } from "../results/putText";
import type { ResultsStore } from "../results/resultsStore";
import { putObject, readObject, removeObject } from "../results/storedObject";
import type { Refusal } from "./conditionalWrite";

export interface FailureRecord extends Refusal {
  /** Undefined: the line of the source names no item; see `line`. */
  readonly key?: Item;
  /** How often its write was sent. */
  readonly attempts: number;
  /** The item as it was last read, if the job keeps items. */
  readonly item?: Item;
  /** The line of the source that names no item, shortened. */
  readonly line?: string;
}

/** The code of items that others changed each time between reading and writing. They are on the list, but didn't fail. */
export const CONFLICT = "CONFLICT";

/** manifest.json. */
export interface FailureManifest {
  readonly job: string;
  /** Items on the list, in all and by code. */
  readonly total: number;
  readonly codes: Readonly<Record<string, number>>;
  /** Keys of the objects. */
  readonly objects: readonly string[];
}

/** @param prefix of the job, ending in `/`. */
export function failureKey(prefix: string, unit: number, number: number): string {
  return `${failurePrefix(prefix)}${padded(unit)}/${padded(number)}.jsonl.gz`;
}

export function failurePrefix(prefix: string): string {
  return `${prefix}failures/`;
}

export function failureManifestKey(prefix: string): string {
  return `${failurePrefix(prefix)}manifest.json`;
}

/** Resolves once the failures are durable. */
export async function putFailures(store: ResultsStore, key: string, failures: readonly FailureRecord[]): Promise<void> {
  const text = failures.map((failure) => `${failureLine(failure)}\n`).join("");
  await putObject(store, key, gzipSync(text), "application/gzip");
}

/** Removes objects that an attempt without a checkpoint may have left. */
export function removeFailures(store: ResultsStore, key: string): Promise<void> {
  return removeObject(store, key);
}

export async function putFailureManifest(
  store: ResultsStore,
  prefix: string,
  manifest: FailureManifest,
): Promise<string> {
  const key = failureManifestKey(prefix);
  await putText(store, key, [JSON.stringify(manifest)]);
  return key;
}

/** A failure as it is stored in the list: key and item are DynamoDB JSON. */
export interface ListedFailure extends Refusal {
  readonly key?: Readonly<Record<string, unknown>>;
  readonly attempts: number;
  readonly item?: Readonly<Record<string, unknown>>;
  readonly line?: string;
}

/** The objects of a unit that count, according to its result. */
export function failureKeysOf(prefix: string, unit: number, objects: number): string[] {
  return Array.from({ length: objects }, (_, number) => failureKey(prefix, unit, number));
}

/** Reads an object of the list. @throws SluiceError FAILURES_GONE: the object is missing, or is not such a list */
export async function readFailures(store: ResultsStore, key: string): Promise<ListedFailure[]> {
  const bytes = await readObject(store, key);
  try {
    if (bytes === undefined) throw new Error("it no longer exists");
    const lines = gunzipSync(bytes).toString().split("\n");
    return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as ListedFailure);
  } catch (cause) {
    const message = `Object s3://${store.bucket}/${key} of the list of failures cannot be read: ${(cause as Error).message}.`;
    throw new SluiceError("FAILURES_GONE", message, { value: key, cause });
  }
}

/** A failure as a line of JSON; key and item as DynamoDB JSON. */
export function failureLine({ key, code, reason, attempts, item, line }: FailureRecord): string {
  const parts = [
    ...(key === undefined ? [] : [`"key":${dynamoJson(key)}`]),
    `"code":${JSON.stringify(code)}`,
    `"reason":${JSON.stringify(reason)}`,
    `"attempts":${attempts}`,
    ...(item === undefined ? [] : [`"item":${dynamoJson(item)}`]),
    ...(line === undefined ? [] : [`"line":${JSON.stringify(line)}`]),
  ];
  return `{${parts.join(",")}}`;
}
