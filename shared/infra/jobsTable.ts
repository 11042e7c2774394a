import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { type KeyedTableArgs, keyedTable } from "./keyedTable";

/**
 * The table that holds jobs, checkpoints and ledgers of all bulk services; shared/jobs/storage/jobsTable.ts describes its items.
 */
export function jobsTable(
  name: string,
  args: Pick<KeyedTableArgs, "pointInTimeRecovery" | "deletionProtection" | "tags">,
  options: pulumi.CustomResourceOptions,
): aws.dynamodb.Table {
  return keyedTable(name, { hashKey: "pk", rangeKey: "sk", expiryAttribute: "expiresAt", ...args }, options);
}
