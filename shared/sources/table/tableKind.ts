/** A table or an index as a source: its options in a start request, and how it is split into segments. */
import { type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { attributeValues } from "../../aws/expressions/values";
import { readCapacityUnits } from "../../capacity/metering/capacityUnits";
import { partialIndex, readFrom } from "../../tables/facts";
import { sampleIn } from "../sample";
import type { SourceKind } from "../source";
import { type TableRequest, tableOptions } from "./options";
import { expressionProblems, placeProblems } from "./problems";
import { automaticSegments, sampledUnits, segmentsOfSample } from "./segments";
import type { TableSpec } from "./spec";
import { tableReader } from "./tableReader";
import { scanInput } from "./tableScan";

export const tableKind: SourceKind<TableSpec> = {
  ...tableReader,
  options: tableOptions,
  optionProblems: (sound, given) => expressionProblems(sound as Partial<TableRequest>, given),
  problems: (sound, { table }) => placeProblems(sound as Partial<TableRequest>, table),
  partial: (sound, { table }) => {
    const { index, projection } = sound as Partial<TableRequest>;
    return projection === undefined ? partialIndex(table, index) : "a projection leaves attributes out";
  },
  reads: (sound) => {
    const { index } = sound as Partial<TableRequest>;
    return index === undefined ? {} : { index };
  },
  spec: (sound) => specOf(sound as TableRequest),
  plan: (sound, { table }, limits) => {
    const { index, segments, consistentRead } = sound as TableRequest;
    const { bytes, items, identity, read } = readFrom(table, index)!;
    const all = segments === "auto" ? automaticSegments(bytes, limits!.table) : segments;
    const sample = sampleIn(sound);
    const units = sample === undefined ? all : sampledUnits(sample.share, all);
    const share = sample === undefined ? 1 : units / segmentsOfSample(units, sample);
    const capacity = { perSecond: read.perSecond, paidBy: read.from === "provisioned" ? "hour" : "request" } as const;
    return { units, estimate: estimateOf(items, bytes, share, consistentRead), identity, capacity };
  },
  probe: probeExpressions,
};

function estimateOf(items: number, bytes: number, share: number, consistentRead: boolean) {
  const rcu = passRcu(share * bytes, consistentRead);
  return { items: Math.round(share * items), bytes: Math.round(share * bytes), rcu };
}

/** Read capacity units of this many bytes, read in full pages. */
function passRcu(bytes: number, consistentRead: boolean): number {
  return bytes === 0 ? 0 : readCapacityUnits(bytes, consistentRead ? "strong" : "eventual");
}

function specOf(request: TableRequest & { readonly onlyIf?: string }): TableSpec {
  const { table, index, consistentRead, filter, projection, onlyIf } = request;
  const sample = sampleIn(request);
  const all = { names: request.names, values: attributeValues(request.values, request.typedValues) };
  // Scan refuses names and values that its expressions don't use.
  const { names, values } = onlyIf === undefined ? all : usedIn(`${filter ?? ""} ${projection ?? ""}`, all);
  return {
    kind: "table",
    table,
    consistentRead,
    ...(sample && { sample }),
    ...(index === undefined ? {} : { index }),
    ...(filter === undefined ? {} : { filter }),
    ...(projection === undefined ? {} : { projection }),
    ...(names === undefined ? {} : { names }),
    ...(values === undefined ? {} : { values }),
  };
}

type Named = Pick<TableSpec, "names" | "values">;

/** Names and values that the text of expressions uses. */
function usedIn(text: string, { names, values }: { [Key in keyof Named]: Named[Key] | undefined }): Named {
  const tokens = new Set(text.match(/[#:]\w+/g));
  const used = <T>(record: Readonly<Record<string, T>> = {}) => {
    const entries = Object.entries(record).filter(([key]) => tokens.has(key));
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  };
  const [usedNames, usedValues] = [used(names), used(values)];
  return { ...(usedNames && { names: usedNames }), ...(usedValues && { values: usedValues }) };
}

/** Lets DynamoDB itself check the expressions. */
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
