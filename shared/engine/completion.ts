/** The end of a job: once no unit is left, its result is put together and its end is published, once at least. */
import type { Clock } from "../clock";
import { describeError } from "../describeError";
import { isActive, isExhausted, type Job } from "../jobs/job";
import type { JobEnd, JobStore } from "../jobs/stores";

export interface Ending {
  /** Why the source is not the one that the job began with; undefined where it is. */
  sourceProblem(job: Job): Promise<string | undefined>;
  /** Puts the units' results together. Done again after a crash, so it must lead to the same. */
  summarize(job: Job): Promise<unknown>;
  /** Whether an error of `summarize` may pass; if not, the job fails. */
  isTransient(error: unknown): boolean;
  /** Publishes that the job has ended. May happen twice. */
  announce(job: Job): Promise<void>;
}

/**
 * Ends the job if its last unit has ended, and publishes its end unless that was done. Called before the turn of the last
 * unit is acknowledged, and again by every worker that receives a turn of an ended unit. This makes up for a crash in between.
 */
export async function completeJob(id: string, jobs: JobStore, ending: Ending, clock: Clock): Promise<void> {
  for (;;) {
    const job = await jobs.read(id);
    if (job === undefined) return;
    if (job.state === "completed" || job.state === "failed") {
      if (job.announced) return;
      await ending.announce(job);
      await jobs.announced(job);
      return;
    }
    if (!isActive(job) || !isExhausted(job)) return;
    await endJob(job, jobs, ending, clock);
  }
}

/** A job with failed units has no result yet: resuming it may still give the whole one. */
async function endJob(job: Job, jobs: JobStore, ending: Ending, clock: Clock): Promise<void> {
  const end = (how: JobEnd) => jobs.end(job, how, clock.now());
  if (job.unitsFailed > 0) {
    await end({ state: "failed" });
    return;
  }
  const changed = await ending.sourceProblem(job);
  if (changed !== undefined) {
    await end({ state: "failed", reason: changed });
    return;
  }
  try {
    await end({ state: "completed", result: await ending.summarize(job) });
  } catch (error) {
    // The store rejects a result for good if it is too large or JSON has no form for it.
    if (ending.isTransient(error)) throw error;
    await end({ state: "failed", reason: `The result could not be put together: ${describeError(error)}` });
  }
}
