/** Distinguishes an error that hits every unit of a job from one that another unit, or another attempt, may not meet. */
import type { Job } from "../jobs/job";
import type { OperationSet } from "../operations/operation";
import { sourceReader } from "../sources/readers";
import { targetVerdict } from "../tables/targetProblem";

/** Errors of the services that keep results, by name: no unit of an operation of Sluice's own can get past these. */
const RESULTS_GONE: Readonly<Record<string, string>> = {
  NoSuchBucket: "The bucket for results is not there any more",
  AccessDenied: "The bucket for results may not be used",
};

/** Codes of errors that every unit would meet: the function lacks the operation, or a user's update is wrong. */
const FOR_GOOD = new Set(["NO_SUCH_OPERATION", "UPDATE_NOT_IDEMPOTENT", "UPDATE_READS_UNDECLARED", "KEY_MISSING"]);

/**
 * Why the job as a whole cannot go on; undefined where it may. An operation that a user wrote may call any table and any
 * bucket, so an error that such an operation met need not concern the job's own table and bucket.
 *
 * @param fromSource whether reading or describing the job's source failed with it.
 */
export function verdictOf(
  error: unknown,
  job: Job,
  fromSource: boolean,
  { own }: Pick<OperationSet, "own">,
): string | undefined {
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  if (code !== undefined && FOR_GOOD.has(code)) return message;
  if (fromSource) return sourceReader(job.source).verdict(error, job.source);
  // What changes a table calls no other.
  const targetGone = job.target && targetVerdict(error, job.target);
  if (targetGone !== undefined) return targetGone;
  if (name === undefined || !Object.hasOwn(RESULTS_GONE, name)) return undefined;
  return Object.hasOwn(own, job.operation.name) ? `${RESULTS_GONE[name]}: ${message}` : undefined;
}
