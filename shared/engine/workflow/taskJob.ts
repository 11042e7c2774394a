import type { EpochTask } from "../../drivers/driver";
import { SluiceError } from "../../errors";
import type { Job } from "../../jobs/job";
import type { JobStore } from "../../jobs/stores";

/**
 * The job of a task, consistently read. Undefined: it was resumed since, so the task is stale.
 * @throws SluiceError NO_SUCH_JOB if there is no such job, or if it never had this epoch because it was deleted and started
 *   again.
 */
export async function jobOfTask({ job: id, epoch }: EpochTask, jobs: Pick<JobStore, "read">): Promise<Job | undefined> {
  const job = await jobs.read(id);
  if (job !== undefined && job.epoch >= epoch) return job.epoch === epoch ? job : undefined;
  throw new SluiceError("NO_SUCH_JOB", `There is no job ${id} with epoch ${epoch}.`, { value: id });
}
