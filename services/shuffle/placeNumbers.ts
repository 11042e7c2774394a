/** Stores the numbers of an epoch for the state machine: in its state, or as a list in S3. */
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { EpochTask } from "../../shared/drivers/driver";
import { numbersKey } from "../../shared/jobs/numbersList";
import { isWriting } from "../../shared/operations/registry";
import { variable } from "../../shared/runtime/environment";
import { expectedWork } from "../../shared/worker/expectedWork";
import type { Generated } from "../../shared/worker/generateNumbers";
import { ROUND_SECONDS } from "./limits";
import { expectedTurns, type MapPlan, planMap } from "./planMap";

/** The environment of the function, besides that of `numberGenerator`. */
export const placeVariables = { RESULTS_BUCKET: variable.text, WORKER_TIMEOUT_SECONDS: variable.number };

export interface PlaceOptions {
  readonly s3: S3Client;
  /** Bucket of the lists. */
  readonly bucket: string;
  /** Time-out of a worker function, seconds. */
  readonly timeoutSeconds: number;
  /** Repeats a call for as long as it fails for a transient reason and time remains. */
  readonly retry: <T>(call: () => Promise<T>) => Promise<T>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** An item of the Map: numbers for one lane. */
export interface Batch {
  readonly numbers: readonly number[];
}

/** The answer of GenerateShuffledNumbers. */
export interface Placed extends EpochTask, MapPlan {
  /** The function that works on the numbers. */
  readonly worker: "reading" | "writing";
  /** The end of all lanes' waits; a timestamp. */
  readonly until: string;
  /** Inline only. */
  readonly batches?: readonly Batch[];
  /** Distributed only. */
  readonly list?: { readonly bucket: string; readonly key: string };
}

export async function placeNumbers(
  { batches: given, concurrency, job }: Generated,
  { job: id, epoch }: EpochTask,
  { s3, bucket, timeoutSeconds, retry, now }: PlaceOptions,
): Promise<Placed> {
  const batches = given.map((numbers): Batch => ({ numbers }));
  const count = given.reduce((sum, { length }) => sum + length, 0);
  const list = JSON.stringify(batches);
  const turns =
    job === undefined
      ? 1
      : expectedTurns({
          ...expectedWork(job),
          batches: (job.units * given.length) / count,
          lanes: concurrency,
          timeoutSeconds,
        });
  const plan = planMap({ count: given.length, bytes: list.length, feeds: concurrency, turns });
  const common: Placed = {
    ...{ job: id, epoch, ...plan },
    worker: job !== undefined && isWriting(job.work.operation) ? "writing" : "reading",
    until: new Date(now() + 1_000 * ROUND_SECONDS).toISOString(),
  };
  if (plan.mode === "inline") return { ...common, batches };
  if (plan.mode === "none") return common;
  const key = numbersKey({ job: id, epoch });
  const object = { Bucket: bucket, Key: key, Body: list, ContentType: "application/json" };
  await retry(() => s3.send(new PutObjectCommand(object)));
  return { ...common, list: { bucket, key } };
}
