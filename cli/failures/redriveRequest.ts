/** The request for a job over another job's failures. Pure. */
import { SluiceError } from "../../shared/errors";
import { isActive, type Job } from "../../shared/jobs/job";
import { givenRate, limitOf } from "../../shared/jobs/limits";
import type { StartRequest } from "../../shared/jobs/startRequest";
import { givenAs } from "../start/cloneRequest";

/** The options that the operator may change. */
export type Changes = Pick<StartRequest, "readRate" | "writeRate" | "limitGroup" | "maxFailures" | "jobId">;

/**
 * The same operation with the same params and driver, at the same write rate unless another one is given.
 *
 * @param list place of the list of failures, `keys:s3://…`.
 */
export function redriveRequest<Given extends Changes>(job: Job, list: string, changes: Given): StartRequest & Given {
  const { name, params } = job.operation;
  const write = limitOf(job, "write");
  return {
    operation: name,
    table: job.work.table,
    source: list,
    ...(job.driver && { driver: job.driver }),
    ...(write === undefined ? {} : { writeRate: givenRate(write) }),
    ...givenAs(name, params),
    // Items that the first job has marked are done.
    ...(name === "update" ? { markerValue: (params.markerValue as string | undefined) ?? job.id } : {}),
    ...changes,
  };
}

/** @throws SluiceError WRONG_STATE, NO_REDRIVE with the alternative */
export function checkRedrive(job: Job): void {
  const { id, state } = job;
  if (isActive(job)) {
    const message = `Job ${id} is ${state}; its failures can be redriven once it has ended or is paused.`;
    throw new SluiceError("WRONG_STATE", message, { value: state });
  }
  const why = instead(job);
  if (why !== undefined) throw new SluiceError("NO_REDRIVE", `Job ${id} can't be redriven: ${why}`, { value: id });
}

/** Why the list of failures, which has only the items' keys, is not enough for a job, and what to do. */
function instead({ operation, source }: Job): string | undefined {
  if (operation.name === "undo") {
    return "it undoes another job. Undo that job again with `jobs undo`: what is undone already counts as already.";
  }
  // The job's table need not have the items.
  if (operation.name !== "copy" || source.kind !== "export") return undefined;
  return "its items come from an export. Start it again over the export, with --if-absent.";
}
