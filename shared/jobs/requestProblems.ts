/**
 * Checks a start request beyond its form, as far as no facts about tables or objects are needed: whether its options
 * fit each other, the operation and the source. Pure. A malformed option counts as given. Don't draw conclusions from
 * its value, or from the name of an unknown operation.
 */
import { marshall } from "@aws-sdk/util-dynamodb";
import type { Direction } from "../capacity/metering/direction";
import type { CheckedAgainst, OperationDeclaration } from "../operations/operation";
import { ownOperations } from "../operations/registry";
import { sourceKinds } from "../sources/registry";
import type { SourceKind } from "../sources/source";
import type { SourceSpec } from "../sources/specs";
import type { CheckedRequest, Form } from "./startRequest";

/** A request, with the operation and the kind of source that it names. */
export interface Asked {
  readonly form: Form<CheckedRequest>;
  readonly kind: SourceKind<SourceSpec, unknown>;
  /** Undefined: there is no operation of that name. */
  readonly operation: OperationDeclaration | undefined;
}

/** What is known about the request's tables and its source. Default: nothing. */
export interface Known extends Pick<CheckedAgainst, "table" | "target"> {
  /** What the kind of source found out about its place. */
  readonly facts?: unknown;
}

/** All problems, a sentence each. */
export function requestProblems(asked: Asked, known: Known = {}): string[] {
  const { form, kind } = asked;
  return [
    ...operationProblems(asked),
    ...jsonProblems("params", form.sound.params),
    ...paramProblems(asked, known),
    ...sourceOptionProblems(asked),
    ...(kind.optionProblems?.(form.sound, form.given) ?? []),
    ...rateProblems(asked, known, "read"),
    ...rateProblems(asked, known, "write"),
  ];
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

/** Whether the operation needs whole items. */
export function needsItems({ form, operation }: Pick<Asked, "form" | "operation">): boolean {
  return operation?.needsItems?.(paramsOf(form.sound, operation)) ?? true;
}

/** Given, but not of the right form. */
export function isMalformed({ given, sound }: Form<CheckedRequest>, option: keyof CheckedRequest): boolean {
  return given.has(option) && sound[option] === undefined;
}

function operationProblems({ form: { given }, kind, operation }: Asked): string[] {
  if (operation === undefined) return [];
  const excluded = Object.entries(operation.excludes ?? {}).filter(([option]) => given.has(option));
  return [
    ...excluded.map(([, reason]) => reason),
    ...foreignOptions(given, operation, kind),
    ...(!operation.freeParams && given.has("params") ? ["params are for operations of your own."] : []),
  ];
}

/** Options that only other operations declare: not this one, and not the source. */
function foreignOptions(
  given: ReadonlySet<string>,
  operation: OperationDeclaration,
  { options: ofSource }: Asked["kind"],
): string[] {
  return [...given].flatMap((option) => {
    if (operation.options?.[option] !== undefined || ofSource[option] !== undefined) return [];
    const owners = Object.entries(ownOperations).filter(([, { options = {} }]) => options[option] !== undefined);
    return owners.length === 0 ? [] : [`${option} is an option of ${owners.map(([name]) => name).join(", ")} only.`];
  });
}

/** Options that only another kind of source declares: not this one, and not the operation. */
function sourceOptionProblems({ form: { given }, kind, operation }: Asked): string[] {
  return [...given].flatMap((option) => {
    if (kind.options[option] !== undefined || operation?.options?.[option] !== undefined) return [];
    const owners = sourceKinds.filter(({ options }) => options[option] !== undefined);
    return owners.length === 0
      ? []
      : [`${option} is an option of source ${owners.map(({ kind }) => kind).join(", ")} only.`];
  });
}

function paramProblems({ form, kind, operation }: Asked, { table, target }: Known): string[] {
  if (isMalformed(form, "params")) return [];
  const against = { source: kind.kind, name: form.sound.table, table, target };
  const problems = operation?.check?.(paramsOf(form.sound, operation), against) ?? [];
  // A malformed option is given.
  return problems.filter((problem) => !form.given.has(/^(\w+) must be given\b/.exec(problem)?.[1] ?? ""));
}

/** A rate that is missing, or that the job has no use for. */
function rateProblems(asked: Asked, { facts }: Known, direction: Direction): string[] {
  const { form, kind, operation } = asked;
  const { given, sound } = form;
  if (sound.table === undefined) return [];
  const option = `${direction}Rate` as const;
  const changed = operation?.changes?.(paramsOf(sound, operation), sound.table);
  const isRead = direction === "read";
  if (isRead && kind.readsByFacts && facts === undefined) return [];
  const needed = isRead
    ? kind.reads(sound, { needsItems: needsItems(asked), facts }) !== undefined || changed?.lookups === true
    : changed !== undefined && !(changed.dryRun && sound.writeRate === undefined);
  if (!given.has(option)) {
    const replaced = isRead && changed !== undefined && given.has("writeRate");
    return needed && !replaced ? [`${option} must be given.`] : [];
  }
  // A dry run has use for a malformed rate too.
  if (needed || operation === undefined || (!isRead && changed !== undefined)) return [];
  return isRead
    ? ["readRate is for jobs that read the table; this one doesn't."]
    : ["writeRate is for operations that write items."];
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
