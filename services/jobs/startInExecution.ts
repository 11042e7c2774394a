/** Makes a job for an execution of the workflow driver's state machine that was started with a start request. */
import { jobIdOf } from "../../shared/drivers/workflow/jobIdOf";
import { SluiceError } from "../../shared/errors";
import { JobControl } from "../../shared/jobs/control";
import { driverOf } from "../../shared/jobs/job";
import type { ExecutionAnswer } from "../../shared/jobs/startFunction";
import { checkedExecution, invalidRequest } from "../../shared/jobs/startRequest";
import { isPlainObject } from "../../shared/json";
import { checkRequest } from "./checkRequest";
import { type StartJobOptions, startJob } from "./startJob";

/**
 * If the request has no id, the job's id is made from the execution's name. So a retry by the state machine makes no
 * second job.
 * @throws SluiceError INVALID_REQUEST (`value`: all problems, a sentence each), JOB_EXISTS
 */
export async function startInExecution(given: unknown, options: StartJobOptions): Promise<ExecutionAnswer> {
  const { start, execution } = checkedExecution(given);
  const request = isPlainObject(start) ? { driver: "workflow", ...start } : start;
  if (isPlainObject(request) && (request.driver === "queue" || request.driver === "spark")) {
    const other = await problemsOf({ ...request, driver: "workflow" }, jobIdOf(execution), options);
    throw invalidRequest(["driver must be workflow, or absent: the request started an execution.", ...other]);
  }
  const driver = () => ({ begin: async () => execution });
  const initiator = { caller: execution };
  const { job: id } = await startJob(request, jobIdOf(execution), { ...options, driver, initiator });
  const job = await new JobControl(options.dynamodb, options.jobsTable, () => options.clock.now()).read(id);
  if (job.execution === execution) return { job: id, epoch: job.epoch };
  const others = driverOf(job) === "workflow" ? `execution ${job.execution}` : `the ${driverOf(job)} driver`;
  throw new SluiceError("JOB_EXISTS", `jobId must be new, but ${others} works on job "${id}".`, { value: id });
}

async function problemsOf(request: object, id: string, options: StartJobOptions): Promise<readonly string[]> {
  try {
    await checkRequest(request, id, options);
    return [];
  } catch (error) {
    if (error instanceof SluiceError && error.code === "INVALID_REQUEST") return error.value as string[];
    throw error;
  }
}
