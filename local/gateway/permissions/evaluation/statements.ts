import type { PolicyDocument } from "../../../roles";

/** A statement of a policy document as it is written, with each element as a list. */
export interface StatementParts {
  /** From 1, as evaluations count them. */
  index: number;
  sid: string | undefined;
  effect: string;
  /** Action patterns; those of `NotAction` as one, `everything but …`. */
  actions: string[];
  /** Resource patterns, including those of `NotResource`. */
  resources: string[];
  /** Condition keys, in lower case. */
  conditionKeys: string[];
}

type Raw = Record<string, unknown> & { Condition?: Record<string, Record<string, unknown>> };

/** The statements of a document: IAM takes a single one or a list. */
export function statementsOf({ Statement }: PolicyDocument): StatementParts[] {
  return list<Raw>(Statement).map((raw, index) => ({
    index: index + 1,
    sid: raw.Sid as string | undefined,
    effect: String(raw.Effect),
    actions: raw.NotAction ? [everythingBut(list(raw.NotAction))] : list(raw.Action),
    resources: [...list<string>(raw.Resource), ...list<string>(raw.NotResource)],
    conditionKeys: conditionKeysOf(raw),
  }));
}

export function everythingBut(actions: string[]): string {
  return `everything but ${actions.join(", ")}`;
}

/** Keys that conditions name, and those used as `${variables}` in resources and condition values. */
function conditionKeysOf(raw: Raw): string[] {
  const named = Object.values(raw.Condition ?? {}).flatMap((operands) => Object.keys(operands));
  const text = JSON.stringify([raw.Resource, raw.NotResource, raw.Condition]);
  const variables = [...text.matchAll(/\$\{([^},]+)/g)].map(([, name]) => name?.trim() ?? "");
  // ${*}, ${?} and ${$} stand for the characters themselves.
  const keys = [...named, ...variables.filter((name) => !["*", "?", "$"].includes(name))];
  return [...new Set(keys.map((key) => key.toLowerCase()))];
}

function list<T>(value: unknown): T[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]) as T[];
}
