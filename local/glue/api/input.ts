import { ApiError } from "../../gateway/apiError";
import type { GlueJob, RunOptions } from "../glueJob";

export type Input = Readonly<Record<string, unknown>>;

/** Fields that each call takes. Other fields are refused, so that none is ignored. */
export const FIELDS: Readonly<Record<string, readonly string[]>> = {
  StartJobRun: ["JobName", "Arguments", "Timeout", "WorkerType", "NumberOfWorkers", "ExecutionClass"],
  GetJobRun: ["JobName", "RunId", "PredecessorsIncluded"],
  GetJobRuns: ["JobName", "NextToken", "MaxResults"],
  BatchStopJobRun: ["JobName", "JobRunIds"],
};

/** https://docs.aws.amazon.com/glue/latest/webapi/API_StartJobRun.html */
const MINUTES_MAX = 10_080;
const CHARACTERS_MAX = 255;
const PAGE_MAX = 200;
const STOPPED_AT_ONCE = 25;

/** @throws ApiError ValidationException. */
export function textIn(input: Input, field: string): string {
  const value = input[field];
  if (typeof value !== "string") throw constraint(field, value, "Member must not be null");
  if (value.length >= 1 && value.length <= CHARACTERS_MAX) return value;
  throw constraint(field, value, `Member must have length from 1 to ${CHARACTERS_MAX}`);
}

/** The settings in which a run differs from its job. @throws ApiError InvalidInputException, ValidationException. */
export function runOptionsIn(input: Input, job: GlueJob): RunOptions {
  const { Timeout, WorkerType, NumberOfWorkers, ExecutionClass } = input;
  if ((WorkerType === undefined) !== (NumberOfWorkers === undefined)) {
    throw new ApiError("InvalidInputException", "WorkerType and NumberOfWorkers must be set together.");
  }
  return {
    arguments: argumentsIn(input),
    timeoutMinutes: wholeIn("timeout", Timeout ?? job.timeoutMinutes, 1, MINUTES_MAX),
    workerType: String(WorkerType ?? job.workerType),
    numberOfWorkers: wholeIn("numberOfWorkers", NumberOfWorkers ?? job.numberOfWorkers, 2, Number.MAX_SAFE_INTEGER),
    executionClass: (ExecutionClass ?? job.executionClass) as RunOptions["executionClass"],
  };
}

function argumentsIn({ Arguments = {} }: Input): RunOptions["arguments"] {
  const entries = Object.entries(Arguments as Record<string, unknown>);
  const odd = entries.find(([, value]) => typeof value !== "string");
  if (odd) throw new ApiError("SerializationException", `${odd[0]} of Arguments must be a text`);
  return Object.fromEntries(entries) as RunOptions["arguments"];
}

/** @throws ApiError ValidationException. */
export function runIdsIn({ JobRunIds }: Input): string[] {
  if (Array.isArray(JobRunIds) && JobRunIds.length >= 1 && JobRunIds.length <= STOPPED_AT_ONCE) {
    return JobRunIds.map(String);
  }
  throw constraint("jobRunIds", JobRunIds, `Member must have length from 1 to ${STOPPED_AT_ONCE}`);
}

/** A page of a list. The token is the place of its first element. @throws ApiError. */
export function pageOf<T>(
  all: readonly T[],
  { MaxResults, NextToken = "0" }: Input,
): { page: T[]; NextToken?: string } {
  const from = Number(NextToken);
  if (!Number.isInteger(from)) throw new ApiError("InvalidInputException", `Invalid NextToken: ${NextToken}`);
  const to = from + wholeIn("maxResults", MaxResults ?? PAGE_MAX, 1, PAGE_MAX);
  return { page: all.slice(from, to), ...(to < all.length ? { NextToken: String(to) } : {}) };
}

function wholeIn(field: string, value: unknown, least: number, most: number): number {
  if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most) return Number(value);
  throw constraint(field, value, `Member must be a whole number from ${least} to ${most}`);
}

function constraint(field: string, value: unknown, rule: string): ApiError {
  const message = `1 validation error detected: Value '${value}' at '${field}' failed to satisfy constraint: ${rule}`;
  return new ApiError("ValidationException", message);
}
