import { InvalidArgumentError } from "commander";
import { isJobId, JOB_ID } from "../shared/jobs/startRequest";

/** Parses an argument or option that is a job's id. */
export function jobId(text: string): string {
  if (isJobId(text)) return text;
  throw new InvalidArgumentError(JOB_ID);
}
