/** The tables that bulk work may use, for the policies of its functions. */
import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { BoundedText, Statement } from "../../shared/infra/policy";
import { tableArn } from "../../shared/infra/policySizes";

export interface Reach {
  /** The tables it may work on: this program's own, or the names of others in this account and region. */
  tables: readonly (aws.dynamodb.Table | string)[];
  /** The tables that it may change, too. Default: none. */
  changedTables?: readonly (aws.dynamodb.Table | string)[];
  /** Names of the buckets with exports and lists of keys, besides the results bucket. Default: none. */
  sourceBuckets?: readonly string[];
  /** The AWS account everything belongs to, 12 digits. */
  accountId: pulumi.Input<string>;
  /** The AWS region of everything. */
  region: string;
  /** Name of the event bus on which the ends of jobs are published. Default: the account's own, `default`. */
  eventBus?: string;
}

/**
 * One statement of each kind for all tables; none if there are no tables. Each function names a table once, and its
 * indexes once, because the size of a role's policies is limited.
 */
export function onTables(
  { tables, region, accountId }: Pick<Reach, "tables" | "region" | "accountId">,
  statements: (tables: BoundedText[], indexes: BoundedText[]) => Statement[],
): Statement[] {
  const arns = tables.map((table) => tableArn(region, accountId, table));
  const indexes = arns.map((arn) => arn.plus("/index/*"));
  return arns.length === 0 ? [] : statements(arns, indexes);
}

/** Name of the bus on which the ends of jobs are published. */
export function busOf({ eventBus }: Pick<Reach, "eventBus">): string {
  return eventBus ?? "default";
}

export function busArn(reach: Pick<Reach, "eventBus" | "region" | "accountId">): pulumi.Output<string> {
  return pulumi.interpolate`arn:aws:events:${reach.region}:${reach.accountId}:event-bus/${busOf(reach)}`;
}

/** The problems of names of tables. */
export function tableNameProblems(tables: Reach["tables"]) {
  return tables.flatMap((table) => {
    if (typeof table !== "string" || /^[\w.-]{3,255}$/.test(table)) return [];
    const rule = "must be 3 to 255 letters, digits, _ - and .";
    return [{ code: "INVALID_TABLE_NAME", option: "tables", rule, value: table }];
  });
}
