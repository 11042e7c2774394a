import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

export interface KeyedTableArgs {
  /** Name of the hash key, a string attribute. */
  hashKey: string;
  /** Name of the range key, a string attribute. Default none: one item for each hash key. */
  rangeKey?: string;
  /** Name of the attribute that holds the second (since the epoch) after which DynamoDB deletes an item. Default none. */
  expiresAt?: string;
  /** Capacity of the table in RCU/s and WCU/s, each 1 or more. Default on-demand. */
  provisioned?: { readCapacity: number; writeCapacity: number } | undefined;
  /** True lets the table be restored to any second of the last 35 days. */
  pointInTimeRecovery: boolean;
  /** True makes AWS refuse to delete the table and `pulumi destroy` stop at it. */
  deletionProtection: boolean;
  /** Tags of the table. Default none. */
  tags?: Record<string, string>;
}

/** A DynamoDB table with a string hash key and perhaps a string range key (always encrypted at rest, with the key AWS owns). */
export function keyedTable(
  name: string,
  args: KeyedTableArgs,
  options: pulumi.CustomResourceOptions,
): aws.dynamodb.Table {
  return new aws.dynamodb.Table(
    name,
    {
      hashKey: args.hashKey,
      ...(args.rangeKey === undefined ? {} : { rangeKey: args.rangeKey }),
      attributes: [args.hashKey, ...(args.rangeKey === undefined ? [] : [args.rangeKey])].map((name) => ({
        name,
        type: "S",
      })),
      ...(args.expiresAt === undefined ? {} : { ttl: { attributeName: args.expiresAt, enabled: true } }),
      ...(args.provisioned ? { billingMode: "PROVISIONED", ...args.provisioned } : { billingMode: "PAY_PER_REQUEST" }),
      pointInTimeRecovery: { enabled: args.pointInTimeRecovery },
      deletionProtectionEnabled: args.deletionProtection,
      tags: args.tags ?? {},
    },
    { ...options, protect: args.deletionProtection },
  );
}
