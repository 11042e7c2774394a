/**
 * Checks a start request beyond its form, against the operation, the source and the tables. Pure. A malformed option counts as
 * given, but don't draw conclusions from its value, nor from the name of an operation that does not exist.
 */
import { marshall } from "@aws-sdk/util-dynamodb";
import type { Direction } from "../../shared/capacity/metering/direction";
import type { RefusedTable } from "../../shared/jobs/startFunction";
import type { CheckedRequest, Form } from "../../shared/jobs/startRequest";
import type { Changed, OperationDeclaration } from "../../shared/operations/operation";
import { ownOperations } from "../../shared/operations/registry";
import { jobTableProblems } from "../../shared/sources/jobTable";
import { sourceKinds } from "../../shared/sources/registry";
import type { SourceKind } from "../../shared/sources/source";
import type { SourceSpec } from "../../shared/sources/specs";
import type { Described } from "../../shared/tables/facts";
import { type RateLimits, readLimits, writeLimits } from "../../shared/tables/limits";

export interface Judged {
  readonly form: Form<CheckedRequest>;
  readonly kind: SourceKind<SourceSpec, unknown>;
  /** The table in the request. Undefined: the request names none. */
  readonly table: Described | undefined;
  /** Facts that the source kind found about its place. */
  readonly facts: unknown;
  /**
   * The table that the operation changes, and whether the stack may change it. Undefined: the operation changes no table.
   */
  readonly target: Target | undefined;
  /** The operation that the request names, if it exists, and the names of all operations. */
  readonly operation: OperationDeclaration | undefined;
  readonly operations: readonly string[];
  /** The most workers that run the operation at once. 0: the stack has no workers for it. */
  readonly mostWorkers: number;
  /** Whether the stack has the workflow driver. */
  readonly hasWorkflow: boolean;
  /** Names of the user's own operations that the spark driver knows. Default: the stack has no spark driver. */
  readonly sparkOperations?: readonly string[] | undefined;
}

export interface Target extends Changed {
  readonly described: Described;
  /** `denied`: the stack may not change the table. */
  readonly access: "allowed" | "denied";
}

/** All problems, a sentence each. */
export function contentProblems(judged: Judged): string[] {
  const { form, kind, table } = judged;
  return [
    ...operationProblems(judged),
    ...driverProblems(judged),
    ...jsonProblems("params", form.sound.params),
    ...paramProblems(judged),
    ...sourceOptionProblems(judged),
    ...(table === undefined ? [] : kind.problems(form.sound, form.given, groundOf(judged, table))),
    ...wholeItemsProblems(judged),
    ...targetProblems(judged),
    ...rateProblems(judged, "read"),
    ...rateProblems(judged, "write"),
  ];
}

/** The input from which the source is planned. */
export function groundOf<Table extends Described>({ facts, operation, form }: Judged, table: Table) {
  return { table, facts, needsItems: operation?.needsItems?.(paramsOf(form.sound, operation)) ?? true };
}

/** The parameters of the operation: `params` of a user's operation, or the options that the operation declares. */
export function paramsOf(
  sound: Partial<CheckedRequest>,
  operation: OperationDeclaration | undefined,
): Record<string, unknown> {
  const given = sound as Readonly<Record<string, unknown>>;
  const declared = Object.keys(operation?.options ?? {}).filter((name) => given[name] !== undefined);
  return { ...sound.params, ...Object.fromEntries(declared.map((name) => [name, given[name]])) };
}

/** A limit that the job needs. */
export interface NeededLimit {
  readonly direction: Direction;
  /** Name of the table. */
  readonly table: string;
  /** The limits that follow from the request's rate; undefined: no rate, or the facts show no capacity. */
  readonly limits: RateLimits | undefined;
}

/**
 * The limits that the job needs, reading first. A job that writes reads at the write rate if no read rate is given. A dry run
 * gets a write limit if it has a write rate: it consumes nothing, but the job's result shows the effect of that limit.
 */
export function neededLimits(judged: Judged): NeededLimit[] {
  const { form, kind, table, target } = judged;
  const { sound } = form;
  const needed: NeededLimit[] = [];
  const reads = table === undefined ? undefined : kind.reads(sound, groundOf(judged, table));
  if (reads !== undefined && sound.table !== undefined) {
    const rate = sound.readRate ?? (target === undefined ? undefined : sound.writeRate);
    const limits = rate === undefined ? undefined : readLimits(table!, rate, reads.index);
    needed.push({ direction: "read", table: sound.table, limits });
  }
  if (target !== undefined && !(target.dryRun && sound.writeRate === undefined)) {
    const limits = sound.writeRate === undefined ? undefined : writeLimits(target.described, sound.writeRate);
    needed.push({ direction: "write", table: target.table, limits });
  }
  return needed;
}

function operationProblems({ form: { given, sound }, kind, operation, operations, mostWorkers }: Judged): string[] {
  const name = sound.operation;
  if (name === undefined) return [];
  if (operation === undefined) return [`operation must be one of ${operations.join(", ")}, got "${name}".`];
  const problems: string[] = [];
  for (const [option, reason] of Object.entries(operation.excludes ?? {})) if (given.has(option)) problems.push(reason);
  problems.push(...foreignOptions(given, operation, kind));
  if (mostWorkers === 0)
    problems.push(`operation ${name} needs tables that may be changed (config backfillTables); the stack has none.`);
  if (!operation.freeParams && given.has("params")) problems.push("params are for operations of your own.");
  return problems;
}

function driverProblems(judged: Judged): string[] {
  const { form, hasWorkflow, sparkOperations } = judged;
  const { driver } = form.sound;
  const others = [
    "queue",
    ...(hasWorkflow ? ["workflow"] : []),
    ...(sparkOperations === undefined || sparkProblem(judged, sparkOperations) !== undefined ? [] : ["spark"]),
  ];
  const because = (reason: string) => [`driver must be ${others.join(" or ")}: ${reason}.`];
  if (driver === "workflow" && !hasWorkflow) {
    return because("the stack has no workflow (config shuffleMaximumConcurrency)");
  }
  if (driver !== "spark") return [];
  if (sparkOperations === undefined) return because("the stack has no Glue job (config glueWorkers)");
  const problem = sparkProblem(judged, sparkOperations);
  return problem === undefined ? [] : because(problem);
}

/** Why the spark driver, whose tasks run Python, can't do the job. Undefined: it can. */
export function sparkProblem(
  { form, kind, operation }: Pick<Judged, "form" | "kind" | "operation">,
  sparkOperations: readonly string[],
): string | undefined {
  const name = form.sound.operation;
  if (kind.kind === "records" || name === "undo") return "only workers in TypeScript read the former values of items";
  if (name === undefined || operation === undefined) return undefined;
  if (Object.hasOwn(ownOperations, name) || sparkOperations.includes(name)) return undefined;
  return `operation ${name} is in TypeScript, and config gluePythonOperations names no twin of it in Python`;
}

/** Options that only other operations declare: not this one, and not the source. */
function foreignOptions(
  given: ReadonlySet<string>,
  operation: OperationDeclaration,
  { options: ofSource }: Judged["kind"],
): string[] {
  return [...given].flatMap((option) => {
    if (operation.options?.[option] !== undefined || ofSource[option] !== undefined) return [];
    const owners = Object.entries(ownOperations).filter(([, { options = {} }]) => options[option] !== undefined);
    return owners.length === 0 ? [] : [`${option} is an option of ${owners.map(([name]) => name).join(", ")} only.`];
  });
}

/** Options that only another kind of source declares: not this one, and not the operation. */
function sourceOptionProblems({ form: { given }, kind, operation }: Judged): string[] {
  return [...given].flatMap((option) => {
    if (kind.options[option] !== undefined || operation?.options?.[option] !== undefined) return [];
    const owners = sourceKinds.filter(({ options }) => options[option] !== undefined);
    return owners.length === 0
      ? []
      : [`${option} is an option of source ${owners.map(({ kind }) => kind).join(", ")} only.`];
  });
}

function paramProblems({ form, kind, operation, table, target }: Judged): string[] {
  if (isMalformed(form, "params")) return [];
  const tables = { table: schemaIn(table), target: schemaIn(target?.described) };
  return operation?.check?.(paramsOf(form.sound, operation), { source: kind.kind, ...tables }) ?? [];
}

/**
 * An operation that decides on an item by its attributes would take those that were not read for missing ones: it would report
 * an item without the attribute to remove as done, and reckon a dry run from a part of the item.
 */
function wholeItemsProblems({ form: { sound }, kind, operation, table, facts, target }: Judged): string[] {
  if (target === undefined || table === undefined) return [];
  if (operation?.needsItems?.(paramsOf(sound, operation)) === false) return [];
  const why = kind.partial?.(sound, { table, facts });
  return why === undefined ? [] : [`This ${sound.operation} needs whole items, but ${why}.`];
}

function schemaIn(described: Described | undefined) {
  return typeof described === "object" ? described.schema : undefined;
}

/** The problems among them that are about a table which the stack doesn't have. */
export function refusedTables(judged: Judged): RefusedTable[] {
  const { form, table, target } = judged;
  const own = typeof table === "string" ? jobTableProblems(form.sound.table, table) : [];
  const isMissing = target?.access === "denied" || typeof target?.described === "string";
  const changed = isMissing ? targetProblems(judged) : [];
  const option = target?.table === form.sound.table ? "table" : "to";
  return [
    ...own.map((problem) => ({ option: "table", among: "readable", problem }) as const),
    ...changed.map((problem) => ({ option, among: "changeable", problem }) as const),
  ];
}

function targetProblems({ form, target }: Judged): string[] {
  if (target === undefined || form.sound.table === undefined) return [];
  const { table: name, described, access, dryRun } = target;
  const isOwn = name === form.sound.table;
  const option = isOwn ? "table" : "to";
  if (access === "denied" && !(isOwn && dryRun)) {
    return [`${option} must be one of the tables that may be changed (config backfillTables); "${name}" is not.`];
  }
  // The source reports the job's own table.
  if (isOwn) return [];
  if (typeof described === "string") return [`to must exist, but there is no table "${name}".`];
  const active = described.status === "ACTIVE" || described.status === "UPDATING";
  return active ? [] : [`to must be active, "${name}" is ${described.status}.`];
}

function rateProblems(judged: Judged, direction: Direction): string[] {
  const { form, operation, table, target } = judged;
  const option = `${direction}Rate` as const;
  const needed = table === undefined ? undefined : neededLimits(judged).find((each) => each.direction === direction);
  const isRead = direction === "read";
  if (!form.given.has(option)) {
    const replaced = isRead && target !== undefined && form.given.has("writeRate");
    return needed === undefined || replaced ? [] : [`${option} must be given.`];
  }
  if (operation !== undefined && table !== undefined && needed === undefined && !isMalformed(form, "table")) {
    return isRead
      ? ["readRate is for jobs that read the table; this one doesn't."]
      : [`${option} is for operations that ${direction} items.`];
  }
  if (form.sound[option] === undefined || needed?.limits === undefined || isMalformed(form, "index")) return [];
  const { limits, most } = needed.limits;
  if (limits.table <= most) return [];
  const place = isRead && form.sound.index !== undefined ? "index" : "table";
  return [
    `${option} must be at most what the ${place} allows, ${most} capacity units per second, got ${limits.table}.`,
  ];
}

/** Params are kept in the job's record as attribute values. */
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
