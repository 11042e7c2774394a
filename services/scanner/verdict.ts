/** Tells an error that hits every unit of a job alike from one that another unit, or another attempt, may be spared. */
import type { Job } from "../../shared/jobs/job";
import { sourceReader } from "../../shared/sources/readers";

/** Errors of the services that keep results, by name: no unit can get past these. */
const RESULTS_GONE: Readonly<Record<string, string>> = {
  NoSuchBucket: "The bucket for results is not there any more",
  AccessDenied: "The bucket for results may not be used",
};

/** Why the job as a whole cannot go on; undefined where it may. */
export function verdictOf(error: unknown, job: Job): string | undefined {
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  if (code === "NO_SUCH_OPERATION") return message;
  const results = name === undefined ? undefined : RESULTS_GONE[name];
  if (results !== undefined) return `${results}: ${message}`;
  return sourceReader(job.source).verdict(error, job.source);
}
