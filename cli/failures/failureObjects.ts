/** A job's list of failures, by its units' results. */
import { SluiceError } from "../../shared/errors";
import type { Job } from "../../shared/jobs/job";
import { readUnits } from "../../shared/jobs/storage/reading";
import { ownPrefix } from "../../shared/operations/ownPrefix";
import { failureKeysOf } from "../../shared/writing/failureList";
import { addCounts, writtenIn } from "../../shared/writing/written";
import type { Operator } from "../operator";

export interface FailureObjects {
  /** Items on the list by code, and in all. */
  readonly codes: Readonly<Record<string, number>>;
  readonly total: number;
  /** Keys of the objects in the results bucket, in the order of the units. */
  readonly objects: readonly string[];
}

/** Reads all units' results. @throws SluiceError NO_FAILURE_LIST if the job changes no table */
export async function failureObjects({ dynamodb, jobsTable }: Operator, job: Job): Promise<FailureObjects> {
  if (job.target === undefined) {
    const message = `Job ${job.id} changes no table, so it has no list of failures.`;
    throw new SluiceError("NO_FAILURE_LIST", message, { value: job.id });
  }
  const prefix = ownPrefix(job.operation.name, job.id);
  const objects: string[] = [];
  let codes: Record<string, number> = {};
  for await (const { number, result } of readUnits(dynamodb, jobsTable, job.id, { ConsistentRead: true })) {
    const written = writtenIn(result);
    if (written === undefined) continue;
    objects.push(...failureKeysOf(prefix, number, written.failureObjects));
    codes = addCounts(codes, written.failures);
  }
  const total = Object.values(codes).reduce((sum, count) => sum + count, 0);
  return { codes, total, objects };
}
