/** Metrics that worker functions publish, each with the function's name as its dimension `service`. Sums over all jobs. */
export const WORK_METRICS = {
  /** Items whose page is done, as checkpoints have them. */
  items: "Items",
  /** Read capacity units that sources consumed. */
  readUnits: "ReadUnits",
  unitsDone: "UnitsDone",
  unitsFailed: "UnitsFailed",
  unitRetries: "UnitRetries",
  /** Jobs whose end was published. A crash may count one again. */
  jobsCompleted: "JobsCompleted",
  jobsFailed: "JobsFailed",
  /** How long turns took, and the part of it spent waiting for capacity, milliseconds. */
  work: "Work",
  waited: "Waited",
} as const;
