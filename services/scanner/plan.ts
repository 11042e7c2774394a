/** From a request and the table's facts to a job: everything that can be refused is refused here. Pure. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import type { Job, TableSource } from "../../shared/jobs/job";
import { readLimits } from "../../shared/jobs/rate";
import type { Operation } from "../../shared/operations/operation";
import { type CheckedRequest, invalidRequest } from "./request";
import { automaticSegments } from "./segments";
import type { Capacity, TableFacts } from "./tableFacts";

export interface PlanInput {
  readonly request: CheckedRequest;
  /** Undefined: there is no such table. */
  readonly facts: TableFacts | undefined;
  /** The operation of the request's name, if there is one, and the names that there are. */
  readonly operation: Operation | undefined;
  readonly operations: readonly string[];
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** @throws SluiceError INVALID_REQUEST whose `value` lists every problem, a sentence each. */
export function planJob(input: PlanInput): Job {
  const problems = [...operationProblems(input), ...sourceProblems(input)];
  const target = targetOf(input);
  const { rate } = input.request;
  const rcu = typeof rate.rcu === "number" ? rate.rcu : ((target?.rcu ?? 0) * Number.parseFloat(rate.rcu)) / 100;
  if (target !== undefined && rcu > target.mostRcu) {
    problems.push(`rate.rcu must be at most what the ${place(input)} allows, ${target.mostRcu} RCU/s, got ${rcu}.`);
  }
  const source = sourceOf(input.request, problems);
  if (problems.length > 0 || target === undefined) throw invalidRequest(problems);
  const { request, facts, id, now } = input;
  const { totalSegments } = request;
  return {
    id,
    source,
    operation: { name: request.operation, params: paramsOf(request) },
    state: "starting",
    units: totalSegments === "auto" ? automaticSegments(target.bytes, rcu) : totalSegments,
    unitsDone: 0,
    unitsFailed: 0,
    epoch: 0,
    limits: readLimits(rcu, request.index),
    mostRcu: target.mostRcu,
    ...(facts === undefined ? {} : { tableArn: facts.arn, tableId: facts.id }),
    estimatedItems: target.items,
    estimatedBytes: target.bytes,
    createdAt: now,
  };
}

/** What the operation is told: its own params, or the options of `export`. */
export function paramsOf({ exportPrefix, format, params }: CheckedRequest): Record<string, unknown> {
  return {
    ...params,
    ...(exportPrefix === undefined ? {} : { exportPrefix }),
    ...(format === undefined ? {} : { format }),
  };
}

function operationProblems({ request, operation, operations }: PlanInput): string[] {
  const problems: string[] = [];
  const { operation: name, projection, exportPrefix, format, params } = request;
  if (operation === undefined) problems.push(`operation must be one of ${operations.join(", ")}, got "${name}".`);
  if (name === "count" && projection !== undefined) {
    problems.push("projection makes no sense with count: it counts whole items.");
  }
  if (name !== "export") {
    if (exportPrefix !== undefined) problems.push("exportPrefix is an option of export only.");
    if (format !== undefined) problems.push("format is an option of export only.");
  }
  if (params !== undefined && (name === "export" || name === "count")) {
    problems.push("params are for operations of your own.");
  }
  return [...problems, ...jsonProblems(params), ...(operation?.check?.(paramsOf(request)) ?? [])];
}

function sourceProblems({ request, facts }: PlanInput): string[] {
  const { table, index, consistentRead, filter, projection, names, values } = request;
  const problems: string[] = [];
  if (filter === undefined && values !== undefined) problems.push("values are used by a filter; there is none.");
  if (filter === undefined && projection === undefined && names !== undefined) {
    problems.push("names are used by filter and projection; there is none.");
  }
  if (facts === undefined) return [...problems, `table must exist, there is no table "${table}".`];
  if (facts.status !== "ACTIVE" && facts.status !== "UPDATING") {
    problems.push(`table must be active, "${table}" is ${facts.status}.`);
  }
  if (index === undefined) return problems;
  const found = facts.indexes[index];
  if (found === undefined) {
    const known = Object.keys(facts.indexes);
    const others = known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
    return [...problems, `index must be one of the table's, ${others}, got "${index}".`];
  }
  if (found.status !== "ACTIVE") problems.push(`index must be active, "${index}" is ${found.status}.`);
  if (consistentRead && found.kind === "global") {
    problems.push("consistentRead must be false: DynamoDB reads global indexes with eventual consistency only.");
  }
  return problems;
}

function targetOf({ request, facts }: PlanInput): Capacity | undefined {
  return request.index === undefined ? facts : facts?.indexes[request.index];
}

function place({ request }: PlanInput): string {
  return request.index === undefined ? "table" : "index";
}

function sourceOf(request: CheckedRequest, problems: string[]): TableSource {
  const { table, index, consistentRead, filter, projection, names, values } = request;
  return {
    kind: "table",
    table,
    consistentRead,
    ...(index === undefined ? {} : { index }),
    ...(filter === undefined ? {} : { filter }),
    ...(projection === undefined ? {} : { projection }),
    ...(names === undefined ? {} : { names }),
    ...(values === undefined ? {} : { values: attributesOf("values", values, problems) }),
  };
}

/** They are kept in the job's record, and are attribute values there. */
function jsonProblems(params: Readonly<Record<string, unknown>> = {}): string[] {
  const problems: string[] = [];
  attributesOf("params", params, problems);
  return problems;
}

function attributesOf(
  option: string,
  values: Readonly<Record<string, unknown>>,
  problems: string[],
): Record<string, AttributeValue> {
  try {
    return marshall(values);
  } catch (error) {
    problems.push(`${option} must be plain JSON: ${(error as Error).message}.`);
    return {};
  }
}
