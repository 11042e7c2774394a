/**
 * Checks a start request beyond its form, against the operation and the source. Pure. A malformed option counts as given, but
 * don't draw conclusions from its value, nor from the name of an operation that does not exist.
 */
import { marshall } from "@aws-sdk/util-dynamodb";
import type { Direction } from "../../shared/capacity/metering/direction";
import type { CheckedRequest, Form } from "../../shared/jobs/startRequest";
import type { Operation } from "../../shared/operations/operation";
import { ownOperations } from "../../shared/operations/registry";
import type { RequestOptions } from "../../shared/requestOption";
import type { SourceKind } from "../../shared/sources/source";
import type { SourceSpec } from "../../shared/sources/specs";

export interface Judged {
  readonly form: Form<CheckedRequest>;
  readonly kind: SourceKind<SourceSpec, unknown>;
  /** Facts that the source kind found about the table in the request. Undefined: the request names none. */
  readonly facts: unknown;
  /** The operation of the request's name, if there is one, and the names that there are. */
  readonly operation: Operation | undefined;
  readonly operations: readonly string[];
}

/** All problems, a sentence each. */
export function contentProblems(judged: Judged): string[] {
  const { form, kind, facts } = judged;
  return [
    ...operationProblems(judged),
    ...jsonProblems("params", form.sound.params),
    ...paramProblems(judged),
    ...(facts === undefined ? [] : kind.problems(form.sound, form.given, facts)),
    ...rateProblems(judged, "read"),
    ...rateProblems(judged, "write"),
  ];
}

/** The parameters of the operation: a user's own, or the options that the operation declares. */
export function paramsOf(sound: Partial<CheckedRequest>, operation: Operation | undefined): Record<string, unknown> {
  const given = sound as Readonly<Record<string, unknown>>;
  const declared = Object.keys(operation?.options ?? {}).filter((name) => given[name] !== undefined);
  return { ...sound.params, ...Object.fromEntries(declared.map((name) => [name, given[name]])) };
}

/** In which directions a job consumes capacity: a source is read, and the operation may write. */
export function directionsOf(operation: Operation | undefined): Direction[] {
  return [...new Set<Direction>(["read", ...(operation?.uses ?? [])])];
}

function operationProblems({ form: { given, sound }, operation, operations }: Judged): string[] {
  const name = sound.operation;
  if (name === undefined) return [];
  if (operation === undefined) return [`operation must be one of ${operations.join(", ")}, got "${name}".`];
  const problems: string[] = [];
  for (const [option, reason] of Object.entries(operation.excludes ?? {})) if (given.has(option)) problems.push(reason);
  for (const [other, { options }] of Object.entries(ownOperations)) {
    if (other !== name) problems.push(...foreignOptions(given, options, operation, other));
  }
  if (!operation.freeParams && given.has("params")) problems.push("params are for operations of your own.");
  return problems;
}

/** Options that another operation declares and this one does not. */
function foreignOptions(
  given: ReadonlySet<string>,
  options: RequestOptions = {},
  operation: Operation,
  other: string,
): string[] {
  const foreign = Object.keys(options).filter(
    (option) => given.has(option) && operation.options?.[option] === undefined,
  );
  return foreign.map((option) => `${option} is an option of ${other} only.`);
}

function paramProblems({ form, operation }: Judged): string[] {
  return isMalformed(form, "params") ? [] : (operation?.check?.(paramsOf(form.sound, operation)) ?? []);
}

function rateProblems({ form, kind, facts, operation }: Judged, direction: Direction): string[] {
  const option = `${direction}Rate` as const;
  const rate = form.sound[option];
  const used = directionsOf(operation).includes(direction);
  if (!form.given.has(option)) return used ? [`${option} must be given.`] : [];
  if (!used && operation !== undefined) return [`${option} is for operations that ${direction} items.`];
  if (rate === undefined || facts === undefined || isMalformed(form, "index")) return [];
  const limits = kind.limits(form.sound, facts, rate);
  const most = kind.mostPerSecond(form.sound, facts);
  if (limits === undefined || most === undefined || limits.table <= most) return [];
  const place = form.sound.index === undefined ? "table" : "index";
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
