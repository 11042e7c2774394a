/** The end of a job: once no unit is left, it puts the result together and publishes the end at least once. */
import type { Clock } from "../clock";
import { describeError } from "../describeError";
import { isActive, type Job } from "../jobs/job";
import type { JobEnd, JobStore, UnitStore } from "../jobs/stores";
import { hasEnded, type Tally, tallyOf } from "./tally";

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

export interface CompletionOptions {
  readonly jobs: JobStore;
  readonly units: Pick<UnitStore, "list">;
  readonly ending: Ending;
  readonly clock: Clock;
}

/**
 * Ends the job if all its units have ended, and publishes its end unless that was done. Called before the last chain's message is
 * deleted, and again by every worker that receives a message of a job that has ended. This makes up for a crash in between.
 */
export async function completeJob(id: string, options: CompletionOptions): Promise<void> {
  const { jobs, units, ending, clock } = options;
  for (;;) {
    const job = await jobs.read(id);
    if (job === undefined) return;
    if (job.state === "completed" || job.state === "failed") {
      if (job.announced) return;
      await ending.announce(job);
      await jobs.announced(job);
      return;
    }
    if (!isActive(job)) return;
    const tally = tallyOf(await units.list(id), job, clock.now());
    if (!hasEnded(tally, job)) return;
    await endJob(job, tally, options);
  }
}

/** A job with failed units has no result yet: resuming it may still give the whole one. */
async function endJob(job: Job, { done, failed }: Tally, { jobs, ending, clock }: CompletionOptions): Promise<void> {
  const end = (how: Omit<JobEnd, "unitsDone" | "unitsFailed">) =>
    jobs.end(job, { ...how, unitsDone: done, unitsFailed: failed }, clock.now());
  if (failed > 0) {
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
