import { logGroups, mergedArguments } from "../runs/arguments";
import type { JobRun } from "../runs/jobRun";

/** DPU of a worker. https://docs.aws.amazon.com/glue/latest/dg/add-job.html */
const DPU: Readonly<Record<string, number>> = { "G.025X": 0.25, "G.1X": 1, "G.2X": 2, "G.4X": 4, "G.8X": 8 };

/** As in GetJobRun. */
export function shownRun(run: JobRun): object {
  const { job, options } = run.given;
  const seconds = ((run.endedAt ?? run.changedAt) - run.startedAt) / 1_000;
  const dpu = (DPU[options.workerType] ?? 1) * options.numberOfWorkers;
  return {
    Id: run.id,
    Attempt: 0,
    JobName: job.name,
    JobMode: "SCRIPT",
    StartedOn: run.startedAt / 1_000,
    LastModifiedOn: run.changedAt / 1_000,
    ...(run.endedAt === undefined ? {} : { CompletedOn: run.endedAt / 1_000 }),
    JobRunState: run.state,
    Arguments: options.arguments,
    ...(run.errorMessage === undefined ? {} : { ErrorMessage: run.errorMessage }),
    PredecessorRuns: [],
    AllocatedCapacity: Math.ceil(dpu),
    MaxCapacity: dpu,
    ExecutionTime: run.endedAt === undefined ? 0 : Math.round(seconds),
    Timeout: options.timeoutMinutes,
    WorkerType: options.workerType,
    NumberOfWorkers: options.numberOfWorkers,
    ExecutionClass: options.executionClass,
    GlueVersion: job.glueVersion,
    LogGroupName: logGroups(mergedArguments(job, options.arguments)).output.replace(/\/output$/, ""),
    // Only of runs whose capacity varies.
    ...(options.executionClass === "FLEX" && run.endedAt !== undefined ? { DPUSeconds: seconds * dpu } : {}),
  };
}
