/** The answers of the start function: the contract between it and its callers (people, the command line). */
import type { JobPlan } from "../cost/jobPlan";
import type { JobHead, JobLimit } from "./job";

export interface StartAnswer {
  readonly job: string;
  readonly state: string;
  /** Number of units. */
  readonly units: number;
  /** What all workers together may consume. */
  readonly limits: readonly JobLimit[];
  /** The job was there before, and under way or over: nothing new was started. */
  readonly startedBefore?: true;
  /** Warnings for the operator about a job that was started, a sentence each. Absent: none. */
  readonly warnings?: readonly string[];
}

/** A job in the form of an answer. */
export function answerOf({ id, state, units, limits }: JobHead): StartAnswer {
  return { job: id, state, units, limits };
}

/** The answer to an execution: the job that it is to work on. */
export interface ExecutionAnswer {
  readonly job: string;
  readonly epoch: number;
}

/** A job's plan: the answer to `{ estimate: <start request> }`, which starts nothing. */
export interface PlanAnswer {
  readonly plan: JobPlan;
}

/** Why nothing was started. */
export interface StartRefusal {
  readonly code: string;
  /** One sentence each, all of them. */
  readonly problems: readonly string[];
}
