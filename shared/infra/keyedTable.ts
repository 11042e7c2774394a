import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { protectedIf } from "./protection";

export interface KeyedTableArgs {
  /** Name of the hash key, a string attribute. */
  hashKey: string;
  /** Name of the sort key, a string attribute too. Default none. */
  rangeKey?: string;
  /**
   * Name of the attribute with an item's expiry, in seconds since the epoch. DynamoDB deletes the item typically within two
   * days after that, without consuming capacity; until then reads return it. Items without the attribute stay. Default
   * none: every item stays.
   */
  expiryAttribute?: string;
  /** Capacity of the table in RCU/s and WCU/s, each 1 or more. Default on-demand. */
  provisioned?: { readCapacity: number; writeCapacity: number } | undefined;
  /** True lets the table be restored to any second of the last 35 days. */
  pointInTimeRecovery: boolean;
  /** True makes AWS refuse to delete the table and `pulumi destroy` stop at it. */
  deletionProtection: boolean;
  /** Tags of the table. Default none. */
  tags?: Record<string, string>;
}

/** A DynamoDB table whose keys are strings (always encrypted at rest, with the key AWS owns). */
export function keyedTable(
  name: string,
  args: KeyedTableArgs,
  options: pulumi.CustomResourceOptions,
): aws.dynamodb.Table {
  const { hashKey, rangeKey, expiryAttribute } = args;
  const keys = rangeKey === undefined ? { hashKey } : { hashKey, rangeKey };
  return new aws.dynamodb.Table(
    name,
    {
      ...keys,
      attributes: Object.values(keys).map((key) => ({ name: key, type: "S" })),
      ...(args.provisioned ? { billingMode: "PROVISIONED", ...args.provisioned } : { billingMode: "PAY_PER_REQUEST" }),
      ...(expiryAttribute === undefined ? {} : { ttl: { attributeName: expiryAttribute, enabled: true } }),
      pointInTimeRecovery: { enabled: args.pointInTimeRecovery },
      deletionProtectionEnabled: args.deletionProtection,
      tags: args.tags ?? {},
    },
    protectedIf(args.deletionProtection, options),
  );
}
