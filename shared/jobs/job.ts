/** The record of a job: its work, its overall progress, and its state as operators set it. */
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

/** What happens to each page; see shared/operations/operation.ts. */
export interface OperationChoice {
  /** `count`, `export`, …, or the name of a user's own operation. */
  readonly name: string;
  /** Its parameters, checked by the operation itself. */
  readonly params: Readonly<Record<string, unknown>>;
}

/** The limit of all workers of a job together, for one direction on one table, capacity units per second. */
export interface JobLimit {
  readonly direction: Direction;
  /** Present if it limits the reads by which a dry run looks into the table that it would change. Absent: it doesn't. */
  readonly purpose?: "lookup";
  /** The table's name. */
  readonly table: string;
  /** The limits as last set. The ledger has those in force. */
  readonly limits: CapacityLimits;
  /** The share of the table's capacity that they were when they were set, such as `50%`. Absent: a number was given. */
  readonly percentage?: string;
}

/**
 * The part of a job that changes, and what a list of jobs shows. Every unit that ends writes it again, so apart from the
 * result it holds nothing large.
 */
export interface JobHead {
  /** 1 to 64 letters, digits, `-` and `_`. */
  readonly id: string;
  /** In short: names of the operation, the table and the index that is read. */
  readonly work: {
    readonly operation: string;
    readonly table: string;
    readonly index?: string;
    /** Name of the table that it changes, if that is not the one it reads. */
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
  /** Rises with every resume; messages of an earlier epoch are stale. */
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
   * An upper estimate of the items that failed for good since the start: pages that are repeated after a crash count again.
   * The units' counts have the exact number. Absent: none failed.
   */
  readonly failures?: number;
  /** How often the estimate was replaced by the exact number; see shared/worker/failureBrake.ts. Absent: never. */
  readonly recounts?: number;
  /** The exact number when the job was last resumed. Absent: it never was. */
  readonly failuresBefore?: number;
  /** If more items fail than this since the start or the last resume, the job pauses. Absent: any number may fail. */
  readonly mostFailures?: number;
  /** The same as a percentage of the items that were read, where that is more. Absent: only the number counts. */
  readonly mostFailuresPercent?: number;
  /** The start function's usage for this job. */
  readonly usage?: Usage;
  /** The operation's result from the units' results; once completed. */
  readonly result?: unknown;
  /** Why the job failed, if the reason isn't failed units; why a worker paused it; or why it is still starting. */
  readonly reason?: string;
  /** True once the end was published. */
  readonly announced?: boolean;
  /** True once a deletion of the job has begun: its records may be incomplete. */
  readonly deleting?: boolean;
}

/** A job. */
export interface Job extends JobHead {
  readonly source: SourceSpec;
  /** Identity of the source's table and index when the job began. */
  readonly identity: TableIdentity;
  readonly operation: OperationChoice;
  /**
   * Names of the key attributes of the table that is read, the partition key first. Absent: not known, because the job is an old
   * one.
   */
  readonly keys?: readonly string[];
  /** The table that the operation changes, as it was when the job began. Absent: the operation changes no table. */
  readonly target?: TableSchema;
  /** Name of that table. Absent: it is the one that is read. */
  readonly targetIdentity?: TableIdentity;
}

/** Names of the tables that a job works on: the one it reads, and the one it changes if that is another. */
export function tablesOf({ work: { table, to } }: Pick<JobHead, "work">): string[] {
  return to === undefined ? [table] : [table, to];
}

/** Name of the job's driver. */
export function driverOf({ driver }: Pick<JobHead, "driver">): DriverName {
  return driver ?? "queue";
}

/** When the job's epoch began, in Unix milliseconds. */
export function epochBegunAt({ createdAt, resumedAt = createdAt }: Pick<JobHead, "createdAt" | "resumedAt">): number {
  return resumedAt;
}

export const finalStates: readonly JobState[] = ["completed", "failed", "cancelled"];

/** Whether workers should work on its units. */
export function isActive({ state }: Pick<JobHead, "state">): boolean {
  return state === "starting" || state === "running";
}
