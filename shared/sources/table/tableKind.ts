/** A table or an index, read by a parallel Scan: a unit is a segment. */
import { type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import type { CapacityLimits } from "../../capacity/metering/limits";
import type { SourceKind } from "../source";
import { type Described, describeTable, rcuOf, readFrom, type TableFacts } from "./facts";
import { identifyTable } from "./identity";
import { type TableRequest, tableOptions } from "./options";
import { tableProblems } from "./problems";
import { automaticSegments } from "./segments";
import type { TableSpec } from "./spec";
import { scanInput, TableScan } from "./tableScan";
import { attributeValues } from "./values";

export const tableKind: SourceKind<TableSpec, Described> = {
  kind: "table",
  options: tableOptions,
  facts: (table, dynamodb) => describeTable(dynamodb, table),
  problems: (sound, given, facts) => tableProblems(sound as Partial<TableRequest>, given, facts),
  limits: (sound, facts, rate) => {
    const { index } = sound as Partial<TableRequest>;
    const place = typeof facts === "string" ? undefined : readFrom(facts, index);
    return place === undefined ? undefined : limitsOf(rcuOf(rate, place), index);
  },
  mostPerSecond: (sound, facts) => {
    const place = typeof facts === "string" ? undefined : readFrom(facts, (sound as Partial<TableRequest>).index);
    return place?.mostRcu;
  },
  spec: (sound) => specOf(sound as TableRequest),
  plan: (sound, facts, limits) => {
    const { index, segments } = sound as TableRequest;
    const { bytes, items, identity } = readFrom(facts as TableFacts, index)!;
    const units = segments === "auto" ? automaticSegments(bytes, limits.table) : segments;
    return { units, estimate: { items, bytes }, identity };
  },
  probe: probeExpressions,
  open: (unit, tools) => new TableScan(unit, tools),
  identify: identifyTable,
  verdict: (error, { table, index }) => {
    const { name, message } = error as Error;
    if (name === "ResourceNotFoundException") return `Table ${table} is not there any more.`;
    if (name === "AccessDeniedException") return `Table ${table} may not be read: ${message}`;
    // The words of Scan for an index that was dropped: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html
    if (name === "ValidationException" && /does not have the specified index/i.test(message)) {
      return `Table ${table} has no index ${index} any more.`;
    }
    if (name === "ValidationException" && /exclusive ?start ?key|starting key|key schema/i.test(message)) {
      return `The keys of table ${table} are not what they were when the job began: ${message}`;
    }
    return undefined;
  },
};

/** A rate as limits: of the index, where one is read, else of the table. */
function limitsOf(rcu: number, index: string | undefined): CapacityLimits {
  return index === undefined ? { table: rcu } : { table: rcu, indexes: { [index]: rcu } };
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
