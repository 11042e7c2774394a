import type * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../../shared/infra/policy";
import type { JobRecords } from "../jobs/records";
import type { Reach } from "../jobs/tableAccess";
import type { GlueSettings } from "./config";
import type { UnitQueues } from "./permissions";

/** Every field of `glueFields` (config.ts), with its defaults and bounds, and: */
export interface SparkJobsArgs extends Reach, UnitQueues, Partial<GlueSettings> {
  /** The resources that hold its jobs. */
  records: JobRecords;
  /** ARN of the Glue job, as `glueJobArn` returns it for the same name. */
  glueJobArn: pulumi.Input<string>;
  /** Names of the user's own operations, some of which may have a twin in Python. Updates have none. Default: none. */
  operationNames?: readonly string[];
  /** What the twins may do, besides the work on the tables: statements for the run's role. Default: nothing. */
  operationPermissions?: Statement[];
  /** True makes `pulumi destroy` stop at log groups. Default true. */
  deletionProtection?: boolean;
  /** Tags besides project, stack and service. Default none. */
  tags?: Record<string, string>;
}
