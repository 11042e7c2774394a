/** Where the objects of a job lie in the results bucket. */
import type { FinishedJob } from "./operation";
import { operationNamed } from "./registry";

/** The prefix below which a job's operation may write: `Tools.prefix`. */
export function ownPrefix(operation: string, job: string): string {
  return `${operation}/${job}/`;
}

/** Key prefixes of all objects that a job has put into the results bucket. An operation of the user's has the default. */
export function prefixesOf(operation: string, job: Pick<FinishedJob, "id" | "params">): string[] {
  return operationNamed(operation)?.prefixes?.(job) ?? [ownPrefix(operation, job.id)];
}
