import { randomUUID } from "node:crypto";
import type { BusEvent } from "../events/event";
import type { JobRun, JobRunState } from "./runs/jobRun";

/** Further fields of the event of each end. */
const ENDS: Partial<Record<JobRunState, { severity: "INFO" | "WARN" | "ERROR"; message: string }>> = {
  SUCCEEDED: { severity: "INFO", message: "Job run succeeded" },
  STOPPED: { severity: "INFO", message: "Job run stopped" },
  TIMEOUT: { severity: "WARN", message: "Job run timed out" },
};

/**
 * The event by which Glue publishes that a run has ended.
 * https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html
 */
export function statusEvent(run: JobRun, place: { region: string; accountId: string }): BusEvent {
  const { state, id, errorMessage } = run;
  const jobName = run.given.job.name;
  const failure = `JobName:${jobName} and JobRunId:${id} failed to execute with exception ${errorMessage}`;
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": "Glue Job State Change",
    source: "aws.glue",
    account: place.accountId,
    time: new Date(run.changedAt).toISOString().replace(/\.\d+Z$/, "Z"),
    region: place.region,
    resources: [],
    detail: { jobName, jobRunId: id, state, ...(ENDS[state] ?? { severity: "ERROR", message: failure }) },
  };
}
