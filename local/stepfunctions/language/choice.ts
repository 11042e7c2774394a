import type { Json } from "../../../shared/json";
import { RuntimeFailure } from "../stateError";
import { find, type Source } from "./paths";

/** One comparison, or `And`, `Or` and `Not` of several. */
export type ChoiceRule = { readonly [field: string]: Json };

type Scalar = string | number | boolean;
type Comparison = (value: Scalar, bound: Scalar) => boolean;

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  Equals: (value, bound) => value === bound,
  LessThan: (value, bound) => value < bound,
  LessThanEquals: (value, bound) => value <= bound,
  GreaterThan: (value, bound) => value > bound,
  GreaterThanEquals: (value, bound) => value >= bound,
};

/** Converts a value to the type that an operator compares; undefined if it has another type. */
const TYPES: Readonly<Record<string, (value: Json | undefined) => Scalar | undefined>> = {
  String: (value) => (typeof value === "string" ? value : undefined),
  Numeric: (value) => (typeof value === "number" ? value : undefined),
  Boolean: (value) => (typeof value === "boolean" ? value : undefined),
  Timestamp: timestamp,
};

const OPERATOR = /^(String|Numeric|Boolean|Timestamp)(Equals|(?:LessThan|GreaterThan)(?:Equals)?)(Path)?$/;

const TESTS: Readonly<Record<string, (value: Json | undefined) => boolean>> = {
  IsPresent: (value) => value !== undefined,
  IsNull: (value) => value === null,
  IsBoolean: (value) => typeof value === "boolean",
  IsNumeric: (value) => typeof value === "number",
  IsString: (value) => typeof value === "string",
  IsTimestamp: (value) => timestamp(value) !== undefined,
};

/** Fields of a rule that are no operator. */
const OTHER_FIELDS: readonly string[] = ["Variable", "Next", "Comment"];

/** The operator of a comparison, known or not. */
export function operatorOf(rule: ChoiceRule): string | undefined {
  return Object.keys(rule).find((field) => !OTHER_FIELDS.includes(field));
}

export function isOperator(name: string): boolean {
  return ["And", "Or", "Not", "StringMatches"].includes(name) || name in TESTS || OPERATOR.test(name);
}

/** Whether a rule holds. @throws RuntimeFailure if it compares a missing value. */
export function matches(rule: ChoiceRule, source: Source): boolean {
  const { And, Or, Not } = rule as { And?: ChoiceRule[]; Or?: ChoiceRule[]; Not?: ChoiceRule };
  if (And) return And.every((each) => matches(each, source));
  if (Or) return Or.some((each) => matches(each, source));
  if (Not) return !matches(Not, source);
  const operator = operatorOf(rule) ?? "";
  const operand = rule[operator];
  const value = find(String(rule.Variable), source);
  const test = TESTS[operator];
  if (operator === "IsPresent" && test) return test(value) === operand;
  if (value === undefined) throw missing(String(rule.Variable));
  if (test) return test(value) === operand;
  if (operator === "StringMatches") return typeof value === "string" && wildcard(String(operand)).test(value);
  return compare(operator, value, operand, source);
}

/** A value of another type than the operator's is unequal to everything. */
function compare(operator: string, value: Json, operand: Json | undefined, source: Source): boolean {
  const [, type = "", comparison = "", path] = OPERATOR.exec(operator) ?? [];
  const bound = path ? find(String(operand), source) : operand;
  if (bound === undefined) throw missing(String(operand));
  const typed = TYPES[type];
  const [left, right] = [typed?.(value), typed?.(bound)];
  return left !== undefined && right !== undefined && (COMPARISONS[comparison]?.(left, right) ?? false);
}

function missing(path: string): RuntimeFailure {
  return new RuntimeFailure(`Invalid path '${path}': The choice state's condition path references an invalid value.`);
}

/** Milliseconds since the epoch of an RFC 3339 time with its zone; undefined for anything else. */
export function timestamp(value: Json | undefined): number | undefined {
  if (typeof value !== "string") return undefined;
  const sound = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value);
  const ms = sound ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

/** `*` stands for any text; a backslash escapes it, and another backslash. */
function wildcard(pattern: string): RegExp {
  const source = pattern.replace(/\\([*\\])|\*|[^\w\s]/g, (part, escaped?: string) => {
    if (escaped !== undefined) return `\\${escaped}`;
    return part === "*" ? ".*" : `\\${part}`;
  });
  return new RegExp(`^${source}$`, "s");
}
