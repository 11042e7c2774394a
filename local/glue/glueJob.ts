/** A Glue job as the program declared it. */
export interface GlueJob {
  name: string;
  arn: string;
  roleArn: string;
  /** `s3://<bucket>/<key>`. */
  scriptLocation: string;
  defaultArguments: Readonly<Record<string, string>>;
  /** Arguments that no run can change. */
  nonOverridableArguments: Readonly<Record<string, string>>;
  timeoutMinutes: number;
  maxConcurrentRuns: number;
  /** Such as `G.1X`. */
  workerType: string;
  /** One of them is the driver's. */
  numberOfWorkers: number;
  executionClass: "STANDARD" | "FLEX";
  glueVersion: string;
}

/** The settings in which a run may differ from its job. */
export type RunOptions = Pick<GlueJob, "timeoutMinutes" | "workerType" | "numberOfWorkers" | "executionClass"> & {
  /** The run's own arguments. */
  arguments: Readonly<Record<string, string>>;
};
