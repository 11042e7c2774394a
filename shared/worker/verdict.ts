/** Distinguishes an error that hits every unit of a job from one that another unit, or another attempt, may not meet. */
import type { Job } from "../jobs/job";
import type { OperationSet } from "../operations/operation";
import { sourceReader } from "../sources/readers";
import { targetVerdict } from "../tables/targetProblem";

/** Errors of the services that keep results, by name: with a built-in operation, no unit can get past these. */
const RESULTS_GONE: Readonly<Record<string, string>> = {
  NoSuchBucket: "The bucket for results no longer exists",
  AccessDenied: "The bucket for results may not be used",
};

/** Codes of errors that every unit would meet: the function lacks the operation, or a user's update is wrong. */
const FOR_GOOD = new Set(["NO_SUCH_OPERATION", "UPDATE_NOT_IDEMPOTENT", "UPDATE_READS_UNDECLARED", "KEY_MISSING"]);

/**
 * Why the job as a whole cannot go on; undefined if it may. A user's operation may call any table and any bucket, so its
 * errors need not concern the job's own table and bucket.
 *
 * @param fromSource whether the error comes from reading or describing the job's source.
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
  // An operation that changes a table calls no other table.
  const targetGone = job.target && targetVerdict(error, job.target);
  if (targetGone !== undefined) return targetGone;
  if (name === undefined || !Object.hasOwn(RESULTS_GONE, name)) return undefined;
  return Object.hasOwn(own, job.operation.name) ? `${RESULTS_GONE[name]}: ${message}` : undefined;
}
