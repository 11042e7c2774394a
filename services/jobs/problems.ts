/** Checks a start request against the stack and its tables. Pure. shared/jobs/requestProblems.ts checks what needs no facts. */
import type { Direction } from "../../shared/capacity/metering/direction";
import type { JobLimit } from "../../shared/jobs/job";
import { percentageOf } from "../../shared/jobs/limits";
import { type Asked, isMalformed, needsItems, requestProblems } from "../../shared/jobs/requestProblems";
import type { RefusedTable } from "../../shared/jobs/startFunction";
import { didYouMean } from "../../shared/nearestNames";
import type { Changed } from "../../shared/operations/operation";
import { isWriting, ownOperations } from "../../shared/operations/registry";
import { jobTableProblems } from "../../shared/sources/jobTable";
import type { Described } from "../../shared/tables/facts";
import { lowRate, type RateLimits, readLimits, writeLimits } from "../../shared/tables/limits";

export interface Judged extends Asked {
  /** The table in the request. Undefined: the request names none. */
  readonly table: Described | undefined;
  /** Facts that the source kind found about its place. */
  readonly facts: unknown;
  /**
   * The table that the operation changes, and whether the stack may change it. Undefined: the operation changes no table.
   */
  readonly target: Target | undefined;
  /** Names of all operations. */
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
  const { form, kind, table, target, facts } = judged;
  const known = { table: schemaIn(table), target: schemaIn(target?.described), facts };
  return [
    ...operationProblems(judged),
    ...driverProblems(judged),
    ...requestProblems(judged, known),
    ...(table === undefined ? [] : kind.problems(form.sound, groundOf(judged, table))),
    ...wholeItemsProblems(judged),
    ...targetProblems(judged),
    ...highRateProblems(judged, "read"),
    ...highRateProblems(judged, "write"),
    ...lowRateProblems(judged),
  ];
}

/** The input from which the source is planned. */
export function groundOf<Table extends Described>({ facts, ...asked }: Judged, table: Table) {
  return { table, facts, needsItems: needsItems(asked) };
}

/** A limit that the job needs. */
export interface NeededLimit extends Omit<JobLimit, "limits"> {
  /** The limits that follow from the request's rate; undefined: no rate, or the facts show no capacity. */
  readonly limits: RateLimits | undefined;
}

/**
 * The limits that the job needs, reading first. A job that writes reads at the write rate if no read rate is given. A dry run
 * gets a write limit if it has a write rate: it consumes nothing, but the job's result shows the effect of that limit. If it looks
 * into the target, its reads there have their own limit, at the rate of the other reads.
 */
export function neededLimits(judged: Judged): NeededLimit[] {
  const { form, kind, table, target } = judged;
  const { sound } = form;
  const needed: NeededLimit[] = [];
  const reads = table === undefined ? undefined : kind.reads(sound, groundOf(judged, table));
  const rate = sound.readRate ?? (target === undefined ? undefined : sound.writeRate);
  if (reads !== undefined && sound.table !== undefined) {
    const limits = rate === undefined ? undefined : readLimits(table!, rate, reads.index);
    needed.push({ direction: "read", table: sound.table, limits, ...percentageOf(rate) });
  }
  if (target !== undefined && !(target.dryRun && sound.writeRate === undefined)) {
    const limits = sound.writeRate === undefined ? undefined : writeLimits(target.described, sound.writeRate);
    needed.push({ direction: "write", table: target.table, limits, ...percentageOf(sound.writeRate) });
  }
  if (target?.lookups) {
    const limits = rate === undefined ? undefined : readLimits(target.described, rate);
    needed.push({ direction: "read", purpose: "lookup", table: target.table, limits, ...percentageOf(rate) });
  }
  return needed;
}

function operationProblems({ form: { sound }, operation, operations, mostWorkers }: Judged): string[] {
  const name = sound.operation;
  if (name === undefined) return [];
  if (operation === undefined) {
    return [`operation must be one of ${operations.join(", ")}, got "${name}".${didYouMean(name, operations)}`];
  }
  return mostWorkers === 0
    ? [`operation ${name} needs tables that may be changed (config backfillTables); the stack has none.`]
    : [];
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
  if (Object.hasOwn(ownOperations, name)) return undefined;
  // A twin is a function of a page: it would ignore the update's conditions, and write in a dry run.
  if (isWriting(name)) return `${name} is an update in TypeScript, and only operations have twins in Python`;
  if (sparkOperations.includes(name)) return undefined;
  return `operation ${name} is in TypeScript, and config gluePythonOperations names no twin of it in Python`;
}

/**
 * An operation that decides by an item's attributes would take those that were not read for missing ones. It would count an item
 * as `already` if the attribute to remove was not read, and compute a dry run's capacity from a part of the item.
 */
function wholeItemsProblems(judged: Judged): string[] {
  const { form, kind, table, facts, target } = judged;
  if (target === undefined || table === undefined || !needsItems(judged)) return [];
  const why = kind.partial?.(form.sound, { table, facts });
  return why === undefined ? [] : [`This ${form.sound.operation} needs whole items, but ${why}.`];
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

/** A rate above what the table or index allows. */
function highRateProblems(judged: Judged, direction: Direction): string[] {
  const { form, table } = judged;
  const option = `${direction}Rate` as const;
  if (table === undefined || form.sound[option] === undefined || isMalformed(form, "index")) return [];
  return neededLimits(judged).flatMap((needed) => {
    if (needed.direction !== direction || needed.limits === undefined) return [];
    const { limits, most } = needed.limits;
    if (limits.table <= most) return [];
    const place = placeOf(needed, form.sound.index);
    return [`${option} must be at most what ${place} allows, ${most} capacity units per second, got ${limits.table}.`];
  });
}

function placeOf({ direction, purpose, table }: NeededLimit, index: string | undefined): string {
  if (purpose === "lookup") return `table ${table}, into which the dry run looks,`;
  return direction === "read" && index !== undefined ? "the index" : "the table";
}

/** A percentage of so little that the job would hardly move. */
function lowRateProblems(judged: Judged): string[] {
  const { form, table } = judged;
  if (table === undefined || isMalformed(form, "index")) return [];
  const problems = neededLimits(judged).flatMap(({ direction, limits }) => {
    const problem = limits && lowRate(limits);
    // A job that writes may read at the write rate.
    const option = form.sound[`${direction}Rate`] === undefined ? "writeRate" : `${direction}Rate`;
    return problem === undefined ? [] : [[option, problem] as const];
  });
  return [...new Map(problems)].map(([option, problem]) => `${option} ${problem}`);
}
