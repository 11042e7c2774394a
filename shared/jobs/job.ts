/** The record of a job: what is to be done, how far it has come as a whole, and what an operator wants of it now. */
import type { Direction } from "../capacity/metering/direction";
import type { CapacityLimits } from "../capacity/metering/limits";
import type { Usage } from "../cost/usage";
import type { SourceSpec } from "../sources/specs";
import type { TableIdentity } from "../tables/identity";
import type { TableSchema } from "../tables/schema";

/**
 *   starting ──► running ──► completed
 *      ▲  │        │  └────► failed ──┐
 *      │  ▼        ▼                  │
 *      │ paused ◄──┘                  │        cancelled: from any state but completed
 *      └──┴───────────────────────────┘ resume
 *
 * `starting`: its chains are being dispatched. Workers treat it as `running`.
 */
export const jobStates = ["starting", "running", "paused", "completed", "failed", "cancelled"] as const;
export type JobState = (typeof jobStates)[number];

/** What hands units to workers. */
export type DriverName = "queue" | "workflow" | "spark";

/** What is done with each page; see shared/operations/operation.ts. */
export interface OperationChoice {
  /** `count`, `export`, or the name under which the service knows a user's own. */
  readonly name: string;
  /** Its parameters, checked by the operation itself. */
  readonly params: Readonly<Record<string, unknown>>;
}

/** What all workers of a job together may consume in one direction on one table, capacity units per second. */
export interface JobLimit {
  readonly direction: Direction;
  /** The table's name. */
  readonly table: string;
  /** As last set. The ledger has what is in force. */
  readonly limits: CapacityLimits;
}

/**
 * The part of a job that changes, and what a list of jobs shows. It is written again with every unit that ends, so nothing
 * large is in it but the result.
 */
export interface JobHead {
  /** 1 to 64 letters, digits, `-` and `_`. */
  readonly id: string;
  /** In short: names of the operation, the table and the index that is read. */
  readonly work: {
    readonly operation: string;
    readonly table: string;
    readonly index?: string;
    /** Name of the table that it changes, where that is another one. */
    readonly to?: string;
  };
  readonly state: JobState;
  /** What hands its units to workers. Absent: the queue driver. */
  readonly driver?: Exclude<DriverName, "queue">;
  /** What works on it: ARN of the execution of the workflow driver, or id of the Glue run of the spark driver. */
  readonly execution?: string;
  /** Number of units. */
  readonly units: number;
  /**
   * Units that are done, and units that failed for good. While the job is active, workers add to the counts when they claim
   * further units. So the counts lag by one unit for each worker, and lack the last units of crashed workers. They are exact
   * once the job has ended.
   */
  readonly unitsDone: number;
  readonly unitsFailed: number;
  /** Rises with every resume; messages of an earlier epoch give way. */
  readonly epoch: number;
  /** Number of units claimed, in the order of shared/drivers/shuffle.ts. */
  readonly claimed: number;
  /** Number of chains that work on it: those with lower numbers. */
  readonly chains: number;
  /** One for each direction and table that the operation uses. */
  readonly limits: readonly JobLimit[];
  /** Name of the group of jobs that share their limits. Absent: the limits are this job's alone. */
  readonly limitGroup?: string;
  /** The source's items and bytes when the job started; 0: not known. AWS refreshes them about every six hours. */
  readonly estimatedItems: number;
  readonly estimatedBytes: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** When it was last resumed. Absent: never. */
  readonly resumedAt?: number;
  readonly endedAt?: number;
  /** When the job's records expire, seconds since the epoch. Absent: never. */
  readonly expiresAt?: number;
  /**
   * Items that failed for good since the start or the last resumption, about: pages that a crash repeats count twice. The
   * units' results have the exact number.
   */
  readonly failures?: number;
  /** More failures than this pause the job. Absent: any number may fail. */
  readonly mostFailures?: number;
  /** Usage of the start function for it. */
  readonly usage?: Usage;
  /** What the operation made of the units' results; once completed. */
  readonly result?: unknown;
  /** Why the job failed, if there is a reason besides failed units, or why a worker paused it. */
  readonly reason?: string;
  /** True once the end was published. */
  readonly announced?: boolean;
  /** True once somebody began to delete the job: its records may be incomplete. */
  readonly deleting?: boolean;
}

/** A job. */
export interface Job extends JobHead {
  readonly source: SourceSpec;
  /** Which table and index the source was when the job began. */
  readonly identity: TableIdentity;
  readonly operation: OperationChoice;
  /** Names of the key attributes of the table that is read, the partition key first. Absent: not known, the job is an old one. */
  readonly keys?: readonly string[];
  /** The table that the operation changes, as it was when the job began. Absent: it changes none. */
  readonly target?: TableSchema;
  /** Which table that was. Absent: it is the one that is read. */
  readonly targetIdentity?: TableIdentity;
}

/** Names of the tables that a job works on: the one it reads, and another one that it changes. */
export function tablesOf({ work: { table, to } }: Pick<JobHead, "work">): string[] {
  return to === undefined ? [table] : [table, to];
}

/** Name of the job's driver. */
export function driverOf({ driver }: Pick<JobHead, "driver">): DriverName {
  return driver ?? "queue";
}

/** When its epoch began, milliseconds since the epoch of Unix. */
export function epochBegunAt({ createdAt, resumedAt = createdAt }: Pick<JobHead, "createdAt" | "resumedAt">): number {
  return resumedAt;
}

export const finalStates: readonly JobState[] = ["completed", "failed", "cancelled"];

/** Whether workers go on with its units. */
export function isActive({ state }: Pick<JobHead, "state">): boolean {
  return state === "starting" || state === "running";
}
