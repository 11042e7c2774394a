/** What operators' commands need from a job's driver, of any kind. */
import type { SFNClient } from "@aws-sdk/client-sfn";
import { firstChains } from "../capacity/metering/workerSpeed";
import { isActive, type JobHead } from "../jobs/job";
import { lowestRate } from "../jobs/limits";
import { setMapConcurrency } from "./workflow/mapConcurrency";

export interface FollowRateOptions {
  readonly sfn: Pick<SFNClient, "send">;
  /** Most units that a job of the workflow driver works on at once. */
  readonly mostLanes: number;
}

/**
 * Lets the driver follow a change of the job's rate: it works on as many units at once as the rate feeds. The queue driver's
 * workers do that by themselves, from what they measure (shared/engine/crew.ts).
 *
 * @throws the AWS SDK's error if a call fails. The ledger has the new rate nevertheless.
 */
export async function followRate(job: JobHead, { sfn, mostLanes }: FollowRateOptions): Promise<void> {
  if (job.driver !== "workflow" || job.execution === undefined || !isActive(job)) return;
  await setMapConcurrency(sfn, job.execution, firstChains(lowestRate(job), job.units, mostLanes));
}
