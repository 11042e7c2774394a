/** The end of a job: once no unit is left, its result is put together and told, once at least. */
import type { Clock } from "../clock";
import { isActive, isExhausted, type Job } from "./job";
import type { JobEnd, JobStore } from "./stores";

export interface Ending {
  /** Puts the units' results together. Done again after a crash, so it must lead to the same. */
  summarize(job: Job): Promise<unknown>;
  /** Whether what `summarize` failed for may pass; if not, the job fails. */
  isTransient(error: unknown): boolean;
  /** Tells that the job has ended. May be told twice. */
  announce(job: Job): Promise<void>;
}

/**
 * Ends the job if its last unit has ended, and tells so unless that was told. Called before the message of the last unit
 * is deleted, and again by whoever meets a message of an ended unit, so that a crash in between is made good.
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
    await jobs.end(job, await endOf(job, ending), clock.now());
  }
}

/** A job with failed units has no result yet: resuming it may still give the whole one. */
async function endOf(job: Job, ending: Ending): Promise<JobEnd> {
  if (job.unitsFailed > 0) return { state: "failed" };
  try {
    return { state: "completed", result: await ending.summarize(job) };
  } catch (error) {
    if (ending.isTransient(error)) throw error;
    const { name, message } = error as Error;
    return { state: "failed", reason: `The result could not be put together: ${name}: ${message}` };
  }
}
