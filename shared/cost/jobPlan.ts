/** A job's plan, as the start function answers it: everything that an estimate needs, except prices. */
import type { Direction } from "../capacity/metering/direction";
import type { CapacityLimits } from "../capacity/metering/limits";
import type { ReadCapacity } from "../sources/source";

export interface JobPlan {
  /** The table that it changes. Absent: none. */
  readonly changes?: { readonly table: string; readonly dryRun: boolean };
  readonly work: { readonly operation: string; readonly table: string; readonly index?: string };
  /** The driver that the request names. Default: queue. */
  readonly driver?: "workflow" | "spark";
  /** Kind of its source. Default: table. */
  readonly source?: string;
  /** Whether the source has a filter or a projection: reading costs the same, but the operation gets less. */
  readonly filtered: boolean;
  readonly consistentRead: boolean;
  /** The size that DynamoDB last counted, up to six hours ago; 0: not known. */
  readonly items: number;
  readonly bytes: number;
  /** Read capacity units of one pass with full pages. */
  readonly onePassRcu: number;
  readonly units: number;
  readonly limits: readonly {
    readonly direction: Direction;
    readonly purpose?: "lookup";
    readonly table: string;
    readonly limits: CapacityLimits;
  }[];
  /** Read capacity of the table or index that is read. Absent: not known. */
  readonly capacity?: ReadCapacity;
  readonly workers: WorkerSettings;
  /** Settings of a run of the spark driver. Absent: there is no such driver, or it can't do the job. */
  readonly spark?: SparkSettings;
  /** Warnings that starting the job would print as well, a sentence each. */
  readonly warnings: readonly string[];
}

/** Settings of the driver's worker function. */
export interface WorkerSettings {
  readonly memoryMegabytes: number;
  /** Longest invocation, seconds. */
  readonly timeoutSeconds: number;
  /** Most invocations at once. */
  readonly maximumConcurrency: number;
}

/** Settings of a Glue run of the spark driver. */
export interface SparkSettings {
  /** Glue workers, one of which only drives the others. */
  readonly workers: number;
  /** DPUs of each: 4 vCPU and 16 GB. */
  readonly dpusPerWorker: number;
  /** Whether its execution class is FLEX, on spare machines at a lower price. */
  readonly flex: boolean;
  /** Longest run, minutes. */
  readonly timeoutMinutes: number;
}
