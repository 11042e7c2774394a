/** Which numbers an execution works on, in which batches, and how many batches at once. */
import { firstChains, numbersPerBatch } from "../capacity/metering/workerSpeed";
import type { EpochTask, Numbers } from "../drivers/driver";
import { type NumbersOptions, numbersLeft } from "../engine/workflow/numbersLeft";
import type { Job } from "../jobs/job";
import { lowestRate } from "../jobs/limits";
import { expectedWork } from "./expectedWork";

export interface GenerateOptions extends NumbersOptions {
  /** Most workers at once, 1 or more. */
  readonly mostWorkers: number;
}

export interface Generated {
  readonly state: Numbers["state"];
  /** All numbers that are left, in batches for one lane each. */
  readonly batches: readonly (readonly number[])[];
  /**
   * Batches to work on at once, 1 or more: as many as the job's rate feeds, but no more than there are batches. For a Map, 0
   * would mean no bound.
   */
  readonly concurrency: number;
  /** The job, if it is active. */
  readonly job?: Job;
}

/** @throws SluiceError NO_SUCH_JOB, or what a store failed with. */
export async function generateNumbers(task: EpochTask, options: GenerateOptions): Promise<Generated> {
  const { answer, job } = await numbersLeft(task, options);
  const { state, numbers } = answer;
  if (job === undefined || numbers.length === 0) return { state, batches: [], concurrency: 1, ...(job && { job }) };
  const lanes = firstChains(lowestRate(job), numbers.length, options.mostWorkers);
  const { seconds } = expectedWork(job);
  const size = numbersPerBatch({ count: numbers.length, lanes, seconds, units: job.units });
  return { state, batches: batchesOf(numbers, size), concurrency: lanes, job };
}

function batchesOf(numbers: readonly number[], size: number): number[][] {
  const count = Math.ceil(numbers.length / size);
  return Array.from({ length: count }, (_, batch) => numbers.slice(batch * size, (batch + 1) * size));
}
