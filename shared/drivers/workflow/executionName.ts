import type { EpochTask } from "../driver";

/** The name of an epoch's execution. At most 64 characters of the id and the digits of an epoch: below Step Functions' 80. */
export function executionName({ job, epoch }: EpochTask): string {
  return `${job}-${epoch}`;
}

/**
 * The execution's name if an earlier job of the same id had an execution of that name.
 * @param createdAt of the job, milliseconds since the epoch.
 */
export function laterName(task: EpochTask, createdAt: number): string {
  return `${executionName(task)}-${createdAt.toString(36)}`;
}
