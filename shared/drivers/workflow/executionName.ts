import type { EpochTask } from "../driver";

/** The name of an epoch's execution. At most 64 characters of the id and the digits of an epoch: below Step Functions' 80. */
export function executionName({ job, epoch }: EpochTask): string {
  return `${job}-${epoch}`;
}
