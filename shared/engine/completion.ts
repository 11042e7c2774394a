/** The end of a job: once no unit is left, a worker computes the result and publishes the end, at least once. */
import type { Clock } from "../clock";
import { describeError } from "../describeError";
import { isActive, type Job } from "../jobs/job";
import type { JobEnd, JobStore, UnitStore } from "../jobs/stores";
import { hasEnded, type Tally, tallyOf } from "./tally";

export interface Ending {
  /** Why the tables are not those that the job began with; undefined if they are. */
  tablesProblem(job: Job): Promise<string | undefined>;
  /** Combines the units' results. It is repeated after a crash, so it must be idempotent. */
  summarize(job: Job): Promise<unknown>;
  /** Whether an error of `summarize` is transient; if not, the job fails. */
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

/** The time that a worker needs to publish a job's end, milliseconds. */
const PUBLISHING_MS = 1_000;

/**
 * Ends the job if all its units have ended, and publishes its end unless that was done. Called before the last chain's
 * message is deleted, and again by every worker that receives a message of a job that has ended. So a crash in between
 * does no harm. If several workers find at the same time that all units have ended, one of them ends the job. The
 * others give it a moment to publish that.
 */
export async function completeJob(id: string, options: CompletionOptions): Promise<void> {
  const { jobs, units, clock } = options;
  for (let lost = false; ; ) {
    const job = await jobs.read(id);
    if (job === undefined) return;
    if (job.state === "completed" || job.state === "failed") {
      if (job.announced) return;
      if (!lost) return publish(job, options);
      await clock.sleep(PUBLISHING_MS);
      lost = false;
      continue;
    }
    if (!isActive(job)) return;
    const tally = tallyOf(await units.list(id), job, clock.now());
    if (!hasEnded(tally, job)) return;
    lost = !(await endJob(job, tally, options));
  }
}

async function publish(job: Job, { jobs, ending }: CompletionOptions): Promise<void> {
  await ending.announce(job);
  await jobs.announced(job);
}

/**
 * A job with failed units has no result yet: resuming it may still give the whole one.
 * @returns false if somebody else has changed the job.
 */
async function endJob(job: Job, { done, failed }: Tally, { jobs, ending, clock }: CompletionOptions): Promise<boolean> {
  const end = (how: Omit<JobEnd, "unitsDone" | "unitsFailed">) =>
    jobs.end(job, { ...how, unitsDone: done, unitsFailed: failed }, clock.now());
  if (failed > 0) return end({ state: "failed" });
  const changed = await ending.tablesProblem(job);
  if (changed !== undefined) return end({ state: "failed", reason: changed });
  try {
    return await end({ state: "completed", result: await ending.summarize(job) });
  } catch (error) {
    // The store rejects a result for good if it is too large or JSON has no form for it.
    if (ending.isTransient(error)) throw error;
    return end({ state: "failed", reason: `The results could not be combined: ${describeError(error)}` });
  }
}
