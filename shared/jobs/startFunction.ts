/** What the start function takes and answers: the contract between it and whoever invokes it (people, the command line). */
import type { Job } from "./job";
import { rateOf } from "./rate";

/** Starts a job. A message to the start queue has the same form. */
export interface StartRequest {
  /** Name of the table. */
  readonly table: string;
  /** `count`, `export`, or a user's own. */
  readonly operation: string;
  /** Capacity that all workers together may consume: RCU/s, or a share of what the table (or index) has: "50%". */
  readonly rate: { readonly rcu: number | string };
  /** 1 to 100,000, or "auto" (the default): see shared/sources/table/segments.ts. */
  readonly totalSegments?: number | "auto";
  /** Name of an index to read instead of the table. */
  readonly index?: string;
  /** Default false. Not with a global index. */
  readonly consistentRead?: boolean;
  /** A filter expression. It saves no capacity: filtered items are read as well. */
  readonly filter?: string;
  /** A projection expression; not with `count`. */
  readonly projection?: string;
  /** `#name` to attribute, and `:value` to plain JSON, as filter and projection use them. */
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Readonly<Record<string, unknown>>;
  /** Of `export`: what keys of objects begin with. Default: nothing. */
  readonly exportPrefix?: string;
  /** Of `export`: `dynamodb-json` (the default; readable by what reads DynamoDB's own exports) or `json`. */
  readonly format?: "dynamodb-json" | "json";
  /** For a user's own operation. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** 1 to 64 letters, digits, `-` and `_`. Starting the same id twice starts one job. Default: made up. */
  readonly jobId?: string;
}

/** Resumes a job: paused, failed, or stuck. */
export interface ResumeRequest {
  readonly resume: string;
}

export interface StartAnswer {
  readonly job: string;
  readonly state: string;
  readonly segments: number;
  /** RCU/s that all workers together may consume. */
  readonly rcu: number;
  /** The job was there before, and under way or over: nothing new was started. */
  readonly startedBefore?: true;
}

/** A job in the form of an answer. */
export function answerOf({ id, state, units, limits }: Job): StartAnswer {
  return { job: id, state, segments: units, rcu: rateOf(limits) };
}

/** Why nothing was started. */
export interface StartRefusal {
  readonly code: string;
  /** One sentence each, all of them. */
  readonly problems: readonly string[];
}
