/**
 * What is wrong with a start request beyond its form: what the operation and the table say. Pure. An option whose form is
 * wrong counts as given, but nothing is concluded from its value, nor from an operation that there is not.
 */
import { marshall } from "@aws-sdk/util-dynamodb";
import type { Operation } from "../../shared/operations/operation";
import { capacityOf, type Described, indexOf, rcuOf, type TableFacts } from "../../shared/sources/table/facts";
import { type CheckedRequest, type Form, paramsOf } from "./request";

export interface Judged {
  readonly form: Form<CheckedRequest>;
  /** Of the table that the request names. Undefined: it names none. */
  readonly facts: Described | undefined;
  /** The operation of the request's name, if there is one, and the names that there are. */
  readonly operation: Operation | undefined;
  readonly operations: readonly string[];
}

/** All of them, a sentence each. */
export function contentProblems(judged: Judged): string[] {
  const { params, values } = judged.form.sound;
  return [
    ...operationProblems(judged),
    ...jsonProblems("params", params),
    ...paramProblems(judged),
    ...expressionProblems(judged.form),
    ...tableProblems(judged),
    ...jsonProblems("values", values),
  ];
}

function operationProblems({ form: { given, sound }, operation, operations }: Judged): string[] {
  const name = sound.operation;
  if (name === undefined) return [];
  if (operation === undefined) return [`operation must be one of ${operations.join(", ")}, got "${name}".`];
  const problems: string[] = [];
  if (name === "count" && given.has("projection")) {
    problems.push("projection makes no sense with count: it counts whole items.");
  }
  if (name !== "export") {
    if (given.has("exportPrefix")) problems.push("exportPrefix is an option of export only.");
    if (given.has("format")) problems.push("format is an option of export only.");
  }
  if ((name === "export" || name === "count") && given.has("params")) {
    problems.push("params are for operations of your own.");
  }
  return problems;
}

function paramProblems({ form, operation }: Judged): string[] {
  return isMalformed(form, "params") ? [] : (operation?.check?.(paramsOf(form.sound)) ?? []);
}

function expressionProblems({ given }: Form<CheckedRequest>): string[] {
  const problems: string[] = [];
  if (given.has("values") && !given.has("filter")) problems.push("values are used by a filter; there is none.");
  if (given.has("names") && !given.has("filter") && !given.has("projection")) {
    problems.push("names are used by filter and projection; there is none.");
  }
  return problems;
}

function tableProblems({ form, facts }: Judged): string[] {
  const { table } = form.sound;
  if (facts === undefined) return [];
  if (facts === "missing") return [`table must exist, there is no table "${table}".`];
  if (facts === "denied") {
    return [`table must be one of those the scanner was given (config scannerTables), it may not read "${table}".`];
  }
  const active = facts.status === "ACTIVE" || facts.status === "UPDATING";
  return [
    ...(active ? [] : [`table must be active, "${table}" is ${facts.status}.`]),
    ...indexProblems(form, facts),
    ...rateProblems(form, facts),
  ];
}

function indexProblems({ sound: { index, consistentRead } }: Form<CheckedRequest>, facts: TableFacts): string[] {
  if (index === undefined) return [];
  const found = indexOf(facts, index);
  if (found === undefined) {
    const known = Object.keys(facts.indexes);
    const others = known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
    return [`index must be one of the table's, ${others}, got "${index}".`];
  }
  const problems: string[] = [];
  if (found.status !== "ACTIVE") problems.push(`index must be active, "${index}" is ${found.status}.`);
  if (consistentRead && found.kind === "global") {
    problems.push("consistentRead must be false: DynamoDB reads global indexes with eventual consistency only.");
  }
  return problems;
}

function rateProblems(form: Form<CheckedRequest>, facts: TableFacts): string[] {
  const { index, rate } = form.sound;
  const capacity = isMalformed(form, "index") ? undefined : capacityOf(facts, index);
  if (rate === undefined || capacity === undefined) return [];
  const rcu = rcuOf(rate.rcu, capacity);
  if (rcu <= capacity.mostRcu) return [];
  const place = index === undefined ? "table" : "index";
  return [`rate.rcu must be at most what the ${place} allows, ${capacity.mostRcu} RCU/s, got ${rcu}.`];
}

/** They are kept in the job's record, and are attribute values there. */
function jsonProblems(option: string, values: Readonly<Record<string, unknown>> = {}): string[] {
  try {
    marshall(values);
    return [];
  } catch (error) {
    const { message } = error as Error;
    if (!/SAFE_INTEGER/.test(message)) return [`${option} must be plain JSON: ${message}.`];
    return [`${option} must have no numbers beyond 2^53, which JSON does not keep exactly.`];
  }
}

/** Given, but not of the right form. */
function isMalformed({ given, sound }: Form<CheckedRequest>, option: keyof CheckedRequest): boolean {
  return given.has(option) && sound[option] === undefined;
}
