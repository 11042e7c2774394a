import { createHash } from "node:crypto";

/**
 * The id of the job that an execution's start request makes, if the request has no id: the execution's name, or a text derived from
 * it. Names of executions may be longer than ids of jobs, and have other characters.
 */
export function jobIdOf(execution: string): string {
  const name = execution.slice(execution.lastIndexOf(":") + 1);
  return /^[\w-]{1,64}$/.test(name) ? name : createHash("sha256").update(name).digest("hex").slice(0, 32);
}
