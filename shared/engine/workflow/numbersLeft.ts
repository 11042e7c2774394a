/** Which numbers an execution works on, and in which order. */
import type { Clock } from "../../clock";
import type { EpochTask, Numbers } from "../../drivers/driver";
import { shuffledUnits } from "../../drivers/shuffle";
import { isActive, type Job } from "../../jobs/job";
import type { JobStore, UnitStore } from "../../jobs/stores";
import { standingOf } from "../tally";
import { jobOfTask } from "./taskJob";

export interface NumbersOptions {
  readonly jobs: Pick<JobStore, "read">;
  readonly units: Pick<UnitStore, "list">;
  readonly clock: Pick<Clock, "now">;
}

/**
 * The numbers of all units that are neither done nor given up in this epoch, including units that another worker holds. Their
 * order depends only on job and epoch, so that a repetition gives the same list for the same records.
 *
 * @returns `job`: the job, if it is active.
 * @throws SluiceError NO_SUCH_JOB
 */
export async function numbersLeft(
  task: EpochTask,
  { jobs, units, clock }: NumbersOptions,
): Promise<{ readonly answer: Numbers; readonly job?: Job }> {
  const job = await jobOfTask(task, jobs);
  if (job === undefined) return { answer: { state: "stale", numbers: [] } };
  if (!isActive(job)) return { answer: { state: "parked", numbers: [] } };
  const ended = new Set<number>();
  for (const unit of await units.list(job.id)) {
    const { is } = standingOf(unit, job, clock.now());
    if (is === "done" || is === "failed") ended.add(unit.number);
  }
  const order = shuffledUnits(job.units, `${job.id}-${job.epoch}`);
  return { answer: { state: "ready", numbers: order.filter((number) => !ended.has(number)) }, job };
}
