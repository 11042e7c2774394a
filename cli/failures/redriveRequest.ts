/** The request for a job over another job's failures. Pure. */
import { SluiceError } from "../../shared/errors";
import { isActive, type Job } from "../../shared/jobs/job";
import { limitOf } from "../../shared/jobs/limits";
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
  const writeRate = limitOf(job, "write")?.limits.table;
  return {
    operation: name,
    table: job.work.table,
    source: list,
    ...(job.driver && { driver: job.driver }),
    ...(writeRate === undefined ? {} : { writeRate }),
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
  if (job.operation.name !== "copy" || job.source.kind !== "export") return;
  // The list has only the items' keys, and the job's table need not have the items.
  const message = `Job ${id} can't be redriven: its items come from an export. Start it again over the export, with --if-absent.`;
  throw new SluiceError("NO_REDRIVE", message, { value: id });
}
