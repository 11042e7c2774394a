/** Stops a job for a reason outside its units: its state machine can't continue. The job can be resumed. */
import type { BadEnd, Stopped } from "../../drivers/driver";
import { isActive, type Job } from "../../jobs/job";
import type { UnitStore } from "../../jobs/stores";
import { type CompletionOptions, completeJob } from "../completion";

export interface StopOptions extends CompletionOptions {
  readonly units: Pick<UnitStore, "list" | "read">;
}

/** The lease of a killed worker may have ended this long ago: its lane retries for a while, milliseconds. */
const RETRIES_MS = 60_000;

/**
 * Ends the job as failed if it is active, and publishes its end. Called again, it publishes the end if that wasn't done.
 *
 * A lane whose workers were killed only ends. If they got as far as a unit, the unit counts its attempts, and is given up after too
 * many without progress. If they didn't, nothing would ever count them, so the job is stopped.
 */
export async function stopJob(end: BadEnd, options: StopOptions): Promise<Stopped> {
  const { candidates, concerns, reason } = end;
  const { jobs, clock } = options;
  for (const id of candidates) {
    const job = await jobs.read(id);
    if (job === undefined || !concerns(job)) continue;
    if (isActive(job) && (await wereAtWork(job, end, options))) return { state: "left" };
    const stopped = isActive(job) && (await jobs.stop(job, reason, clock.now()));
    await completeJob(id, options);
    return { state: stopped ? "stopped" : "over" };
  }
  return { state: "over" };
}

async function wereAtWork(job: Job, { killedAt = [] }: BadEnd, { units, clock }: StopOptions): Promise<boolean> {
  for (const number of killedAt) {
    const { owner, leaseUntil = 0 } = (await units.read(job.id, number)) ?? {};
    if (owner !== undefined && leaseUntil >= clock.now() - RETRIES_MS) return true;
  }
  return false;
}
