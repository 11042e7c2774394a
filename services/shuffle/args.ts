import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../../shared/infra/policy";
import type { JobRecords } from "../jobs/records";
import type { Reach } from "../jobs/tableAccess";
import type { ShuffleSettings } from "./config";

/** Every field of `shuffleFields` (config.ts), with its defaults and bounds, and: */
export interface ShuffleWorkflowArgs extends Reach, Partial<ShuffleSettings> {
  /** The resources that hold its jobs. */
  records: JobRecords;
  /** The start function, which makes jobs from start requests and opens epochs. */
  start: aws.lambda.Function;
  /** ARN of the state machine, as `stateMachineArn` returns it for the same name. */
  stateMachineArn: pulumi.Input<string>;
  /** The user's own operations: name to path of a module, from the project's folder. See shared/operations/operation.ts. */
  operations?: Readonly<Record<string, string>>;
  /** The user's own updates, in the same form. */
  updates?: Readonly<Record<string, string>>;
  /**
   * What the user's own operations may do, besides Scan of the tables: statements for the workers' roles. Default: nothing.
   */
  operationPermissions?: Statement[];
  /** True makes `pulumi destroy` stop at log groups. Default true. */
  deletionProtection?: boolean;
  /** Tags besides project, stack and service. Default none. */
  tags?: Record<string, string>;
}
