/** The answers of the start function: the contract between it and its callers (people, the command line). */
import * as v from "valibot";
import type { JobPlan } from "../cost/jobPlan";
import { type Initiator, UNNAMED } from "./audit";
import type { JobHead, JobLimit } from "./job";

export interface StartAnswer {
  readonly job: string;
  readonly state: string;
  /** Number of units. */
  readonly units: number;
  /** What all workers together may consume. */
  readonly limits: readonly JobLimit[];
  /** The job existed before, under way or over, so nothing new was started. */
  readonly startedBefore?: true;
  /** Warnings for the operator about a job that was started, a sentence each. Absent: none. */
  readonly warnings?: readonly string[];
}

/** A job in the form of an answer. */
export function answerOf({ id, state, units, limits }: JobHead): StartAnswer {
  return { job: id, state, units, limits };
}

/**
 * Lambda's client context of an invocation, base64: who asks, for the audit list. The caller itself gives this name; CloudTrail
 * records who really invoked the function.
 */
export function clientContextOf(initiator: Initiator): string {
  return Buffer.from(JSON.stringify({ custom: initiator })).toString("base64");
}

const InitiatorSchema = v.object({
  caller: v.pipe(v.string(), v.nonEmpty()),
  origin: v.exactOptional(v.object({ action: v.picklist(["redrive", "undo"]), job: v.string() })),
});

/** Who asks, by the client context as Lambda hands it to the function. */
export function initiatorOf(clientContext: unknown): Initiator {
  const parsed = v.safeParse(v.object({ custom: InitiatorSchema }), clientContext);
  return parsed.success ? parsed.output.custom : { caller: UNNAMED };
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
  /** Tables of the request that do not exist, or that the stack may not use. Absent: none. */
  readonly tables?: readonly RefusedTable[];
}

export interface RefusedTable {
  /** The option that names it. */
  readonly option: "table" | "to";
  /** The stack's tables among which it should be: those it may read, which it may change as well, or those it may change. */
  readonly among: "readable" | "changeable";
  /** The sentence among the refusal's problems. */
  readonly problem: string;
}
