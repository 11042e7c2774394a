/** A table or an index as a source: its options in a start request, and how it is split into segments. */
import { type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { attributeValues } from "../../aws/expressions/values";
import { readCapacityUnits } from "../../capacity/metering/capacityUnits";
import { readFrom } from "../../tables/facts";
import type { SourceKind } from "../source";
import { type TableRequest, tableOptions } from "./options";
import { tableProblems } from "./problems";
import { automaticSegments } from "./segments";
import type { TableSpec } from "./spec";
import { tableReader } from "./tableReader";
import { scanInput } from "./tableScan";

export const tableKind: SourceKind<TableSpec> = {
  ...tableReader,
  options: tableOptions,
  problems: (sound, given, { table }) => tableProblems(sound as Partial<TableRequest>, given, table),
  reads: (sound) => {
    const { index } = sound as Partial<TableRequest>;
    return index === undefined ? {} : { index };
  },
  spec: (sound) => specOf(sound as TableRequest),
  plan: (sound, { table }, limits) => {
    const { index, segments, consistentRead } = sound as TableRequest;
    const { bytes, items, identity, read } = readFrom(table, index)!;
    const units = segments === "auto" ? automaticSegments(bytes, limits!.table) : segments;
    const capacity = { perSecond: read.perSecond, paidBy: read.from === "provisioned" ? "hour" : "request" } as const;
    return { units, estimate: { items, bytes, rcu: passRcu(bytes, consistentRead) }, identity, capacity };
  },
  probe: probeExpressions,
};

/** Read capacity units of so many bytes, read in full pages. */
function passRcu(bytes: number, consistentRead: boolean): number {
  return bytes === 0 ? 0 : readCapacityUnits(bytes, consistentRead ? "strong" : "eventual");
}

function specOf(request: TableRequest): TableSpec {
  const { table, index, consistentRead, filter, projection, names } = request;
  const values = attributeValues(request.values, request.typedValues);
  return {
    kind: "table",
    table,
    consistentRead,
    ...(index === undefined ? {} : { index }),
    ...(filter === undefined ? {} : { filter }),
    ...(projection === undefined ? {} : { projection }),
    ...(names === undefined ? {} : { names }),
    ...(values === undefined ? {} : { values }),
  };
}

/** Lets DynamoDB itself judge the expressions. */
async function probeExpressions(spec: TableSpec, dynamodb: DynamoDBClient): Promise<string[]> {
  if (spec.filter === undefined && spec.projection === undefined) return [];
  try {
    await dynamodb.send(new ScanCommand({ ...scanInput(spec), Limit: 1 }));
    return [];
  } catch (error) {
    if ((error as Error).name !== "ValidationException") throw error;
    return [`filter, projection, names and values must fit together: ${(error as Error).message}.`];
  }
}
