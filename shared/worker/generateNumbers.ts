/** Which numbers an execution works on, and how many at once. */
import { firstChains } from "../capacity/metering/workerSpeed";
import type { EpochTask, Numbers } from "../drivers/driver";
import { type NumbersOptions, numbersLeft } from "../engine/workflow/numbersLeft";
import type { Job } from "../jobs/job";
import { lowestRate } from "../jobs/limits";

export interface GenerateOptions extends NumbersOptions {
  /** Most workers at once, 1 or more. */
  readonly mostWorkers: number;
}

export interface Generated extends Numbers {
  /**
   * Numbers to work on at once, 1 or more: as many as the job's rate feeds, and no more than there are. A Map takes 0 for no
   * bound.
   */
  readonly concurrency: number;
  /** The job, if it is active. */
  readonly job?: Job;
}

/** @throws SluiceError NO_SUCH_JOB, or what a store failed with. */
export async function generateNumbers(task: EpochTask, options: GenerateOptions): Promise<Generated> {
  const { answer, job } = await numbersLeft(task, options);
  const concurrency = job === undefined ? 1 : firstChains(lowestRate(job), answer.numbers.length, options.mostWorkers);
  return { ...answer, concurrency, ...(job && { job }) };
}
