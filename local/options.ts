import type { Clock } from "../shared/clock";
import type { CapacitySettingsInput } from "./gateway/throttling/settings";

/** The options of `startLocalCloud`. */
export interface LocalCloudOptions {
  /** Port of the gateway. Default 0: a free one. */
  port?: number;
  /** Folder of the Pulumi project. Default Sluice's own. */
  project?: string;
  /** The stack whose config is used. Default `dev`. */
  stack?: string;
  /** Config keys that override the stack's. */
  config?: Record<string, string>;
  /** Fault rules in force from the start; see faults/rule.ts. Default none. */
  faults?: unknown;
  /**
   * Tables whose capacity is modelled from the start; see gateway/throttling/settings.ts. `table` is a table's name or the
   * name of a stack output that holds it. Default none.
   */
  capacity?: readonly CapacitySettingsInput[];
  /** Whether Java optimizes the code of DynamoDB Local; see backends/dynamodbLocal.ts. Default: no. */
  optimizeDatabase?: boolean;
  /** The clock of the capacity model. Default the system's. */
  capacityClock?: Clock;
  /** Ends the start: it then fails with the signal's reason. Later it has no effect. Default: nothing ends it. */
  signal?: AbortSignal;
  /** Gets the output of functions, by log group. Default: it is dropped. */
  onLog?: (logGroup: string, text: string) => void;
  /** Gets errors inside the local cloud. Default: standard error. */
  onError?: (error: unknown) => void;
}
