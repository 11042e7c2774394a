/**
 * Hands the chains of a job to its driver, or begins its epoch there. After a kill at any point, another invocation repeats the
 * whole dispatch.
 *
 *   watch message ─► dispatch ─► running
 *        └─ finds the job still starting: dispatches again
 *
 * Invariant: while a job is `starting`, the start queue holds a message that dispatches its chains. Dispatching a chain twice
 * does no harm; an epoch begins only once.
 */
import type { Usage } from "../../shared/cost/usage";
import type { Driver, EpochDriver } from "../../shared/drivers/driver";
import { firstTurn } from "../../shared/engine/turns";
import type { JobControl } from "../../shared/jobs/control";
import type { Job } from "../../shared/jobs/job";

/**
 * @param used the start function's usage so far, called once all chains are dispatched. Default: usage isn't recorded.
 * @returns the job as it is afterwards.
 * @throws SluiceError NO_ROOM: nothing was begun, and the job is still `starting`.
 */
export async function dispatchChains(
  job: Job,
  control: Pick<JobControl, "started" | "read">,
  driver: Driver | EpochDriver,
  used?: () => Usage,
): Promise<Job> {
  const execution = await handOver(job, driver);
  if (!(await control.started(job, used?.(), execution))) return control.read(job.id);
  return { ...job, state: "running", ...(execution !== undefined && { execution }) };
}

/** @returns an identifier of what works on the epoch, if the driver has one. */
async function handOver(job: Job, driver: Driver | EpochDriver): Promise<string | undefined> {
  const { id, epoch, chains } = job;
  if ("begin" in driver) return driver.begin({ job: id, epoch }, job);
  const turn = firstTurn(epoch);
  await driver.dispatch(Array.from({ length: chains }, (_, chain) => ({ job: id, chain, turn })));
  return undefined;
}
