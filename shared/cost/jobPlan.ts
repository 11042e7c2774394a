/** What a job would do, as the start function answers it: all that an estimate needs besides prices. */
import type { Direction } from "../capacity/metering/direction";
import type { CapacityLimits } from "../capacity/metering/limits";
import type { ReadCapacity } from "../sources/source";

export interface JobPlan {
  /** The table that it changes. Absent: none. */
  readonly changes?: { readonly table: string; readonly dryRun: boolean };
  readonly work: { readonly operation: string; readonly table: string; readonly index?: string };
  /** Kind of its source. Default: table. */
  readonly source?: string;
  /** Whether the source has a filter or a projection: reading costs the same, and an operation gets less. */
  readonly filtered: boolean;
  readonly consistentRead: boolean;
  /** How much there is, as DynamoDB last counted it, up to six hours ago; 0: not known. */
  readonly items: number;
  readonly bytes: number;
  /** Read capacity units of one pass with full pages. */
  readonly onePassRcu: number;
  readonly units: number;
  readonly limits: readonly {
    readonly direction: Direction;
    readonly table: string;
    readonly limits: CapacityLimits;
  }[];
  /** Read capacity of what is read. Absent: not known. */
  readonly capacity?: ReadCapacity;
  readonly workers: WorkerSettings;
  /** Warnings that starting the job would print as well, a sentence each. */
  readonly warnings: readonly string[];
}

/** Settings of the driver's worker function. */
export interface WorkerSettings {
  readonly memoryMegabytes: number;
  /** Longest invocation, seconds. */
  readonly timeoutSeconds: number;
  /** Most that run at once. */
  readonly maximumConcurrency: number;
}
