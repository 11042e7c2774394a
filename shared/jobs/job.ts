/** The record of a job: what is to be done, how far it has come as a whole, and what an operator wants of it now. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { CapacityLimits } from "../capacity/metering/limits";

/**
 *   starting ──► running ──► completed
 *      ▲  │        │  └────► failed ──┐
 *      │  ▼        ▼                  │
 *      │ paused ◄──┘                  │        cancelled: from any state but completed
 *      └──┴───────────────────────────┘ resume
 *
 * `starting`: the messages of the units are being sent. Workers treat it as `running`.
 */
export type JobState = "starting" | "running" | "paused" | "completed" | "failed" | "cancelled";

/** Where items come from, read by Scan. All names and expressions are checked before a job is made of them. */
export interface TableSource {
  readonly kind: "table";
  /** The table's name. */
  readonly table: string;
  /** The index to scan instead of the table itself. */
  readonly index?: string;
  /** Strongly consistent reads cost twice as much. */
  readonly consistentRead: boolean;
  /** Filter and projection, and the names and values they use, as Scan takes them. */
  readonly filter?: string;
  readonly projection?: string;
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Readonly<Record<string, AttributeValue>>;
}

/** What is done with each page; see shared/operations/operation.ts. */
export interface OperationChoice {
  /** `count`, `export`, or the name under which the service knows a user's own. */
  readonly name: string;
  /** What the operation was told, checked by itself. */
  readonly params: Readonly<Record<string, unknown>>;
}

export interface Job {
  /** 1 to 64 letters, digits, `-` and `_`. */
  readonly id: string;
  readonly source: TableSource;
  readonly operation: OperationChoice;
  readonly state: JobState;
  /** Number of units; unit `n` is segment `n` of so many. */
  readonly units: number;
  /** Units that are done, and units that failed for good. The job ends when they add up to all. */
  readonly unitsDone: number;
  readonly unitsFailed: number;
  /** Rises with every resume; messages of an earlier epoch give way. */
  readonly epoch: number;
  /** Read units per second that all workers together may consume, as last set. The ledger has what is in force. */
  readonly limits: CapacityLimits;
  /** What the table (or index) had to give when the job started, RCU/s: the bound of a change of rate. */
  readonly mostRcu: number;
  /** The table's ARN and its unique id, as DescribeTable told at the start. Absent: not known. */
  readonly tableArn?: string;
  readonly tableId?: string;
  /** Items and bytes the table said it held when the job started. AWS refreshes these about every six hours. */
  readonly estimatedItems: number;
  readonly estimatedBytes: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly endedAt?: number;
  /** What the operation made of the units' results; once completed. */
  readonly result?: unknown;
  /** Why the result could not be put together, though all units are done. */
  readonly reason?: string;
  /** True once the end was told to the event bus. */
  readonly announced?: boolean;
}

export const finalStates: readonly JobState[] = ["completed", "failed", "cancelled"];

/** Whether workers go on with its units. */
export function isActive({ state }: Pick<Job, "state">): boolean {
  return state === "starting" || state === "running";
}

/** Whether no unit is left to work on. */
export function isExhausted({ units, unitsDone, unitsFailed }: Job): boolean {
  return unitsDone + unitsFailed >= units;
}
