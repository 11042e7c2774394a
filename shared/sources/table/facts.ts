/** The facts about a table that a job's start depends on, from DynamoDB. */
import {
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription,
} from "@aws-sdk/client-dynamodb";
import type { SourceIdentity } from "../source";
import { identityOf } from "../tableIdentity";

/** What an on-demand table or index serves from its first moment, RCU/s. */
export const ON_DEMAND_RCU = 12_000;
/** The default quota of an on-demand table, RCU/s. */
const ON_DEMAND_QUOTA_RCU = 40_000;

export interface TableFacts extends Capacity {
  /** Who the table is. */
  readonly identity: SourceIdentity;
  /** By name. A local index has the table's capacity. */
  readonly indexes: Readonly<Record<string, IndexFacts>>;
}

/** Of a table or a global index. */
export interface Capacity {
  /** As DynamoDB names it, `ACTIVE` among others. */
  readonly status: string;
  /** DynamoDB refreshes both about every six hours: 0 of a table that was filled since means "not known". */
  readonly items: number;
  readonly bytes: number;
  /** What percentages refer to, RCU/s: provisioned, on-demand maximum, warm throughput, or on-demand default. */
  readonly rcu: number;
  readonly rcuFrom: "provisioned" | "on-demand maximum" | "warm throughput" | "on-demand default";
  /** The most that the table allows, RCU/s. */
  readonly mostRcu: number;
}

export interface IndexFacts extends Capacity {
  readonly kind: "global" | "local";
  /** Table and index. */
  readonly identity: SourceIdentity;
}

/** The facts, or why there are none: no such table, or one that the function may not describe. */
export type Described = TableFacts | "missing" | "denied";

export async function describeTable(client: DynamoDBClient, table: string): Promise<Described> {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
    return Table === undefined ? "missing" : tableFacts(Table);
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return "missing";
    if ((error as Error).name === "AccessDeniedException") return "denied";
    throw error;
  }
}

/** Reads a table's description. Pure. */
export function tableFacts(table: TableDescription): TableFacts {
  const own = {
    status: table.TableStatus ?? "UNKNOWN",
    items: table.ItemCount ?? 0,
    bytes: table.TableSizeBytes ?? 0,
    identity: identityOf(table, undefined),
    ...capacity(table),
  };
  const indexes: Record<string, IndexFacts> = {};
  for (const index of table.LocalSecondaryIndexes ?? []) {
    indexes[index.IndexName!] = {
      ...own,
      items: index.ItemCount ?? 0,
      bytes: index.IndexSizeBytes ?? 0,
      identity: identityOf(table, index.IndexName),
      kind: "local",
    };
  }
  for (const index of table.GlobalSecondaryIndexes ?? []) {
    indexes[index.IndexName!] = {
      status: index.IndexStatus ?? "UNKNOWN",
      items: index.ItemCount ?? 0,
      bytes: index.IndexSizeBytes ?? 0,
      identity: identityOf(table, index.IndexName),
      ...capacity(index),
      kind: "global",
    };
  }
  return { ...own, indexes };
}

/** Undefined: there is no such index. One may have any name, `constructor` too. */
export function indexOf({ indexes }: TableFacts, name: string): IndexFacts | undefined {
  return Object.hasOwn(indexes, name) ? indexes[name] : undefined;
}

/** Of what is read: the index, where one is named, else the table. Undefined: there is no such index. */
export function readFrom(
  facts: TableFacts,
  index: string | undefined,
): (Capacity & Pick<TableFacts, "identity">) | undefined {
  return index === undefined ? facts : indexOf(facts, index);
}

/** A rate in RCU/s. @param rate RCU/s, or a share of the capacity such as "50%". */
export function rcuOf(rate: number | string, { rcu }: Capacity): number {
  return typeof rate === "number" ? rate : (rcu * Number.parseFloat(rate)) / 100;
}

type Throughput = Pick<TableDescription, "ProvisionedThroughput" | "OnDemandThroughput" | "WarmThroughput">;

function capacity(of: Throughput): Pick<Capacity, "rcu" | "rcuFrom" | "mostRcu"> {
  // On-demand tables report zero provisioned units, and a maximum of -1 where none is set.
  const provisioned = of.ProvisionedThroughput?.ReadCapacityUnits ?? 0;
  if (provisioned > 0) return { rcu: provisioned, rcuFrom: "provisioned", mostRcu: provisioned };
  const maximum = of.OnDemandThroughput?.MaxReadRequestUnits ?? -1;
  if (maximum > 0) return { rcu: maximum, rcuFrom: "on-demand maximum", mostRcu: maximum };
  const warm = of.WarmThroughput?.ReadUnitsPerSecond ?? 0;
  const mostRcu = Math.max(warm, ON_DEMAND_QUOTA_RCU);
  if (warm > 0) return { rcu: warm, rcuFrom: "warm throughput", mostRcu };
  return { rcu: ON_DEMAND_RCU, rcuFrom: "on-demand default", mostRcu };
}
