import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { protectedIf } from "./protection";

export interface KeyedTableArgs {
  /** Name of the hash key, a string attribute. */
  hashKey: string;
  /** Name of the sort key, a string attribute too. Default none. */
  rangeKey?: string;
  /**
   * Name of the attribute with an item's expiry, in seconds since the epoch. DynamoDB typically deletes the item within
   * a few days after that, without consuming capacity; until then reads return it. Items without the attribute stay.
   * Default none: every item stays.
   */
  expiryAttribute?: string;
  /** A global secondary index: its name and its keys, which are strings. It holds only the keys. Default none. */
  index?: { name: string; hashKey: string; rangeKey: string };
  /** Capacity of the table, and of its index, in RCU/s and WCU/s, each 1 or more. Default on-demand. */
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
  const { hashKey, rangeKey, expiryAttribute, index, provisioned } = args;
  const keys = rangeKey === undefined ? { hashKey } : { hashKey, rangeKey };
  const keyNames = new Set([...Object.values(keys), ...(index ? [index.hashKey, index.rangeKey] : [])]);
  return new aws.dynamodb.Table(
    name,
    {
      ...keys,
      attributes: [...keyNames].map((key) => ({ name: key, type: "S" })),
      ...(index === undefined
        ? {}
        : { globalSecondaryIndexes: [{ ...index, projectionType: "KEYS_ONLY", ...provisioned }] }),
      ...(provisioned ? { billingMode: "PROVISIONED", ...provisioned } : { billingMode: "PAY_PER_REQUEST" }),
      ...(expiryAttribute === undefined ? {} : { ttl: { attributeName: expiryAttribute, enabled: true } }),
      pointInTimeRecovery: { enabled: args.pointInTimeRecovery },
      deletionProtectionEnabled: args.deletionProtection,
      tags: args.tags ?? {},
    },
    protectedIf(args.deletionProtection, options),
  );
}
