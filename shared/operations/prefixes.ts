/** The prefixes of a job's objects in the results bucket. */
import type { FinishedJob } from "./operation";
import { ownPrefix } from "./ownPrefix";
import { operationNamed } from "./registry";

/** Key prefixes of all objects that a job has put into the results bucket. An operation of the user's has the default. */
export function prefixesOf(operation: string, job: Pick<FinishedJob, "id" | "params">): string[] {
  return operationNamed(operation)?.prefixes?.(job) ?? [ownPrefix(operation, job.id)];
}
