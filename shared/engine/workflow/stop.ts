/** Stops a job for a reason outside its units: its state machine can't continue. The job can be resumed. */
import type { BadEnd, Stopped } from "../../drivers/driver";
import { isActive } from "../../jobs/job";
import { type CompletionOptions, completeJob } from "../completion";

/**
 * Ends the job as failed if it is active, and publishes its end. Called again, it publishes the end if that wasn't done.
 */
export async function stopJob({ candidates, concerns, reason }: BadEnd, options: CompletionOptions): Promise<Stopped> {
  const { jobs, clock } = options;
  for (const id of candidates) {
    const job = await jobs.read(id);
    if (job === undefined || !concerns(job)) continue;
    const stopped = isActive(job) && (await jobs.stop(job, reason, clock.now()));
    await completeJob(id, options);
    return { state: stopped ? "stopped" : "over" };
  }
  return { state: "over" };
}
