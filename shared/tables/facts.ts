/** The facts about a table that a job's start depends on, from DynamoDB. */
import {
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription,
} from "@aws-sdk/client-dynamodb";
import type { Direction } from "../capacity/metering/direction";
import { identityOf, type TableIdentity } from "./identity";
import { schemaOf, type TableSchema } from "./schema";

/**
 * The throughput of a new on-demand table or index, capacity units per second.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
 */
const ON_DEMAND: Readonly<Record<Direction, number>> = { read: 12_000, write: 4_000 };
/** The default quota of an on-demand table, capacity units per second in each direction. */
const ON_DEMAND_QUOTA = 40_000;

export interface TableFacts extends Place {
  readonly schema: TableSchema;
  /** By name. A local index has the table's capacity. */
  readonly indexes: Readonly<Record<string, IndexFacts>>;
}

/** A table or an index. */
export interface Place {
  /** Identity of the table and the index. */
  readonly identity: TableIdentity;
  /** DynamoDB's own status, such as `ACTIVE`. */
  readonly status: string;
  /**
   * DynamoDB refreshes both about every six hours: 0 may belong to a table that was filled since, so it means "not
   * known".
   */
  readonly items: number;
  readonly bytes: number;
  readonly read: Capacity;
  readonly write: Capacity;
}

/** The throughput of a table or a global index in one direction. */
export interface Capacity {
  /**
   * The base of percentages, capacity units per second: provisioned, on-demand maximum, warm throughput, or on-demand default.
   */
  readonly perSecond: number;
  readonly from: "provisioned" | "on-demand maximum" | "warm throughput" | "on-demand default";
  /** The most that it allows, capacity units per second. */
  readonly most: number;
}

export interface IndexFacts extends Place {
  readonly kind: "global" | "local";
}

/** The facts, or why there are none: the table doesn't exist, or the caller may not describe it. */
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
  const own: Place = {
    status: table.TableStatus ?? "UNKNOWN",
    items: table.ItemCount ?? 0,
    bytes: table.TableSizeBytes ?? 0,
    identity: identityOf(table, undefined),
    ...capacities(table),
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
      ...capacities(index),
      kind: "global",
    };
  }
  return { ...own, schema: schemaOf(table), indexes };
}

/** Undefined: there is no such index. An index may have any name, even `constructor`. */
export function indexOf({ indexes }: TableFacts, name: string): IndexFacts | undefined {
  return Object.hasOwn(indexes, name) ? indexes[name] : undefined;
}

/** The table or index that is read: the index, if one is named. Undefined: there is no such index. */
export function readFrom(facts: TableFacts, index: string | undefined): Place | undefined {
  return index === undefined ? facts : indexOf(facts, index);
}

/** Why an index has only a part of each item, the end of a sentence. Undefined: it has all, or there is no such index. */
export function partialIndex(facts: Described, index: string | undefined): string | undefined {
  const found = typeof facts === "string" ? undefined : facts.schema.indexes.find(({ name }) => name === index);
  return found === undefined || found.projection === "ALL" ? undefined : `index "${found.name}" lacks attributes`;
}

type Throughput = Pick<TableDescription, "ProvisionedThroughput" | "OnDemandThroughput" | "WarmThroughput">;

function capacities(of: Throughput): Pick<Place, "read" | "write"> {
  return {
    read: capacity(
      "read",
      of.ProvisionedThroughput?.ReadCapacityUnits,
      of.OnDemandThroughput?.MaxReadRequestUnits,
      of.WarmThroughput?.ReadUnitsPerSecond,
    ),
    write: capacity(
      "write",
      of.ProvisionedThroughput?.WriteCapacityUnits,
      of.OnDemandThroughput?.MaxWriteRequestUnits,
      of.WarmThroughput?.WriteUnitsPerSecond,
    ),
  };
}

/** On-demand tables report zero provisioned units, and a maximum of -1 if none is set. */
function capacity(direction: Direction, provisioned = 0, maximum = -1, warm = 0): Capacity {
  if (provisioned > 0) return { perSecond: provisioned, from: "provisioned", most: provisioned };
  if (maximum > 0) return { perSecond: maximum, from: "on-demand maximum", most: maximum };
  const most = Math.max(warm, ON_DEMAND_QUOTA);
  if (warm > 0) return { perSecond: warm, from: "warm throughput", most };
  return { perSecond: ON_DEMAND[direction], from: "on-demand default", most };
}
